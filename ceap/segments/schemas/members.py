"""The wire of members: lists and exports of them, and the segments that hold a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema


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


class MemberList(Schema):
    """`total` is the actual size of the segment, `seen` how many of them the asker may see."""

    items: list[MemberOut]
    next: str | None
    total: int
    seen: int
    note: str
