"""The wire of segments: what one is, its versions, where it is used."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from ceap.segments.contracts import Build, Kind, SegmentStatus
from ceap.segments.schemas.rules import RuleIn


class SegmentIn(RuleIn):
    name: str
    description: str = ""


class SegmentChange(SegmentIn):
    rule_version: int | None = Field(None, description="The version that was edited; another one is refused.")


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
