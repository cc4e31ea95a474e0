"""Enqueue, run, cancel and rescue coarse jobs."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.module_loading import autodiscover_modules
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM, Actor
from ceap.jobs import queries
from ceap.jobs.contracts import Cancelled, State
from ceap.jobs.models import Job
from ceap.kit import leases
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, NotFound, Problem

log = logging.getLogger("ceap.jobs")
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
HANDLERS: dict[str, Callable[..., dict[str, Any] | None]] = {}


def job(kind: str) -> Callable[[Callable[..., dict[str, Any] | None]], Callable[..., dict[str, Any] | None]]:
    """Register the handler of jobs of `kind`: `handler(progress, **args) -> result`. It must be safe to run again."""

    def register(handler: Callable[..., dict[str, Any] | None]) -> Callable[..., dict[str, Any] | None]:
        HANDLERS[kind] = handler
        return handler

    return register


@cache
def discover() -> None:
    """Import every package's `tasks` module, which registers its handlers and the app's loops.

    Left until it is needed: tasks import the warehouse's libraries, which neither the worker nor most commands use.
    """
    autodiscover_modules("tasks")


class Progress:
    """A running job's way to report, keep its lease and learn that it should stop."""

    def __init__(self, job_id: UUID | str, token: str):
        self.job_id, self.token = job_id, token

    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.job_id, lease_token=self.token, state=State.RUNNING)

    def beat(self) -> bool:
        """Extend the lease; False when the job is no longer this runner's."""
        return bool(self._mine().update(lease_until=now() + LEASE))

    def step(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        """Report progress.

        Raises:
            Cancelled: somebody asked to cancel, or the lease was lost.
        """
        given = {"done": done, "total": total, "message": message and message[:250]}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if done is not None:  # what gets further each time it runs is not given up
            changes["attempts"] = Case(When(done__lt=done, then=Value(1)), default=F("attempts"))
        row = self._mine().filter(cancel_requested=False)
        if not row.update(lease_until=now() + LEASE, **changes):
            raise Cancelled


def enqueue(kind: str, actor: Actor = SYSTEM, *, subject: str = "", **args: Any) -> Job:
    """Queue a job in the caller's transaction; it starts after the commit. `args` must be JSON."""
    discover()
    if kind not in HANDLERS:
        raise LookupError(f"no handler for jobs of kind {kind!r}")
    with transaction.atomic():
        row = Job.objects.create(kind=kind, subject=subject, args=args, created_by_id=actor.user_id, created_at=now())
        run_job.enqueue(str(row.pk))
    return row


def run(job_id: str) -> None:
    """Run one queued job to its end; does nothing when somebody else holds it or it has ended."""
    discover()
    token, started = leases.token(), now()
    free = Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=started)
    claim = Job.objects.filter(free, pk=job_id)
    if not claim.update(
        state=State.RUNNING,
        lease_token=token,
        lease_until=started + LEASE,
        started_at=started,
        attempts=F("attempts") + 1,
    ):
        return
    row = Job.objects.get(pk=job_id)
    progress = Progress(row.pk, token)
    stop = threading.Event()

    def keep_alive() -> None:
        while not stop.wait(LEASE.total_seconds() / 4):
            try:
                progress.beat()
            except Exception:  # the next beat, or the watchdog, deals with it
                log.exception("heartbeat of job %s failed", job_id)
        connection.close()

    beat = threading.Thread(target=keep_alive, daemon=True, name=f"heartbeat-{job_id}")
    beat.start()
    ended: dict[str, Any]
    try:
        if row.cancel_requested:
            raise Cancelled
        result = HANDLERS[row.kind](progress, **row.args)
        ended = {"state": State.DONE, "result": result}
    except Cancelled:
        ended = {"state": State.CANCELLED, "message": "Cancelled"}
    except Problem as problem:
        ended = {"state": State.FAILED, "message": problem.detail[:250], "error": problem.detail}
    except Exception as error:
        log.exception("job %s (%s) failed", job_id, row.kind)
        ended = {
            "state": State.FAILED,
            "message": f"{type(error).__name__}: {error}"[:250],
            "error": traceback.format_exc(),
        }
    finally:
        stop.set()
        beat.join()
    Job.objects.filter(pk=row.pk, lease_token=token).update(finished_at=now(), lease_until=None, **ended)


@task()
def run_job(job_id: str) -> None:
    """The one django-task through which every coarse job runs."""
    run(job_id)


def cancel(job_id: UUID | str, actor: Actor) -> Job:
    """Ask a job to stop: at once when queued, at its next step when running.

    Raises:
        NotFound: there is none, or it is somebody else's. Conflict: it has ended.
    """
    with transaction.atomic():
        row = queries.visible_to(actor).select_for_update(of=("self",)).filter(pk=job_id).first()
        if row is None:
            raise NotFound("There is no such job.")
        if row.state not in (State.QUEUED, State.RUNNING):
            raise Conflict(f"This job has already ended ({row.state}).")
        row.cancel_requested = True
        if row.state == State.QUEUED:
            row.state, row.finished_at, row.message = State.CANCELLED, now(), "Cancelled"
        row.save(update_fields=["cancel_requested", "state", "finished_at", "message"])
        audit(actor, "jobs.cancel", "job", row.pk, row.kind)
    return row


def rescue() -> int:
    """Queue again every job whose runner died, after or before it took the job; give up after `MAX_ATTEMPTS`.

    Returns:
        How many were queued again.
    """
    rescued = 0
    for row in Job.objects.filter(state=State.RUNNING, lease_until__lt=now()):
        mine = Job.objects.filter(pk=row.pk, lease_token=row.lease_token, state=State.RUNNING)
        with transaction.atomic():
            if row.attempts >= MAX_ATTEMPTS:
                mine.update(state=State.FAILED, finished_at=now(), message="Stopped: its process died each time it ran")
            elif mine.update(state=State.QUEUED, lease_token="", lease_until=None):
                run_job.enqueue(str(row.pk))
                rescued += 1
    if not DBTaskResult.objects.ready().exists():
        # Whoever took the task died before it took the job: nothing is queued any more that would start it.
        for row in Job.objects.filter(state=State.QUEUED, created_at__lt=now() - LEASE):
            run_job.enqueue(str(row.pk))
            rescued += 1
    return rescued


def after_restore() -> int:
    """End every unfinished job of a store that was put back from a backup; returns how many."""
    return Job.objects.filter(state__in=[State.QUEUED, State.RUNNING]).update(
        state=State.FAILED, finished_at=now(), lease_until=None, message="Ended: the store was restored from a backup"
    )
