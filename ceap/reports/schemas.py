"""The wire of reports, in and out apart."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema

from ceap.reports.models import Report


class ReportIn(Schema):
    """`existing`: what to do when there is one already; "ask" is answered with 409."""

    subject_kind: Literal["segment", "campaign"]
    subject_id: UUID
    format: Literal["pdf", "xlsx"]
    existing: Literal["ask", "overwrite", "new"] = "ask"


class MadeBy(Schema):
    id: str
    name: str


class ProgressOut(Schema):
    done: int
    total: int | None
    message: str


class ReportOut(Schema):
    """`barred`: why its file may not be opened, else ""."""

    id: UUID
    subject_kind: str
    subject_id: UUID
    name: str
    format: str
    number: int
    state: str
    error: str
    size: int | None
    data_as_of: datetime | None
    job_id: UUID | None
    progress: ProgressOut | None
    barred: str
    created_by: MadeBy | None
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_created_by(row: Report) -> dict[str, str] | None:
        return {"id": str(row.created_by_id), "name": row.created_by.name} if row.created_by else None


class ReportPage(Schema):
    items: list[ReportOut]
    next: str | None
    total: int | None = None
