"""The wire of what was: changes of a rule, members on a day, how a segment did."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Schema

from ceap.segments.contracts import How
from ceap.segments.differences import Change
from ceap.segments.schemas.members import MemberList
from ceap.segments.schemas.segments import SegmentUserOut


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
