"""Reads about reports; `visible_to` is the only door to rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import reached
from ceap.customers.queries import hidden_from
from ceap.jobs import queries as jobs
from ceap.jobs.contracts import State
from ceap.kit import pagination
from ceap.kit.problem import Conflict, Forbidden, NotFound
from ceap.reports.contracts import FAILED, About
from ceap.reports.models import Report
from ceap.reports.rules import file_name

KEY = "reports_view"


def visible_to(actor: Actor) -> QuerySet[Report]:
    """The reports that `actor` may see: all, one's own, or none."""
    return reached(actor, KEY, Report.objects.all())


def get(actor: Actor, report_id: UUID | str) -> Report:
    """One report, with how far its job is.

    Raises:
        NotFound: there is none, or `actor` may not see it.
    """
    row = visible_to(actor).select_related("created_by").filter(pk=report_id).first()
    if row is None:
        raise NotFound("There is no such report.")
    return with_progress(actor, [row])[0]


def page(
    actor: Actor, *, search: str = "", subject: str = "", subject_id: UUID | None = None, format: str = "",
    state: str = "", cursor: str | None = None, limit: int = pagination.PAGE_SIZE,
) -> tuple[list[Report], str | None]:  # fmt: skip
    """A page of History, the newest first, and the cursor of the next.

    Raises:
        Forbidden: without the permission to see reports.
    """
    actor.require(KEY)
    rows = visible_to(actor)
    if search.strip():
        rows = rows.filter(Q(name__icontains=search.strip()) | Q(words__icontains=search.strip()))
    for name, value in (("subject_kind", subject), ("subject_id", subject_id), ("format", format), ("state", state)):
        if value:
            rows = rows.filter(**{name: value})
    rows = rows.select_related("created_by")
    found, following = pagination.page(rows, "-created_at", cursor=cursor, limit=limit)
    return with_progress(actor, found), following


def with_progress(actor: Actor, rows: list[Report]) -> list[Report]:
    """The same rows with `progress` (done, total, message) while they are made, and failed where their job has died."""
    running = jobs.progress(row.job_id for row in rows if row.state == "queued" and row.job_id)
    for row in rows:
        job: Any = running.get(row.job_id) if row.job_id else None
        if job and job.state in (State.FAILED, State.CANCELLED):
            row.state, row.error = str(job.state), FAILED if job.state == State.FAILED else ""
        alive = job and row.state == "queued"
        row.progress = {"done": job.done, "total": job.total, "message": job.message} if alive else None  # type: ignore[attr-defined]
        row.barred = barred(actor, row)  # type: ignore[attr-defined]
    return rows


def barred(actor: Actor, row: Report) -> str:
    """Why `actor` may not open the file of a report that is visible; "" when nothing stands in the way."""
    if row.every_customer and actor.level("customers_view") is not Level.ALL:
        return "It is about customers that you may not see."
    lists = row.subject_kind == "segment" and (row.discovered or row.format == "xlsx")
    if lists and row.created_by_id != actor.user_id and actor.level("customers_view") is not Level.ALL:
        return "It is about another user's customers."
    if row.created_by_id != actor.user_id and row.subject_kind == "segment" and hidden_from(actor):
        return "Somebody else made it, and it may show fields that your role may not see."
    return ""


def latest(actor: Actor, about: About) -> Report | None:
    """The newest finished report about this that `actor` may see."""
    rows = visible_to(actor).filter(**about.same(), state="done")
    return rows.order_by("-number", "-created_at").first()


def folder() -> Path:
    """Where the files are."""
    return Path(settings.HOME.path) / "reports"


def file(actor: Actor, report_id: UUID | str) -> tuple[Path, str]:
    """The file of a finished report, and what it is called when it is downloaded.

    Raises:
        NotFound: there is no such report, or its file is gone.
        Forbidden: it lists customers that `actor` may not see.
        Conflict: it is not finished.
    """
    row = get(actor, report_id)
    if row.state != "done":
        raise Conflict("This report is not finished.")
    if reason := barred(actor, row):
        raise Forbidden(reason)
    path = folder() / row.file
    if not path.is_file():
        raise NotFound("The file of this report is gone; make it again.")
    return path, file_name(row.name, row.number, row.format)
