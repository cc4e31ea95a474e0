"""The wire of segments, in and out apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from ceap.segments.contracts import Build, Status
from ceap.segments.shapes import Shape


class OperatorOut(Schema):
    key: str
    label: str
    shape: Shape


class FieldOut(Schema):
    """`key` is what a condition names; `suggests` whether /suggestions knows values of it."""

    key: str
    label: str
    type: str
    group: str
    options: list[str]
    suggests: bool
    operators: list[OperatorOut]


class ChoiceOut(Schema):
    key: str
    label: str


class BehaviourOut(Schema):
    key: str
    label: str
    narrowed_by: list[ChoiceOut]


class LimitsOut(Schema):
    conditions: int
    groups: int


class MenuOut(Schema):
    fields: list[FieldOut]
    behaviours: list[BehaviourOut]
    comparisons: list[ChoiceOut]
    units: list[str]
    limits: LimitsOut


class SuggestionOut(Schema):
    value: str | int
    label: str
    count: int | None


class RuleIn(Schema):
    rule: Any = Field(description="Groups of conditions; see docs/use/segments.md.")


class WhyIn(RuleIn):
    customer: int


class SegmentIn(RuleIn):
    name: str
    description: str = ""


class SegmentChange(SegmentIn):
    rule_version: int | None = Field(None, description="The version that was edited; another one is refused.")


class PersonOut(Schema):
    """A customer in a table of segments."""

    id: int
    name: str
    source: str
    email: str
    last_activity_at: datetime | None
    added_by: str


class PreviewOut(Schema):
    total: int
    matched: int
    conditions: list[list[int]]
    sentence: str
    sample: list[PersonOut]
    as_of: datetime


class SentenceOut(Schema):
    sentence: str


class SeenOut(Schema):
    words: str
    holds: bool
    value: Any


class VerdictOut(Schema):
    matches: bool
    groups: list[list[SeenOut]]
    customer: PersonOut
    as_of: datetime


class MemberVerdictOut(VerdictOut):
    member: bool = Field(description="Whether the customer is in the membership that serves.")


class UserOut(Schema):
    id: int
    name: str


class SegmentRow(Schema):
    """One line of the list; numbers are those stored with the membership that serves."""

    id: UUID
    name: str
    status: Status
    size: int | None
    total: int | None
    as_of: datetime | None
    error: str
    archived: bool
    created_by: UserOut | None
    created_at: datetime


class SegmentList(Schema):
    items: list[SegmentRow]
    next: str | None
    total: int


class VersionOut(Schema):
    id: UUID
    number: int
    state: Build
    size: int | None
    total: int | None
    entered: int | None
    left: int | None
    data_as_of: datetime | None
    error: str
    rule_version: int
    created_at: datetime
    ready_at: datetime | None


class ReachOut(Schema):
    """How many members can be reached on a channel, and their share of the segment in percent."""

    count: int
    percent: float


class AllowedOut(Schema):
    """What the asker may do with this segment."""

    edit: bool
    archive: bool
    duplicate: bool


class SegmentOut(Schema):
    id: UUID
    name: str
    description: str
    rule: dict[str, Any]
    rule_version: int
    sentence: str
    problem: str = Field(description="Why the rule cannot be evaluated any more; empty when it can.")
    status: Status
    ready: bool
    reason: str = Field(description="Why it cannot be used now; empty when it can.")
    error: str
    archived: bool
    size: int | None
    total: int | None
    percent: float | None
    email: ReachOut | None
    whatsapp: ReachOut | None
    data_as_of: datetime | None
    last_updated: datetime | None
    created_by: UserOut | None
    created_at: datetime
    updated_by: UserOut | None
    updated_at: datetime
    version: VersionOut | None
    latest: VersionOut | None
    allowed: AllowedOut


class VersionList(Schema):
    items: list[VersionOut]
    next: None = None
    total: int


class MemberList(Schema):
    """`total` is the actual size of the segment, `seen` how many of them the asker may see."""

    items: list[PersonOut]
    next: str | None
    total: int
    seen: int
    note: str
