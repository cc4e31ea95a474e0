"""Reports that are made again and again: set up, changed, paused, and run when they are due."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.accounts.queries import actor_by, organisation
from ceap.kit.clock import now
from ceap.kit.problem import Forbidden, Invalid, NotFound, Problem, invalid
from ceap.reports import queries
from ceap.reports.actions import reports
from ceap.reports.actions.failing import failed
from ceap.reports.contracts import EXISTING, FAILED, Every, Timing
from ceap.reports.models import Schedule
from ceap.reports.rules import missed_at, next_after

log = logging.getLogger("ceap.reports")
BUSY = "The report of the time before was not finished yet."


def schedule(
    actor: Actor, segment_id: UUID, format: str, *, filters: Mapping[str, Any] | None, existing: str, every: str,
    day: int | None, at: str,
) -> Schedule:  # fmt: skip
    """Set up a report of a segment that is made by itself, as `actor` may see the segment then.

    Args:
        existing: "overwrite" or "new". every, day, at ("08:00", the organisation's clock): see `contracts.Timing`.

    Raises:
        Forbidden: `actor` may not make reports. NotFound: the segment. Conflict: it is not ready. Invalid: the rest.
    """
    about = reports.of(actor, "segment", segment_id, format, filters)
    timing = _timing(every, day, at)
    _known(existing)
    with transaction.atomic():
        row = Schedule.objects.create(
            segment_id=segment_id, name=about.name, filters=about.filters, words=about.words, format=format,
            existing=existing, **asdict(timing), next_at=_next(timing), made_by_kind=actor.kind, made_by_id=actor.id,
            created_by_id=actor.user_id, created_at=now(),
        )  # fmt: skip
        after = {"segment": str(segment_id), "format": format, "when": timing.words(), "filters": about.filters}
        audit(actor, "reports.schedule.create", "report_schedule", row.pk, row.name, after=after)
    return queries.get_schedule(actor, row.pk)


def change_schedule(
    actor: Actor, schedule_id: UUID | str, *, existing: str | None = None, every: str | None = None,
    day: int | None = None, at: str | None = None, paused: bool | None = None,
) -> Schedule:  # fmt: skip
    """Change when it fires and what becomes of the report before, pause it or let it go on; None leaves a part.

    A new `every` comes with its `day`. Going on begins with the next time; those missed meanwhile are not made up for.

    Raises:
        NotFound, Forbidden, Invalid: nothing was changed.
    """
    with transaction.atomic():
        row = _locked(actor, schedule_id)
        before = _state(row)
        timing = _timing(
            every or row.every, day if every or day is not None else row.day, at or row.at.isoformat("minutes")
        )
        if existing is not None:
            row.existing = _known(existing)
        goes_on = row.next_at is not None if paused is None else not paused
        row.every, row.day, row.at = timing.every, timing.day, timing.at
        row.next_at = _next(timing) if goes_on else None
        if paused is False:
            row.problem, row.failures = "", 0
        row.save()
        audit(
            actor, "reports.schedule.update", "report_schedule", row.pk, row.name, before=before, after=_state(row)
        )  # fmt: skip
    return queries.get_schedule(actor, row.pk)


def delete_schedule(actor: Actor, schedule_id: UUID | str) -> None:
    """End a schedule; the reports that it made stay in History.

    Raises:
        NotFound, Forbidden: nothing was changed.
    """
    with transaction.atomic():
        row = _locked(actor, schedule_id)
        audit(actor, "reports.schedule.delete", "report_schedule", row.pk, row.name, before=_state(row))
        row.delete()


def run_due() -> int:
    """Order the reports whose time has come; how many. Safe to call at any time, from any process.

    Times that passed while nothing ran are made up for once, for the newest of them. Whoever set a schedule up may have
    lost the permission, or the segment may be gone: it then pauses at once and says why.
    """
    ordered = 0
    for row in Schedule.objects.filter(next_at__lte=now()).select_related("last_report").order_by("next_at", "pk"):
        if not _claimed(row):
            continue
        if row.last_report and row.last_report.state == "queued":
            failed(row.pk, BUSY)
            continue
        try:
            actor = actor_by(row.made_by_kind, row.made_by_id)
            with transaction.atomic():
                made = reports.create(
                    actor, "segment", row.segment_id, row.format, filters=row.filters, existing=row.existing
                )
                Schedule.objects.filter(pk=row.pk).update(last_report=made, name=made.name)
            ordered += 1
        except Problem as problem:
            failed(row.pk, problem.detail, for_good=isinstance(problem, Forbidden | NotFound | Invalid))
        except Exception:
            log.exception("scheduled report %s failed", row.pk)
            failed(row.pk, FAILED)
    return ordered


def _claimed(row: Schedule) -> bool:
    """Move on to the next time, unless another process did: each time is one report."""
    timing = Timing(Every(row.every), row.at, row.day)
    mine = Schedule.objects.filter(pk=row.pk, next_at=row.next_at)
    missed = missed_at(now(), timing, ZoneInfo(organisation().time_zone))
    return bool(mine.update(next_at=_next(timing), last_at=now(), missed_at=missed))


def _next(timing: Timing) -> datetime:
    return next_after(now(), timing, ZoneInfo(organisation().time_zone))


def _timing(every: str, day: int | None, at: str) -> Timing:
    if every not in list(Every):
        raise invalid("every", f"One of {', '.join(Every)}.")
    try:
        moment = time.fromisoformat(at)
        if moment.tzinfo or len(at) != 5:
            raise ValueError
    except ValueError:
        raise invalid("at", "Give a time of day like 08:00.") from None
    most = {Every.DAY: 0, Every.WEEK: 7, Every.MONTH: 31}[Every(every)]
    if not most:
        return Timing(Every(every), moment)
    if day is None or not 1 <= day <= most:
        names = "1 (Monday) to 7 (Sunday)" if every == Every.WEEK else "1 to 31"
        raise invalid("day", f"Give the day of the {every} as a whole number from {names}.")
    return Timing(Every(every), moment, day)


def _known(existing: str) -> str:
    if existing not in EXISTING:
        raise invalid("existing", f"One of {', '.join(EXISTING)}.")
    return existing


def _locked(actor: Actor, schedule_id: UUID | str) -> Schedule:
    """The row, locked, once `actor` may change it."""
    actor.require(reports.KEY)
    Schedule.objects.select_for_update().filter(pk=schedule_id).values_list("pk").first()
    row = queries.get_schedule(actor, schedule_id)
    if not actor.owns(reports.KEY, row.created_by_id):
        raise Forbidden("You may change only your own schedules.")
    return row


def _state(row: Schedule) -> dict[str, Any]:
    timing = Timing(Every(row.every), row.at, row.day)
    return {"when": timing.words(), "existing": row.existing, "paused": row.next_at is None}
