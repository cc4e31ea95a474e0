"""Checked conditions, and the tables of what a behaviour can be measured and narrowed by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from ceap.customers.contracts import Field
from ceap.segments import operators
from ceap.segments.operators import Operator
from ceap.segments.rules import Comparison, Join, Measure, Rule, Which
from ceap.segments.windows import Dates, Span

PROPERTY = "prop:"  # a filter's `on`, followed by the name of a property


@dataclass(frozen=True)
class Narrowed:
    """Only those rows whose `on` fits."""

    on: str
    operator: Operator
    value: Any


@dataclass(frozen=True)
class What:
    """Which orders ("purchased") or events ("did") are meant. `persons` leaves out what machines did."""

    behaviour: str
    event: str | None = None
    filters: tuple[Narrowed, ...] = ()
    persons: bool = False

    @property
    def whole(self) -> What:
        """The same without filters."""
        return replace(self, filters=())


@dataclass(frozen=True)
class OnField:
    """A condition on a field: the field, its operator, the value read."""

    field: Field
    operator: Operator
    value: Any


@dataclass(frozen=True)
class OnBehaviour:
    """How often, or for how much. `value` is a number (whole for a count), or two of them for "between"."""

    what: What
    measure: Measure
    comparison: Comparison
    value: Any
    window: Span | Dates | None

    @property
    def never(self) -> bool:
        """Whether it says that the customer did not do it."""
        return self.measure is Measure.COUNT and self.value == 0


@dataclass(frozen=True)
class OnMoment:
    """When first or last."""

    what: What
    which: Which
    operator: Operator
    value: Any


@dataclass(frozen=True)
class OnSegment:
    """In another segment, or not in it. `name` is None for a reader who may not see that segment."""

    segment: UUID
    name: str | None
    negated: bool


@dataclass(frozen=True)
class OnCampaign:
    """What became of the messages of a campaign; None: of any.

    `name` is "" of a campaign that is not kept here, None for a reader who may not see it.
    """

    campaign: str | None
    name: str | None
    mark: Mark
    window: Span | Dates | None


@dataclass(frozen=True)
class Mark:
    """`did`: events of which there must be one; `did_not`: of which there must be none. `words` with {campaign}."""

    key: str
    label: str
    did: str
    did_not: str
    words: str


MARKS: Mapping[str, Mark] = {
    mark.key: mark
    for mark in (
        Mark("was_sent", "was sent", "message_sent", "", "was sent {campaign}"),
        Mark("was_not_sent", "was not sent", "", "message_sent", "was not sent {campaign}"),
        Mark("received", "received", "message_delivered", "", "received {campaign}"),
        Mark("opened", "opened", "message_opened", "", "opened {campaign}"),
        Mark(
            "not_opened", "was sent and did not open", "message_sent", "message_opened",
            "was sent {campaign} and did not open it",
        ),
        Mark("clicked", "clicked in", "message_clicked", "", "clicked in {campaign}"),
        Mark(
            "not_clicked", "was sent and did not click in", "message_sent", "message_clicked",
            "was sent {campaign} and did not click in it",
        ),
        Mark("unsubscribed", "unsubscribed from", "message_unsubscribed", "", "unsubscribed from {campaign}"),
        Mark("bounced", "bounced from", "message_bounced", "", "bounced from {campaign}"),
    )
}  # fmt: skip

_TEXT = {operator.key: operator for operator in operators.TEXT}
_NUMBER = {operator.key: operator for operator in operators.NUMBER}
_NARROWED: Mapping[str, Mapping[str, Mapping[str, Operator]]] = {  # behaviour -> on -> operators by key
    "purchased": {
        **dict.fromkeys(("item", "category", "outlet"), _TEXT),
        **dict.fromkeys(("amount", "quantity"), _NUMBER),
    },
    "did": {**dict.fromkeys(("item", "campaign"), _TEXT), "amount": _NUMBER},
}
_OF_PROPERTIES = _TEXT | _NUMBER  # what they look at: texts, or numbers
MEASURES: Mapping[str, Mapping[Measure, str]] = {  # behaviour -> measure -> its label
    "purchased": {
        Measure.COUNT: "Number of orders",
        Measure.AMOUNT: "Amount in all",
        Measure.AVERAGE: "Average amount of an order",
        Measure.SHARE: "Percent of the amount of all orders",
        Measure.QUANTITY: "Pieces in all",
    },
    "did": {Measure.COUNT: "How often", Measure.AMOUNT: "Amount in all"},
}


def narrowed_by(behaviour: str) -> Mapping[str, Mapping[str, Operator]]:
    """What `behaviour` can be narrowed by, with the operators of each; under `PROPERTY` those of every property."""
    return {**_NARROWED[behaviour], PROPERTY: _OF_PROPERTIES}


Checked = OnField | OnBehaviour | OnMoment | OnSegment | OnCampaign


@dataclass(frozen=True)
class CheckedGroup:
    join: Join
    conditions: tuple[Checked, ...]


@dataclass(frozen=True)
class CheckedRule:
    """A rule every part of which is known and fits: what expressions and sentences are made from."""

    join: Join
    groups: tuple[CheckedGroup, ...]
    source: Rule

    def flat(self) -> list[Checked]:
        return [one for group in self.groups for one in group.conditions]


Asked = Callable[[Field, str, str], Any]


def as_written(of: Field, operator: str, value: str) -> str:
    return value


@dataclass(frozen=True)
class Known:
    """Names of the segments and campaigns that a rule may name; `archived` segments are refused.

    A name is None where whoever reads the rule may not see what it is the name of. `asked` reads a text for (field,
    operator) as the field keeps it, or raises ValueError.
    """

    segments: Mapping[UUID, str | None] = field(default_factory=dict)
    archived: frozenset[UUID] = frozenset()
    campaigns: Mapping[str, str | None] = field(default_factory=dict)
    asked: Asked = as_written
