"""The wire of static segments and of the files of ids that they are made of."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Schema

from ceap.segments.contracts import How


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
