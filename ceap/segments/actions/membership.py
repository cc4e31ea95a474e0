"""The life of a membership version: queued, taken under a lease, published whole or not at all.

Every step is one conditional update that names the lease token, so a builder that lost its lease, or whose segment was
edited meanwhile, cannot write. The version that serves changes only in `publish`, together with bitmap and size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, ManyToOneRel, Max, Q, QuerySet
from pyroaring import BitMap

from ceap.core import bitmaps
from ceap.jobs import actions as jobs
from ceap.jobs import queries as job_queries
from ceap.kit.clock import now
from ceap.segments import sources
from ceap.segments.actions import lease, moves
from ceap.segments.actions.moves import Moves
from ceap.segments.contracts import Build, Cause
from ceap.segments.models import MembershipVersion, Segment, SegmentDay

KIND = "segments.recalculate"
MAX_ATTEMPTS = 5
DIED = "The recalculation was stopped because its process died each time it ran. Edit or recalculate the segment."


def queue(
    segment: Segment, *, cause: Cause = Cause.RULE, run_id: UUID | None = None, supersede: bool = True
) -> MembershipVersion:
    """A new version to build of a locked `segment`, inside the caller's transaction.

    Versions still queued are superseded by it; so is one being built, when `supersede` (the rule changed).
    """
    drop_waiting(segment, building=supersede)
    number = segment.versions.aggregate(last=Max("number"))["last"] or 0
    return MembershipVersion.objects.create(
        segment=segment, number=number + 1, rule=segment.rule, rule_version=segment.rule_version, cause=cause,
        run_id=run_id, created_at=now(),
    )  # fmt: skip


def drop_waiting(segment: Segment, *, building: bool = True) -> None:
    """Supersede what is queued, and what is being built: its builder cannot publish any more."""
    states = [Build.QUEUED, Build.BUILDING] if building else [Build.QUEUED]
    segment.versions.filter(state__in=states).update(state=Build.SUPERSEDED, lease_token="", lease_until=None)


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


def fail(version_id: UUID, token: str, error: str) -> bool:
    """Mark one version as failed, with the reason; False when the lease was lost."""
    changes: dict[str, Any] = {"state": Build.FAILED, "error": error[:2000], "lease_token": "", "lease_until": None}
    return bool(held(token).filter(pk=version_id).update(**changes))


@dataclass(frozen=True)
class Membership:
    """What one scan found for one segment. `children`: the versions of other segments that it read, by segment."""

    bitmap: BitMap
    total: int
    email: int
    whatsapp: int
    data_as_of: datetime
    children: dict[str, str] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """The columns of a ready version that say so."""
        return {
            "bitmap": bitmaps.pack(self.bitmap), "size": len(self.bitmap), "total": self.total, "email": self.email,
            "whatsapp": self.whatsapp, "data_as_of": self.data_as_of, "children": self.children, "ready_at": now(),
            "state": Build.READY, "error": "", "lease_token": "", "lease_until": None,
        }  # fmt: skip


def publish(version_id: UUID, token: str, found: Membership) -> bool:
    """Make a version ready and let it serve: bitmap, size, day and moves in one transaction.

    Returns:
        False, and nothing changed, when the lease was lost, the version superseded, or a newer one serves already.
    """
    with transaction.atomic():
        row = held(token).filter(pk=version_id).values("segment_id", "number").first()
        if row is None or not lease.extend(token):
            return False
        segment = Segment.objects.select_for_update().get(pk=row["segment_id"])
        serving = _serving(segment)
        mine = held(token).filter(pk=version_id)
        if serving and serving.number > row["number"]:
            mine.update(state=Build.SUPERSEDED, lease_token="", lease_until=None)
            return False
        found_moves = _moves(serving, found.bitmap)
        if not mine.update(**found.columns(), **_sizes(found_moves)):
            return False
        _serve(segment, MembershipVersion.objects.get(pk=version_id), found.bitmap, found_moves)
    return True


def publish_changes(serving: MembershipVersion, token: str, found: Membership) -> MembershipVersion | None:
    """A new version that differs from `serving` because customers changed.

    Returns:
        None, and nothing changed, when the lease was lost or another version was queued or serves meanwhile.
    """
    with transaction.atomic():
        if not lease.extend(token):
            return None
        segment = Segment.objects.select_for_update().get(pk=serving.segment_id)
        newest = segment.versions.exclude(state=Build.SUPERSEDED).order_by("-number").values_list("pk", flat=True)
        if segment.current_id != serving.pk or newest.first() != serving.pk or segment.archived_at:
            return None
        found_moves = _moves(serving, found.bitmap)
        number = segment.versions.aggregate(last=Max("number"))["last"]
        version = MembershipVersion.objects.create(
            segment=segment, number=number + 1, rule=serving.rule, rule_version=serving.rule_version,
            cause=Cause.CHANGES, created_at=now(), started_at=now(), **found.columns(), **_sizes(found_moves),
        )  # fmt: skip
        _serve(segment, version, found.bitmap, found_moves)
    return version


def _serving(segment: Segment) -> MembershipVersion | None:
    return MembershipVersion.objects.filter(pk=segment.current_id).first() if segment.current_id else None


def _moves(serving: MembershipVersion | None, bitmap: BitMap) -> Moves | None:
    """None for a segment's first version."""
    if serving is None or serving.bitmap is None:
        return None
    before = bitmaps.unpack(serving.bitmap)
    return Moves(bitmap - before, before - bitmap)


