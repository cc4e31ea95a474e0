"""Reads about jobs."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from ceap.accounts.contracts import Actor
from ceap.jobs.contracts import State
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.kit.problem import NotFound


def visible_to(actor: Actor) -> QuerySet[Job]:
    """One's own jobs; all of them with the permission to see the installation's health.

    What a job says may name customers: who may not see all of them sees the own jobs alone.
    """
    if actor.may("health_view") and actor.customers_seen == "all":
        return Job.objects.all()
    return Job.objects.filter(created_by_id=actor.user_id) if actor.user_id else Job.objects.none()


def get(actor: Actor, job_id: UUID | str) -> Job:
    """One job.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row = visible_to(actor).filter(pk=job_id).first()
    if row is None:
        raise NotFound("There is no such job.")
    return row


def progress(ids: Iterable[UUID]) -> dict[UUID, Job]:
    """The jobs with these ids, for rows that show how far their own work is."""
    return Job.objects.in_bulk(list(ids))


def cancel_requested(job_id: UUID | str | None) -> bool:
    """Whether somebody asked to cancel a job."""
    return job_id is not None and Job.objects.filter(pk=job_id, cancel_requested=True).exists()


def on_the_way(kind: str) -> bool:
    """Whether a job of `kind` is queued, or running under a lease that holds."""
    alive = Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__gte=now())
    return Job.objects.filter(alive, kind=kind).exists()


def latest(kinds: Iterable[str]) -> list[Job]:
    """The last job of each kind, newest first; for pages that show work whoever started it."""
    found = (Job.objects.filter(kind=kind).order_by("-created_at").first() for kind in kinds)
    return sorted((row for row in found if row), key=lambda row: row.created_at, reverse=True)
