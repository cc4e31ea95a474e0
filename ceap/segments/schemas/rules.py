"""The wire of rules: the menu of the builder, what a rule says and whom it finds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from ceap.segments.schemas.members import MemberOut
from ceap.segments.shapes import Shape


class RuleOperatorOut(Schema):
    key: str
    label: str
    shape: Shape


class RuleFieldOut(Schema):
    """`key` is what a condition names; `suggests` whether /suggestions knows values of it."""

    key: str
    label: str
    type: str
    group: str
    options: list[str]
    suggests: bool
    operators: list[RuleOperatorOut]


class RuleChoiceOut(Schema):
    key: str
    label: str


class RuleFilterOut(Schema):
    """What purchases or events are narrowed by; "prop:" stands for every "prop:<name of a property>"."""

    key: str
    label: str
    operators: list[RuleOperatorOut]


class RuleBehaviourOut(Schema):
    key: str
    label: str
    measures: list[RuleChoiceOut]
    filters: list[RuleFilterOut]
    narrowed_by: list[RuleChoiceOut]


class RuleMomentOut(Schema):
    which: str
    behaviour: str
    label: str


class RuleMomentsOut(Schema):
    choices: list[RuleMomentOut]
    operators: list[RuleOperatorOut]


class RuleChoicesOut(Schema):
    choices: list[RuleChoiceOut]
    operators: list[RuleChoiceOut]


class RuleStartOut(Schema):
    """A condition to begin with."""

    label: str
    condition: dict[str, Any]


class RuleLimitsOut(Schema):
    conditions: int
    groups: int


class RuleMenuOut(Schema):
    fields: list[RuleFieldOut]
    behaviours: list[RuleBehaviourOut]
    moments: RuleMomentsOut
    segments: RuleChoicesOut
    campaigns: RuleChoicesOut
    rfm: list[RuleStartOut] = Field(description="Recency, frequency, monetary.")
    comparisons: list[RuleChoiceOut]
    units: list[str]
    limits: RuleLimitsOut


class RuleSuggestionOut(Schema):
    value: str | int
    label: str
    count: int | None


class RuleIn(Schema):
    rule: Any = Field(description="Groups of conditions; see docs/use/segments.md.")


class RuleWhyIn(RuleIn):
    customer: int


class RulePreviewOut(Schema):
    total: int
    matched: int
    conditions: list[list[int]]
    sentence: str
    sample: list[MemberOut]
    as_of: datetime
    of: str = Field(description="Whose customers are counted: all, owned (by the caller) or none.")


class WaterfallStepOut(Schema):
    key: str
    label: str
    count: int = Field(description="How many are left after this step.")


class SegmentWaterfallOut(Schema):
    channel: str
    purpose: str
    steps: list[WaterfallStepOut]
    at: datetime
    of: str = Field(description="Whose customers are counted: all, owned (by the caller) or none.")


class RuleSentenceOut(Schema):
    sentence: str


class ConditionSeenOut(Schema):
    words: str
    holds: bool
    value: Any
    changes_at: datetime | None = Field(description="When it begins or ceases to hold if nothing happens; null: never.")


class RuleVerdictOut(Schema):
    matches: bool
    changes_at: datetime | None = Field(description="When `matches` changes if nothing happens; null: never.")
    groups: list[list[ConditionSeenOut]]
    customer: MemberOut
    as_of: datetime


class MemberVerdictOut(RuleVerdictOut):
    member: bool = Field(description="Whether the customer is in the membership that serves.")