def _sizes(found: Moves | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        "entered": len(found.came), "left": len(found.went), "came": bitmaps.pack(found.came),
        "went": bitmaps.pack(found.went),
    }  # fmt: skip


def _serve(segment: Segment, version: MembershipVersion, bitmap: BitMap, found: Moves | None) -> None:
    """Point the segment at a version that was just made ready, note its day, publish its moves, thin the others."""
    Segment.objects.filter(pk=segment.pk).update(current=version.pk)
    segment.current_id = version.pk
    note_day(segment, version, bitmap)
    if found is not None:
        moves.write(segment, version, found)
    thin(segment)


def note_day(segment: Segment, version: MembershipVersion, bitmap: BitMap) -> None:
    """Let `version` be how the segment ends today: set differences to the last version of an earlier day."""
    today = now().astimezone(sources.zone()).date()
    earlier = SegmentDay.objects.filter(segment=segment, day__lt=today).select_related("version").order_by("-day")
    last = earlier.first()
    before = bitmaps.unpack(last.version.bitmap) if last and last.version.bitmap is not None else bitmap
    SegmentDay.objects.update_or_create(
        segment=segment, day=today,
        defaults={
            "version": version, "size": len(bitmap), "total": version.total or 0, "entered": len(bitmap - before),
            "left": len(before - bitmap),
        },
    )  # fmt: skip


def thin(segment: Segment) -> int:
    """Delete ready versions that neither serve, nor end a day, nor are referred to by another package (pinned)."""
    kept = SegmentDay.objects.filter(segment=segment).values("version")
    spare = segment.versions.filter(state=Build.READY).exclude(pk__in=[segment.current_id]).exclude(pk__in=kept)
    gone = set(spare.values_list("pk", flat=True))
    for relation in MembershipVersion._meta.get_fields(include_hidden=True):
        if gone and isinstance(relation, ManyToOneRel) and relation.related_model._meta.app_label != "segments":
            name = relation.field.attname
            gone -= set(
                relation.related_model._base_manager.filter(**{f"{name}__in": gone}).values_list(name, flat=True)
            )
    MembershipVersion.objects.filter(pk__in=gone).defer("bitmap", "came", "went").delete()
    return len(gone)


def rescue() -> int:
    """Queue a job when versions wait and no job is on its way to build them; returns how many wait."""
    found = waiting().filter(segment__archived_at=None).count()
    if found and not job_queries.on_the_way(KIND):
        jobs.enqueue(KIND, subject="segments")
    return found
