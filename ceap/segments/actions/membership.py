"""The life of a membership version: queued, taken under a lease, published whole or not at all.

Every step is one conditional update that names the lease token, so a builder that lost its lease, or whose segment was
edited meanwhile, cannot write. The version that serves changes only in `publish`, together with bitmap and size.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from pyroaring import BitMap

from ceap.core import bitmaps
from ceap.jobs import actions as jobs
from ceap.jobs import queries as job_queries
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.segments.contracts import Build
from ceap.segments.models import MembershipVersion, Segment

KIND = "segments.recalculate"
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
DIED = "The recalculation was stopped because its process died each time it ran. Edit or recalculate the segment."


def queue(segment: Segment, *, run_id: UUID | None = None, supersede: bool = True) -> MembershipVersion:
    """A new version to build of a locked `segment`, inside the caller's transaction.

    Versions still queued are superseded by it; so is one being built, when `supersede` (the rule changed).
    """
    drop_waiting(segment, building=supersede)
    number = segment.versions.aggregate(last=Max("number"))["last"] or 0
    return MembershipVersion.objects.create(
        segment=segment, number=number + 1, rule=segment.rule, rule_version=segment.rule_version, run_id=run_id,
        created_at=now(),
    )  # fmt: skip


def drop_waiting(segment: Segment, *, building: bool = True) -> None:
    """Supersede what is queued, and what is being built: its builder cannot publish any more."""
    states = [Build.QUEUED, Build.BUILDING] if building else [Build.QUEUED]
    segment.versions.filter(state__in=states).update(state=Build.SUPERSEDED, lease_token="", lease_until=None)


def _waiting() -> QuerySet[MembershipVersion]:
    """What can be taken: queued, or being built by somebody whose lease has passed."""
    free = Q(state=Build.QUEUED) | Q(state=Build.BUILDING, lease_until__lt=now())
    return MembershipVersion.objects.defer("bitmap").filter(free)


def take(limit: int, segment_id: UUID | str | None = None) -> tuple[str, list[MembershipVersion]]:
    """Take at most `limit` waiting versions, oldest first: the lease's token, and what was taken.

    A version whose builder died `MAX_ATTEMPTS` times is marked failed instead.
    """
    token, taken = str(uuid7()), []
    rows = _waiting() if segment_id is None else _waiting().filter(segment_id=segment_id)
    for row in rows.order_by("created_at", "pk")[:limit]:
        mine = _waiting().filter(pk=row.pk)
        if row.attempts >= MAX_ATTEMPTS:
            mine.update(state=Build.FAILED, error=DIED, lease_token="", lease_until=None)
            continue
        if mine.update(
            state=Build.BUILDING, lease_token=token, lease_until=now() + LEASE, attempts=F("attempts") + 1,
            started_at=now(),
        ):  # fmt: skip
            taken.append(row)
    return token, taken


def held(token: str) -> QuerySet[MembershipVersion]:
    """The versions being built under this lease."""
    return MembershipVersion.objects.filter(lease_token=token, state=Build.BUILDING)


def beat(token: str) -> int:
    """Extend a lease; returns how many versions it still holds (0: all were superseded or taken away)."""
    return held(token).update(lease_until=now() + LEASE)


def release(token: str) -> None:
    """Give back what was not built; it is queued again."""
    held(token).update(state=Build.QUEUED, lease_token="", lease_until=None)


def fail(version_id: UUID, token: str, error: str) -> bool:
    """Mark one version as failed, with the reason; False when the lease was lost."""
    changes: dict[str, Any] = {"state": Build.FAILED, "error": error[:2000], "lease_token": "", "lease_until": None}
    return bool(held(token).filter(pk=version_id).update(**changes))


@dataclass(frozen=True)
class Membership:
    """What one scan found for one segment."""

    bitmap: BitMap
    total: int
    email: int
    whatsapp: int
    data_as_of: datetime


def publish(version_id: UUID, token: str, found: Membership) -> bool:
    """Make a version ready and let it serve: bitmap, size, entered and left in one transaction.

    Returns:
        False, and nothing changed, when the lease was lost, the version superseded, or a newer one serves already.
    """
    with transaction.atomic():
        row = held(token).filter(pk=version_id).values("segment_id", "number").first()
        if row is None:
            return False
        segment = Segment.objects.select_for_update().get(pk=row["segment_id"])
        serving = MembershipVersion.objects.filter(pk=segment.current_id).first() if segment.current_id else None
        mine = held(token).filter(pk=version_id)
        if serving and serving.number > row["number"]:
            mine.update(state=Build.SUPERSEDED, lease_token="", lease_until=None)
            return False
        before = bitmaps.unpack(serving.bitmap) if serving and serving.bitmap is not None else BitMap()
        if not mine.update(
            state=Build.READY, bitmap=bitmaps.pack(found.bitmap), size=len(found.bitmap), total=found.total,
            email=found.email, whatsapp=found.whatsapp, entered=len(found.bitmap - before),
            left=len(before - found.bitmap), data_as_of=found.data_as_of, ready_at=now(), error="", lease_token="",
            lease_until=None,
        ):  # fmt: skip
            return False
        Segment.objects.filter(pk=segment.pk).update(current=version_id)
    return True


def rescue() -> int:
    """Queue a job when versions wait and no job is on its way to build them; returns how many wait."""
    waiting = _waiting().filter(segment__archived_at=None).count()
    if waiting and not job_queries.on_the_way(KIND):
        jobs.enqueue(KIND, subject="segments")
    return waiting
