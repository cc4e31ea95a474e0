"""The life of a membership version until it is published: queued, taken under a lease, given back, failed.

Every step is one conditional update that names the lease token, so a builder that lost its lease, or whose segment was
edited meanwhile, cannot write.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from pyroaring import BitMap

from ceap.core import bitmaps
from ceap.jobs import actions as jobs
from ceap.jobs import queries as job_queries
from ceap.kit.clock import now
from ceap.segments.actions import children, lease
from ceap.segments.changes import today
from ceap.segments.contracts import Build, Cause, Kind
from ceap.segments.models import MembershipVersion, Segment

KIND = "segments.recalculate"
MAX_ATTEMPTS = 5
DIED = "The recalculation was stopped because its process died each time it ran. Edit or recalculate the segment."


def queue(
    segment: Segment,
    *,
    cause: Cause = Cause.RULE,
    run_id: UUID | None = None,
    supersede: bool = True,
    listed: BitMap | None = None,
    held: bool | None = None,
) -> MembershipVersion:
    """A new version to build of a locked `segment`, inside the caller's transaction.

    Versions still queued are superseded by it; so is one being built, when `supersede` (the rule changed).

    Args:
        listed: who a segment without a rule shall hold, as far as they are customers; left out: whom it was meant
            to hold.
        held: nobody builds it until a version that is not held takes its place; left out: as the one before is.
    """
    if held is None:
        held = segment.versions.filter(state=Build.HELD).exists()
    if segment.kind != Kind.RULE and listed is None:
        listed = meant(segment)
    drop_waiting(segment, building=supersede)
    number = segment.versions.aggregate(last=Max("number"))["last"] or 0
    return MembershipVersion.objects.create(
        segment=segment, number=number + 1, rule=segment.rule, rule_version=segment.rule_version, cause=cause,
        state=Build.HELD if held else Build.QUEUED, run_id=run_id, created_at=now(),
        bitmap=None if listed is None else bitmaps.pack(listed),
    )  # fmt: skip


def meant(segment: Segment) -> BitMap:
    """Whom a segment without a rule was last meant to hold: its newest version, ready or not."""
    newest = segment.versions.exclude(bitmap=None).order_by("-number").first()
    return BitMap() if newest is None else bitmaps.unpack(newest.bitmap or b"")


def still_customers(listed: BitMap, present: BitMap) -> BitMap:
    """Those of `listed` who are `present`; the survivor of a merge takes the place of who was merged away."""
    gone = listed - present
    return (listed - gone) | (today(gone) & present)


def drop_waiting(segment: Segment, *, building: bool = True) -> None:
    """Supersede what is held or queued, and what is being built: its builder cannot publish any more."""
    states = [Build.HELD, Build.QUEUED, *([Build.BUILDING] if building else [])]
    segment.versions.filter(state__in=states).update(state=Build.SUPERSEDED, lease_token="", lease_until=None)


def cancel(segment_id: UUID | str | None = None) -> int:
    """Cancel what waits or is being built, of one segment or of all, for good; returns how many versions."""
    rows = MembershipVersion.objects.filter(state__in=[Build.QUEUED, Build.BUILDING])
    mine = rows if segment_id is None else rows.filter(segment_id=segment_id)
    return mine.update(state=Build.CANCELLED, lease_token="", lease_until=None)


def waiting(segment_id: UUID | str | None = None) -> QuerySet[MembershipVersion]:
    """What is queued, or being built by somebody whose lease has passed."""
    free = Q(state=Build.QUEUED) | Q(state=Build.BUILDING, lease_until__lt=now())
    rows = MembershipVersion.objects.defer("bitmap", "came", "went").filter(free)
    return rows if segment_id is None else rows.filter(segment_id=segment_id)


def take(token: str, versions: Iterable[MembershipVersion]) -> list[MembershipVersion]:
    """Take waiting versions under the lease `token`; those that could be taken.

    A version whose builder died `MAX_ATTEMPTS` times is marked failed instead.
    """
    taken = []
    for row in versions:
        mine = waiting().filter(pk=row.pk)
        if row.attempts >= MAX_ATTEMPTS:
            mine.update(state=Build.FAILED, error=DIED, lease_token="", lease_until=None)
        elif mine.update(
            state=Build.BUILDING, lease_token=token, lease_until=now() + lease.LENGTH, attempts=F("attempts") + 1,
            started_at=now(),
        ):  # fmt: skip
            taken.append(row)
    return taken


def held(token: str) -> QuerySet[MembershipVersion]:
    """The versions being built under this lease."""
    return MembershipVersion.objects.filter(lease_token=token, state=Build.BUILDING)


def beat(token: str) -> int:
    """Extend a lease; returns how many versions it still holds (0: all were superseded or taken away)."""
    lease.extend(token)
    return held(token).update(lease_until=now() + lease.LENGTH)


def release(token: str) -> None:
    """Give back what was not built; it is queued again."""
    held(token).update(state=Build.QUEUED, lease_token="", lease_until=None)


def unwanted(token: str, versions: Iterable[MembershipVersion]) -> bool:
    """Whether all of these were superseded, cancelled or taken away while they were built."""
    ids = [version.pk for version in versions]
    others = MembershipVersion.objects.filter(pk__in=ids).exclude(state=Build.BUILDING, lease_token=token)
    return others.count() == len(ids)


def fail(version_id: UUID, token: str, error: str) -> bool:
    """Mark one version as failed, with the reason; False when the lease was lost."""
    changes: dict[str, Any] = {"state": Build.FAILED, "error": error[:2000], "lease_token": "", "lease_until": None}
    return bool(held(token).filter(pk=version_id).update(**changes))


def queue_recovered() -> int:
    """Queue the segments that failed because of a child that is ready again; returns how many."""
    rows = children.recovered()
    for row in rows:
        with transaction.atomic():
            segment = Segment.objects.select_for_update().get(pk=row.segment_id)
            if not segment.versions.filter(number__gt=row.number).exists():
                queue(segment, cause=Cause.CHANGES, supersede=False)
    return len(rows)


def rescue() -> int:
    """Queue a job when versions wait and no job is on its way to build them; returns how many wait.

    What failed because of a child that is ready again waits, too.
    """
    queue_recovered()
    found = waiting().filter(segment__archived_at=None).count()
    if found and not job_queries.on_the_way(KIND):
        jobs.enqueue(KIND, subject="segments")
    return found
