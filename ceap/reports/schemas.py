"""The wire of reports, in and out apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema

from ceap.reports.contracts import Every, Timing
from ceap.reports.models import Report, Schedule


class ReportIn(Schema):
    """`existing`: what to do when there is one already; "ask" is answered with 409.

    `filters`: what a discovered segment is narrowed to, as the dashboard's URL has them.
    """

    subject_kind: Literal["segment", "campaign"]
    subject_id: UUID
    format: Literal["pdf", "xlsx"]
    filters: dict[str, Any] = {}
    existing: Literal["ask", "overwrite", "new"] = "ask"


class MadeBy(Schema):
    id: str
    name: str


class ProgressOut(Schema):
    done: int
    total: int | None
    message: str


class ReportOut(Schema):
    """`words`: the filters in words, "" without any. `barred`: why its file may not be opened, else ""."""

    id: UUID
    subject_kind: str
    subject_id: UUID
    name: str
    filters: dict[str, Any]
    words: str
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


class ScheduleIn(Schema):
    """`day`: 1 = Monday … 7 of a week; 1 … 31 of a month (a shorter one: its last day); left out every day.

    `at`: "08:00" by the organisation's clock. `existing`: what becomes of the report of the time before.
    """

    segment_id: UUID
    format: Literal["pdf", "xlsx"]
    filters: dict[str, Any] = {}
    existing: Literal["overwrite", "new"] = "new"
    every: Literal["day", "week", "month"]
    day: int | None = None
    at: str


class ScheduleChange(Schema):
    """Parts left out stay as they are; a new `every` comes with its `day`."""

    existing: Literal["overwrite", "new"] | None = None
    every: Literal["day", "week", "month"] | None = None
    day: int | None = None
    at: str | None = None
    paused: bool | None = None


class ScheduleOut(Schema):
    """`when`: in words. `next_at`: null while paused. `problem`: what went wrong last, and how often in a row.

    `missed_at`: the time that passed while nothing ran and that the last run made up for; null when it was on time.
    """

    id: UUID
    segment_id: UUID
    name: str
    filters: dict[str, Any]
    words: str
    format: str
    existing: str
    every: str
    day: int | None
    at: str
    when: str
    next_at: datetime | None
    last_at: datetime | None
    missed_at: datetime | None
    last_report: UUID | None
    last_state: str
    problem: str
    failures: int
    created_by: MadeBy | None
    created_at: datetime

    @staticmethod
    def resolve_at(row: Schedule) -> str:
        return row.at.isoformat("minutes")

    @staticmethod
    def resolve_when(row: Schedule) -> str:
        return Timing(Every(row.every), row.at, row.day).words()

    @staticmethod
    def resolve_last_report(row: Schedule) -> UUID | None:
        return row.last_report_id

    @staticmethod
    def resolve_last_state(row: Schedule) -> str:
        return row.last_report.state if row.last_report else ""

    @staticmethod
    def resolve_created_by(row: Schedule) -> dict[str, str] | None:
        return {"id": str(row.created_by_id), "name": row.created_by.name} if row.created_by else None


class SchedulePage(Schema):
    items: list[ScheduleOut]
    next: None = None
    total: int
