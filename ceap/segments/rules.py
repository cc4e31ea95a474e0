"""The shape of a rule: groups of conditions, joined by and / or inside and between groups.

    {"join": "and", "groups": [{"join": "or", "conditions": [
        {"kind": "field", "field": "source", "operator": "is", "value": "WhatsApp"},
        {"kind": "behaviour", "behaviour": "purchased", "comparison": "at_least", "times": 3,
         "window": {"count": 365, "unit": "days"}, "filters": [{"on": "category", "value": "Gifts"}]}]}]}

What a value may be depends on the operator: `ceap.segments.validation` checks that.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from ceap.segments.windows import Unit

LONGEST_TEXT = 1000
MOST_TIMES = 1_000_000

Text = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_TEXT)]


class Join(StrEnum):
    AND = "and"
    OR = "or"


class Comparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(Part):
    """In the last `count` units."""

    count: StrictInt = Field(ge=1)
    unit: Unit = Unit.DAYS


class Filter(Part):
    """Which purchases or events count: those whose `on` is `value`."""

    on: Literal["item", "category", "outlet", "campaign"]
    value: Text


class FieldCondition(Part):
    """A field of the customer, named by its column (a custom field: "c_" and its key), compared with a value."""

    kind: Literal["field"] = "field"
    field: Text
    operator: Text
    value: Any = None


class BehaviourCondition(Part):
    """How often the customer purchased (orders, returns left out) or did an event, in a window or ever."""

    kind: Literal["behaviour"]
    behaviour: Literal["purchased", "did"]
    event: Text | None = None
    comparison: Comparison = Comparison.AT_LEAST
    times: StrictInt = Field(ge=0, le=MOST_TIMES)
    window: Window | None = None
    filters: tuple[Filter, ...] = Field(default=(), max_length=4)


Condition = Annotated[FieldCondition | BehaviourCondition, Field(discriminator="kind")]


class Group(Part):
    join: Join = Join.AND
    conditions: tuple[Condition, ...]


class Rule(Part):
    join: Join = Join.AND
    groups: tuple[Group, ...]

    def stored(self) -> dict[str, Any]:
        """The JSON that is kept with the segment."""
        return self.model_dump(mode="json")
