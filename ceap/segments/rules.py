"""The shape of a rule: groups of conditions, joined by and / or inside and between groups.

    {"join": "and", "groups": [{"join": "or", "conditions": [
        {"kind": "field", "field": "source", "operator": "is", "value": "WhatsApp"},
        {"kind": "behaviour", "behaviour": "purchased", "measure": "count", "comparison": "at_least", "times": 3,
         "window": {"count": 365, "unit": "days"},
         "filters": [{"on": "category", "operator": "is", "value": "Gifts"}]},
        {"kind": "behaviour", "behaviour": "purchased", "measure": "amount", "comparison": "between",
         "value": [100, 500], "window": {"from": "2026-01-01", "to": "2026-06-30"}},
        {"kind": "moment", "which": "last", "behaviour": "did", "event": "course_viewed",
         "filters": [{"on": "prop:level", "operator": "is", "value": "A2"}],
         "operator": "in_last", "value": {"count": 30, "unit": "days"}},
        {"kind": "segment", "segment": "01990000-…", "operator": "in"},
        {"kind": "campaign", "campaign": "any", "operator": "opened", "window": {"count": 30, "unit": "days"}}]}]}

What a value may be depends on the operator: `ceap.segments.validation` checks that.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictInt, StrictStr, Tag

from ceap.segments.windows import Unit

LONGEST_TEXT = 1000
MOST_TIMES = 1_000_000
ANY = "any"  # campaign

Text = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_TEXT)]


class Join(StrEnum):
    AND = "and"
    OR = "or"


class Comparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"
    BETWEEN = "between"


class Measure(StrEnum):
    """What is measured of the orders or events that count."""

    COUNT = "count"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    AVERAGE = "average"  # amount per order
    SHARE = "share"  # percent of the amount of all orders that the filters leave


class Which(StrEnum):
    FIRST = "first"
    LAST = "last"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(Part):
    """In the last `count` units."""

    count: StrictInt = Field(ge=1)
    unit: Unit = Unit.DAYS


class Period(Part):
    """From one local date to another, both included; one may be left open."""

    from_: StrictStr | None = Field(None, alias="from")
    to: StrictStr | None = None


def _which_window(value: Any) -> str:
    dated = isinstance(value, Period) or (isinstance(value, dict) and {"from", "to"} & set(value))
    return "period" if dated else "last"


When = Annotated[Annotated[Window, Tag("last")] | Annotated[Period, Tag("period")], Discriminator(_which_window)]


class Filter(Part):
    """Which purchases or events count: those whose `on` ("item", "amount", … or "prop:<name>") fits."""

    on: Text
    operator: Text = "is"
    value: Any = None


class FieldCondition(Part):
    """A field of the customer, named by its column (a custom field: "c_" and its key), compared with a value."""

    kind: Literal["field"] = "field"
    field: Text
    operator: Text
    value: Any = None


class Behaviour(Part):
    """Which orders (returns left out) or events are meant."""

    behaviour: Literal["purchased", "did"]
    event: Text | None = None
    filters: tuple[Filter, ...] = Field(default=(), max_length=4)


class BehaviourCondition(Behaviour):
    """How often the customer purchased or did an event, or for how much, in a window or ever.

    A count is compared with `times`, or when it is between two with `value`; everything else with `value`.
    """

    kind: Literal["behaviour"]
    measure: Measure = Measure.COUNT
    comparison: Comparison = Comparison.AT_LEAST
    times: StrictInt | None = Field(None, ge=0, le=MOST_TIMES)
    value: Any = None
    window: When | None = None


class MomentCondition(Behaviour):
    """When the customer purchased or did an event first or last, compared as a date field is."""

    kind: Literal["moment"]
    which: Which = Which.LAST
    operator: Text
    value: Any = None


class SegmentCondition(Part):
    """Whether the customer is in another segment, by its membership that serves."""

    kind: Literal["segment"]
    segment: UUID
    operator: Literal["in", "not_in"] = "in"


class CampaignCondition(Part):
    """What became of the messages of a campaign (its id), or of any."""

    kind: Literal["campaign"]
    campaign: Text = ANY
    operator: Text
    window: When | None = None


Condition = Annotated[
    FieldCondition | BehaviourCondition | MomentCondition | SegmentCondition | CampaignCondition,
    Field(discriminator="kind"),
]
KINDS = ("field", "behaviour", "moment", "segment", "campaign")


class Group(Part):
    join: Join = Join.AND
    conditions: tuple[Condition, ...]


class Rule(Part):
    join: Join = Join.AND
    groups: tuple[Group, ...]

    def stored(self) -> dict[str, Any]:
        """The JSON that is kept with the segment."""
        return self.model_dump(mode="json", by_alias=True)
