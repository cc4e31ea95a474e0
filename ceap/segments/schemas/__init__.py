"""The wire of segments, in and out apart."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from ceap.segments.contracts import Build, How, Kind, SegmentStatus
from ceap.segments.differences import Change
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


class SegmentIn(RuleIn):
    name: str
    description: str = ""


class SegmentChange(SegmentIn):
    rule_version: int | None = Field(None, description="The version that was edited; another one is refused.")


class StaticSegmentIn(Schema):
    name: str
    description: str = ""


class IdListMatchIn(Schema):
    column: str
    by: str


class IdListMissingOut(Schema):
    row: int
    value: str
    reason: str


class IdListOut(Schema):
    """What became of an uploaded list of ids: rows = found + duplicates + missing, once it is `matched`."""

    id: UUID
    file_name: str
    columns: list[str]
    column: str
    by: str
    kinds: list[str] = Field(description="Kinds of identity that are always known.")
    job_id: UUID | None = Field(description="The job that matches a long list; absent for one matched at once.")
    matched: bool = Field(description="Whether the counts are known: false while the job has not done its work.")
    rows: int
    found: int = Field(description="Customers, each counted once.")
    duplicates: int = Field(description="Rows that name a customer whom an earlier row names.")
    missing: int = Field(description="Rows that name no customer whom one may see.")
    first_missing: list[IdListMissingOut]


class SegmentUploadIn(Schema):
    list_id: UUID
    how: How
    rule_version: int | None = Field(None, description="The version that was looked at; another one is refused.")


class ComparisonIn(Schema):
    segments: list[UUID] = Field(description="Two to four.")


class RegionOut(Schema):
    """How many customers are in all of `inside` (join "or": in any), and in none of `outside`."""

    inside: list[UUID]
    outside: list[UUID]
    join: Literal["and", "or"]
    count: int


class ComparedOut(Schema):
    id: UUID
    name: str
    size: int
    seen: int = Field(description="Members whom one may see; every other count is of them.")
    data_as_of: datetime


class PairOut(Schema):
    """Two segments: who is in both, only in the first, only in the second."""

    both: RegionOut
    first: RegionOut
    second: RegionOut


class ComparisonOut(Schema):
    """Each customer who is in any of the segments is in exactly one of `regions`."""

    segments: list[ComparedOut]
    regions: list[RegionOut]
    everywhere: RegionOut
    anywhere: RegionOut
    pairs: list[PairOut]
    note: str


class SegmentNameOut(Schema):
    id: UUID
    name: str


class SegmentsWithOut(Schema):
    items: list[SegmentNameOut]
    total: int


class MemberExportIn(Schema):
    inside: list[UUID]
    outside: list[UUID] = []
    join: Literal["and", "or"] = "and"
    format: Literal["csv", "xlsx"]


class MemberExportOut(Schema):
    job: UUID


class MemberOut(Schema):
    """A customer in a table of segments."""

    id: int
    name: str
    source: str
    email: str
    last_activity_at: datetime | None
    added_by: str


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


class SegmentUserOut(Schema):
    id: int
    name: str


class SegmentAllowedOut(Schema):
    """What the asker may do with this segment; `reasons`: by verb, why not what the asker's role alone would let."""

    edit: bool
    archive: bool
    duplicate: bool
    recalculate: bool
    reasons: dict[str, str]


class SegmentRow(Schema):
    """One line of the list; numbers are those stored with the membership that serves."""

    id: UUID
    name: str
    kind: Kind
    status: SegmentStatus
    reason: str = Field(description="Why it cannot be used now; empty when it can.")
    size: int | None
    total: int | None
    as_of: datetime | None
    error: str
    archived: bool
    created_by: SegmentUserOut | None
    created_at: datetime
    allowed: SegmentAllowedOut


class SegmentList(Schema):
    items: list[SegmentRow]
    next: str | None
    total: int


class MembershipVersionOut(Schema):
    """`missed_at`: the daily recalculation that passed while nothing ran and that this version made up for, or null."""

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
    missed_at: datetime | None


class SegmentReachOut(Schema):
    """How many members can be reached on a channel, and their share of the segment in percent."""

    count: int
    percent: float


class SegmentOut(Schema):
    id: UUID
    name: str
    kind: Kind
    description: str
    rule: dict[str, Any]
    rule_version: int
    sentence: str
    problem: str = Field(description="Why the rule cannot be evaluated any more; empty when it can.")
    status: SegmentStatus
    ready: bool
    reason: str = Field(description="Why it cannot be used now; empty when it can.")
    error: str
    archived: bool
    size: int | None
    total: int | None
    percent: float | None
    email: SegmentReachOut | None
    whatsapp: SegmentReachOut | None
    data_as_of: datetime | None
    last_updated: datetime | None
    created_by: SegmentUserOut | None
    created_at: datetime
    updated_by: SegmentUserOut | None
    updated_at: datetime
    version: MembershipVersionOut | None
    latest: MembershipVersionOut | None
    allowed: SegmentAllowedOut


class MembershipVersionList(Schema):
    items: list[MembershipVersionOut]
    next: None = None
    total: int


class MemberList(Schema):
    """`total` is the actual size of the segment, `seen` how many of them the asker may see."""

    items: list[MemberOut]
    next: str | None
    total: int
    seen: int
    note: str


class SegmentDayOut(Schema):
    """How a segment ended a local date of the organisation; entered and left since the day before that has one."""

    day: date
    size: int
    total: int
    entered: int
    left: int


class RuleDifferenceOut(Schema):
    """One change of a rule in words; `group` counts from 1, 0 is between the groups."""

    change: Change
    group: int
    before: str
    after: str


class RuleUploadOut(Schema):
    """The list that changed a static segment."""

    how: How
    file_name: str
    by: str
    rows: int
    found: int
    duplicates: int
    missing: int


class RuleChangeOut(Schema):
    """A save of a segment; `renamed` is the name before, empty when it stayed; `first`: nothing older is kept."""

    id: UUID
    rule_version: int
    name: str
    description: str
    day: date
    changed_at: datetime
    changed_by: SegmentUserOut | None
    sentence: str
    differences: list[RuleDifferenceOut]
    renamed: str
    described: bool
    first: bool
    upload: RuleUploadOut | None


class SegmentHistoryOut(Schema):
    """Days oldest first, changes newest first; days are local dates of the organisation."""

    days: list[SegmentDayOut]
    changes: list[RuleChangeOut]
    today: date


class DayMembersOut(MemberList):
    """Who was in the segment at the end of a day."""

    day: date
    version: int
    data_as_of: datetime


class SegmentSliceOut(Schema):
    """`kind`: value, empty (nothing known) or rest (all further values)."""

    label: str
    kind: str
    count: int
    percent: float


class SegmentPerformanceOut(Schema):
    """Each distribution adds to `size`, its percentages to 100.0; `gone` members were merged or erased since and count
    as empty."""

    version: int
    size: int
    gone: int
    data_as_of: datetime
    today: date
    days: list[SegmentDayOut]
    source: list[SegmentSliceOut]
    province: list[SegmentSliceOut]
    age: list[SegmentSliceOut]
    gender: list[SegmentSliceOut]


class SegmentUseOut(Schema):
    """`id` is null and the name general for what the asker may not see."""

    kind: str
    id: UUID | None
    name: str
    state: str
    ended: bool


class SegmentUseList(Schema):
    items: list[SegmentUseOut]
    next: None = None
    total: int
