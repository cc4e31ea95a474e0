"""What a rule can be made of: fields, behaviours, segments, campaigns, with their operators, and the limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.customers.contracts import Field
from ceap.segments import sources
from ceap.segments.contracts import Limits, campaign_names
from ceap.segments.operators import Operator, operators
from ceap.segments.queries.segments import KEY, visible_to

_LAST_YEAR = {"count": 365, "unit": "days"}
_PURCHASED: dict[str, Any] = {"kind": "behaviour", "behaviour": "purchased", "event": None, "filters": []}
# Recency, frequency, monetary: conditions to begin with, by label.
RFM: dict[str, dict[str, Any]] = {
    "Recency: last purchase": {
        **_PURCHASED, "kind": "moment", "which": "last", "operator": "in_last", "value": {"count": 90, "unit": "days"},
    },
    "Frequency: number of orders": {
        **_PURCHASED, "measure": "count", "comparison": "at_least", "times": 3, "value": None, "window": _LAST_YEAR,
    },
    "Monetary: amount in all": {
        **_PURCHASED, "measure": "amount", "comparison": "at_least", "times": None, "value": 100, "window": _LAST_YEAR,
    },
    "Monetary: average amount of an order": {
        **_PURCHASED, "measure": "average", "comparison": "at_least", "times": None, "value": 50, "window": _LAST_YEAR,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Menu:
    """Everything that the rule builder offers; `segments` and `campaigns` that the asker may see, by id."""

    fields: list[tuple[Field, list[Operator]]]
    limits: Limits
    segments: dict[str, str]
    campaigns: dict[str, str]


def menu(actor: Actor) -> Menu:
    """What a rule can be made of."""
    actor.require(KEY)
    found = [(field, list(operators(column, field.type).values())) for column, field in sources.fields(actor).items()]
    rows = visible_to(actor).filter(archived_at=None).order_by("name").values_list("pk", "name")
    return Menu(found, sources.limits(), {str(key): name for key, name in rows}, campaign_names(actor))
