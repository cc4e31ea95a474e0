"""Writes about reports: order one, make its file, try again, delete."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import actor_by
from ceap.campaigns import queries as campaigns
from ceap.jobs import queries as jobs
from ceap.jobs.actions import Progress, enqueue
from ceap.jobs.contracts import Cancelled
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, Forbidden, Problem, invalid
from ceap.reports import queries
from ceap.reports.actions.failing import failed
from ceap.reports.contracts import EXISTING, EXISTS, FAILED, FORMATS, SUBJECTS, About
from ceap.reports.files import write_whole
from ceap.reports.models import Report, Schedule
from ceap.segments import queries as segments
from ceap.segments.contracts import Kind
from ceap.segments.queries.discovered import Filters, check

log = logging.getLogger("ceap.reports")
KEY = "reports_create"
KIND = "reports.make"
ORPHANS_AFTER = timedelta(hours=24)


class ReportExists(Conflict):
    """There is a report of this subject already; say whether to overwrite it or to make a new version."""

    title = "A report of this exists"


def create(
    actor: Actor, subject_kind: str, subject_id: UUID, format: str, *, filters: Mapping[str, Any] | None = None,
    existing: str = "ask",
) -> Report:  # fmt: skip
    """Order a report; a job makes its file.

    Args:
        filters: what a discovered segment is narrowed to, as `segments.queries.discovered.Filters.read` takes it.
        existing: what to do when there is a report of this subject, filters and format: "ask", "overwrite" or "new".

    Raises:
        ReportExists: there is one and `existing` is "ask".
        Forbidden: `actor` may not make reports.
        NotFound: there is no such subject, or `actor` may not see it.
        Conflict: a segment that is not ready yet.
        Invalid: the filters, or one of the rest.
    """
    if existing not in ("ask", *EXISTING):
        raise invalid("existing", f"One of {', '.join(('ask', *EXISTING))}.")
    about = of(actor, subject_kind, subject_id, format, filters)
    with transaction.atomic():
        last = queries.latest(actor, about)
        if last and existing == "ask":
            raise ReportExists(EXISTS, report=str(last.pk), number=last.number)
        replaces = last if existing == "overwrite" else None
        if replaces and not actor.owns(KEY, replaces.created_by_id):
            raise Forbidden("Somebody else made that report: make a new version instead of overwriting it.")
        row = Report.objects.create(
            **vars(about), number=replaces.number if replaces else _next_number(about),
            every_customer=_every_customer(actor, about), replaces=replaces,
            made_by_kind=actor.kind, made_by_id=actor.id, created_by_id=actor.user_id, created_at=now(),
        )  # fmt: skip
        _order(actor, row)
        after = {"subject": f"{subject_kind}:{subject_id}", "format": format, "number": row.number}
        audit(actor, "reports.create", "report", row.pk, about.name, after=after | {"filters": about.filters})
    return row


def retry(actor: Actor, report_id: UUID | str) -> Report:
    """Make a report that failed or was cancelled once more.

    Raises:
        NotFound: there is no such report.
        Conflict: it is finished, or being made.
    """
    actor.require(KEY)
    with transaction.atomic():
        Report.objects.select_for_update().filter(pk=report_id).values_list("pk").first()
        row = queries.get(actor, report_id)
        if not actor.owns(KEY, row.created_by_id):
            raise Forbidden("You may try again only your own reports.")
        if row.state not in ("failed", "cancelled"):
            raise Conflict("Only a report that failed can be tried again.")
        about = of(actor, row.subject_kind, row.subject_id, row.format, row.filters)
        row.state, row.error, row.finished_at = "queued", "", None
        row.every_customer = _every_customer(actor, about)
        row.made_by_kind, row.made_by_id = actor.kind, actor.id
        row.created_by_id = actor.user_id
        row.save()
        _order(actor, row)
        audit(actor, "reports.retry", "report", row.pk, row.name)
    return row


def delete(actor: Actor, report_id: UUID | str) -> None:
    """Take a report out of History, with its file.

    Raises:
        NotFound: there is no such report.
        Forbidden: it is somebody else's and `actor` may only see own ones.
        Conflict: it is being made.
    """
    actor.require(KEY)
    with transaction.atomic():
        Report.objects.select_for_update().filter(pk=report_id).values_list("pk").first()
        row = queries.get(actor, report_id)
        if not actor.owns(KEY, row.created_by_id):
            raise Forbidden("You may delete only your own reports.")
        if row.state == "queued":
            raise Conflict("This report is being made; cancel it first.")
        _forget(row)
        audit(actor, "reports.delete", "report", report_id, row.name)


def make(report_id: str, progress: Progress) -> dict[str, Any]:
    """Make the file of a report, as its maker may see the data now; safe to run again.

    The file is whole before the report says that it is done; a failure leaves no file and says so on the report.
    """
    row = Report.objects.filter(pk=report_id).first()
    if row is None or row.state == "done":
        return {}
    name = f"{row.pk}-{progress.token[-8:]}.{row.format}"  # of this attempt
    try:
        actor = actor_by(row.made_by_kind, row.made_by_id)
        actor.require(KEY)

        def step(done: int, total: int, message: str) -> None:
            progress.step(done, total, message)

        from ceap.reports.making import writer  # Typst and xlsxwriter are loaded when the first report is made

        write, as_of = writer(actor, row, step)
        size = write_whole(queries.folder() / name, write)
        progress.step(message="Saving")
        _finish(actor, row, name, size, as_of)
    except Cancelled:
        _removed(name)
        if jobs.cancel_requested(row.job_id):  # else another runner has taken over
            _settle(row, name, "cancelled", "")
        raise
    except Exception as error:
        _settle(row, name, "failed", error.detail if isinstance(error, Problem) else FAILED)
        log.exception("report %s failed", report_id)
        raise Problem(error.detail if isinstance(error, Problem) else FAILED) from error
    return {"report": str(row.pk)}


def sweep() -> int:
    """Remove files that no report names (a process died in between); gives how many."""
    known = set(Report.objects.exclude(file="").values_list("file", flat=True))
    limit, removed = (now() - ORPHANS_AFTER).timestamp(), 0
    for file in queries.folder().glob("*"):
        if file.name not in known and file.stat().st_mtime < limit:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def of(
    actor: Actor, subject_kind: str, subject_id: UUID, format: str, filters: Mapping[str, Any] | None = None
) -> About:
    """What a report would be about, once `actor` may make one now.

    Raises:
        Forbidden, NotFound, Conflict, Invalid: as `create`.
    """
    actor.require(KEY)
    for field, value, allowed in (("subject_kind", subject_kind, SUBJECTS), ("format", format, FORMATS)):
        if value not in allowed:
            raise invalid(field, f"One of {', '.join(allowed)}.")
    wanted = Filters.read(filters or {})
    if subject_kind == "campaign":
        if wanted:
            raise invalid("filters", "A campaign is not filtered: leave them out.")
        return About(subject_kind, subject_id, format, str(campaigns.get(actor, subject_id).name))
    segment = segments.get(actor, subject_id)
    discovered = segment.kind == Kind.DISCOVERED
    if wanted and not discovered:
        raise invalid("filters", "Only a discovered segment is filtered: leave them out.")
    if segments.current(segment) is None:
        raise Conflict(segments.NOT_READY)
    if wanted:
        check(actor, wanted)
    words = wanted.words() if wanted else ""
    return About(subject_kind, subject_id, format, segment.name, wanted.json(), words, discovered)


def _every_customer(actor: Actor, about: About) -> bool:
    """Whether the file says something of customers whoever owns them that its readers could not see otherwise."""
    lists = about.subject_kind == "segment" and about.format == "xlsx" and actor.may("customers_export", Level.ALL)
    return (lists or about.discovered) and actor.level("customers_view") is Level.ALL


def _next_number(about: About) -> int:
    rows = Report.objects.filter(**about.same())
    return (rows.order_by("-number").values_list("number", flat=True).first() or 0) + 1


def _order(actor: Actor, row: Report) -> None:
    row.job_id = enqueue(KIND, actor, subject=f"report:{row.pk}", report=str(row.pk)).pk
    row.save(update_fields=["job_id"])


def _finish(actor: Actor, row: Report, name: str, size: int, as_of: Any) -> None:
    with transaction.atomic():
        mine = Report.objects.select_for_update().get(pk=row.pk)
        if mine.state == "done":  # by another runner, after this one was thought dead
            _removed(name)
            return
        old = mine.replaces
        mine.state, mine.file, mine.size, mine.data_as_of, mine.finished_at = "done", name, size, as_of, now()
        mine.error, mine.replaces = "", None
        mine.save()
        Schedule.objects.filter(last_report=mine).update(problem="", failures=0)
        audit(actor, "reports.done", "report", mine.pk, mine.name, after={"size": size})
        if old:
            _forget(old)
            audit(actor, "reports.overwrite", "report", old.pk, old.name, after={"by": str(mine.pk)})


def _settle(row: Report, name: str, state: str, error: str) -> None:
    """Say that there is no file, and see that there is none."""
    changed = Report.objects.filter(pk=row.pk).exclude(state="done")
    if changed.update(state=state, error=error[:250], finished_at=now()):
        _removed(name)
        if state == "failed":
            for schedule_id in Schedule.objects.filter(last_report=row).values_list("pk", flat=True):
                failed(schedule_id, error)


def _forget(row: Report) -> None:
    file = row.file
    row.delete()
    if file:
        transaction.on_commit(lambda: _removed(file))


def _removed(name: str) -> None:
    """Remove a file, as far as the disk lets it be; the sweep removes what stays behind."""
    with suppress(OSError):
        (queries.folder() / name).unlink(missing_ok=True)
