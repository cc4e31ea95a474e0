"""The wire of reports: parse, call, return."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import Query, Router, Status

from ceap.accounts.authentication import actor
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.reports import actions, queries
from ceap.reports.schemas import (
    ReportIn,
    ReportOut,
    ReportPage,
    ScheduleChange,
    ScheduleIn,
    ScheduleOut,
    SchedulePage,
)

router = Router(tags=["reports"])
TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("", response=ReportPage)
def index(
    request: HttpRequest,
    search: str = "",
    subject: str = "",
    subject_id: UUID | None = None,
    format: str = "",
    state: str = "",
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """History: reports, the newest first."""
    found, following = queries.page(
        actor(request), search=search, subject=subject, subject_id=subject_id, format=format, state=state,
        cursor=cursor, limit=limit,
    )  # fmt: skip
    return {"items": found, "next": following}


@router.post("", response={202: ReportOut})
def create(request: HttpRequest, payload: ReportIn) -> Any:
    """Order a report; 409 with "report" and "number" when there is one and `existing` is "ask"."""
    who = actor(request)
    row = actions.create(
        who, payload.subject_kind, payload.subject_id, payload.format, filters=payload.filters,
        existing=payload.existing,
    )  # fmt: skip
    return Status(202, _shown(who, row))


@router.get("/schedules", response=SchedulePage)
def schedules(request: HttpRequest) -> Any:
    """Reports that are made by themselves, the newest schedule first."""
    found = queries.schedules(actor(request))
    return {"items": found, "total": len(found)}


@router.post("/schedules", response={201: ScheduleOut})
def schedule(request: HttpRequest, payload: ScheduleIn) -> Any:
    """Set up a report that is made by itself, as who asks may see the segment then."""
    return Status(201, actions.schedule(actor(request), **payload.dict()))


@router.patch("/schedules/{schedule_id}", response=ScheduleOut)
def change_schedule(request: HttpRequest, schedule_id: UUID, payload: ScheduleChange) -> Any:
    """Change when it fires, pause it, or let it go on."""
    return actions.change_schedule(actor(request), schedule_id, **payload.dict())


@router.delete("/schedules/{schedule_id}", response={204: None})
def delete_schedule(request: HttpRequest, schedule_id: UUID) -> Any:
    """End a schedule; the reports that it made stay."""
    actions.delete_schedule(actor(request), schedule_id)
    return Status(204, None)


@router.get("/{report_id}", response=ReportOut)
def read(request: HttpRequest, report_id: UUID) -> Any:
    """One report and how far it is."""
    return queries.get(actor(request), report_id)


@router.post("/{report_id}/retry", response={202: ReportOut})
def retry(request: HttpRequest, report_id: UUID) -> Any:
    """Make a report that failed once more."""
    who = actor(request)
    return Status(202, _shown(who, actions.retry(who, report_id)))


@router.delete("/{report_id}", response={204: None})
def delete(request: HttpRequest, report_id: UUID) -> Any:
    """Take a report out of History."""
    actions.delete(actor(request), report_id)
    return Status(204, None)


@router.get("/{report_id}/file", response={200: bytes})
def download(request: HttpRequest, report_id: UUID) -> Any:
    """The file."""
    path, name = queries.file(actor(request), report_id)
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=TYPES[path.suffix[1:]])


def _shown(who: Any, row: Any) -> Any:
    return queries.with_progress(who, [row])[0]
