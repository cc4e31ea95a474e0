"""The daily recalculation: once per local date of the organisation, at its `recalculate_at` (S-11)."""

from __future__ import annotations

from datetime import datetime, time

from django.db import IntegrityError, transaction

from ceap.accounts import queries as accounts
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.kit.wall import newest_due
from ceap.segments import sources
from ceap.segments.actions.membership import KIND, queue
from ceap.segments.contracts import DISCOVER, Build, Cause, Kind
from ceap.segments.models import DailyRun, MembershipVersion, Segment


def run_if_due() -> DailyRun | None:
    """Start the newest run that is due when nobody started it; safe to call at any time, from any process.

    A time that passed while nothing ran is made up for at the next start, on a later local date too: once, for the
    newest. Of an earlier date only when there was something to recalculate then.
    """
    zone = sources.zone()
    newest = newest_due(now(), time.fromisoformat(str(accounts.setting("recalculate_at"))), zone)
    if newest is None or DailyRun.objects.filter(pk=newest[0]).exists():
        return None
    day, due = newest
    if day < now().astimezone(zone).date() and not _there_was_something(due):
        return None
    try:
        with transaction.atomic():
            run = DailyRun.objects.create(local_date=day, due_at=due, started_at=now())
            run.segments = _queue_all(run)
            run.save(update_fields=["segments"])
    except IntegrityError:  # another process was first
        return None
    return run


def _there_was_something(at: datetime) -> bool:
    return Segment.objects.filter(archived_at=None, created_at__lt=at).exists()


def _queue_all(run: DailyRun) -> int:
    """Queue every active segment that is not held under the run's id; what is queued already joins the run.

    Discovered ones are scored anew beside it.
    """
    count, discovered = 0, False
    held = MembershipVersion.objects.filter(state=Build.HELD).values("segment")
    for segment in Segment.objects.select_for_update().filter(archived_at=None).exclude(pk__in=held).order_by("pk"):
        waiting = MembershipVersion.objects.filter(segment=segment, state=Build.QUEUED)
        if not waiting.update(run_id=run.run_id):
            queue(segment, cause=Cause.DAILY, run_id=run.run_id, supersede=False)
        count += 1
        discovered |= segment.kind == Kind.DISCOVERED
    if discovered:
        jobs.enqueue(DISCOVER, subject="segments")
    if count:
        jobs.enqueue(KIND, subject="segments")
    return count
