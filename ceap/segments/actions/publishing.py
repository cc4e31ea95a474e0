"""Letting memberships serve: many in one transaction, each whole or not at all.

The version that serves changes only here, together with bitmap, size, day and moves. What is to be written is worked
out before the transaction, which holds while nobody else has the lease, so that the store's write lock is held for
the writing alone; whoever lost the lease, or whose segment was edited meanwhile, writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ManyToOneRel, Max, OuterRef, Subquery
from pyroaring import BitMap

from ceap.core import bitmaps
from ceap.kit.clock import now
from ceap.segments import memory, sources
from ceap.segments.actions import lease, moves
from ceap.segments.actions.membership import held
from ceap.segments.actions.moves import Moves
from ceap.segments.contracts import Build, Cause
from ceap.segments.models import MembershipVersion, Segment, SegmentDay

TOGETHER = 25  # memberships in one transaction


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


@dataclass(frozen=True)
class _Prepared:
    """What is written for one segment. `given`: the version being built, or the one that serves until now."""

    given: MembershipVersion
    found: Membership
    serving: UUID | None  # while the columns were worked out
    serving_number: int
    moves: Moves | None  # None for a segment's first version
    columns: dict[str, Any]
    day: dict[str, Any]


Found = tuple[MembershipVersion, Membership]


def publish(token: str, built: Sequence[Found]) -> Iterator[bool]:
    """Make versions that were built under the lease `token` ready and let them serve.

    Yields for each, in order: False, and nothing changed, when the lease was lost, the version superseded, or a newer
    one serves already.
    """
    for some in _batches(built):
        prepared = _prepared(some)
        with transaction.atomic():
            done = _publish(token, prepared)
        yield from (one.given.pk in done for one in prepared)


def publish_changes(token: str, changed: Sequence[Found]) -> Iterator[bool]:
    """New versions that differ from those that serve (the given ones) because customers changed.

    Yields for each, in order: False, and nothing changed, when the lease was lost or another version was queued or
    serves meanwhile.
    """
    for some in _batches(changed):
        prepared = _prepared(some)
        with transaction.atomic():
            done = _publish_changes(token, prepared)
        yield from (one.given.pk in done for one in prepared)


def _batches(found: Sequence[Found]) -> Iterator[Sequence[Found]]:
    return (found[start : start + TOGETHER] for start in range(0, len(found), TOGETHER))


def _prepared(found: Sequence[Found]) -> list[_Prepared]:
    today = now().astimezone(sources.zone()).date()
    ids = [given.segment_id for given, _ in found]
    rows = Segment.objects.filter(pk__in=ids).exclude(current=None).values_list("pk", "current", "current__number")
    serving = {pk: (version, number) for pk, version, number in rows}
    before = SegmentDay.objects.filter(segment=OuterRef("segment"), day__lt=today).order_by("-day").values("day")[:1]
    days = SegmentDay.objects.filter(segment__in=ids, day=Subquery(before))
    ended = dict(days.values_list("segment_id", "version_id"))  # how each ended the last day before that it has
    known = memory.bitmaps_of([*(version for version, _ in serving.values()), *ended.values()])

    def prepare(given: MembershipVersion, people: Membership) -> _Prepared:
        version, number = serving.get(given.segment_id, (None, 0))
        last = ended.get(given.segment_id)
        old, yesterday = (known.get(one) if one else None for one in (version, last))
        return _prepare(given, people, version, number, old, yesterday, today)

    return [prepare(*one) for one in found]


def _prepare(
    given: MembershipVersion,
    found: Membership,
    serving: UUID | None,
    number: int,
    before: BitMap | None,
    yesterday: BitMap | None,
    today: date,
) -> _Prepared:
    columns, moved = found.columns(), None
    if before is not None:
        moved = Moves(found.bitmap - before, before - found.bitmap)
        columns |= {"entered": len(moved.came), "left": len(moved.went), "came": bitmaps.pack(moved.came),
                    "went": bitmaps.pack(moved.went)}  # fmt: skip
    start = found.bitmap if yesterday is None else yesterday
    day = {
        "day": today, "size": len(found.bitmap), "total": found.total,
        "entered": found.bitmap.difference_cardinality(start), "left": start.difference_cardinality(found.bitmap),
    }  # fmt: skip
    return _Prepared(given, found, serving, number, moved, columns, day)


def _publish(token: str, prepared: Sequence[_Prepared]) -> set[UUID]:
    segments = _locked(token, prepared)
    ready = []
    for one in prepared:
        mine = held(token).filter(pk=one.given.pk)
        segment = segments.get(one.given.segment_id)
        if segment is None or segment.current_id != one.serving:
            continue
        if one.serving_number > one.given.number:
            mine.update(state=Build.SUPERSEDED, lease_token="", lease_until=None)
        elif mine.update(**one.columns):
            ready.append((segment, one.given, one))
    _serve(ready)
    return {given.pk for _, given, _ in ready}


def _publish_changes(token: str, prepared: Sequence[_Prepared]) -> set[UUID]:
    segments = _locked(token, prepared)
    rows = MembershipVersion.objects.filter(segment__in=segments).order_by()
    last = dict(rows.values_list("segment_id").annotate(Max("number")))
    newest = dict(rows.exclude(state=Build.SUPERSEDED).values_list("segment_id").annotate(Max("number")))
    ready = []
    for one in prepared:
        segment = segments.get(one.given.segment_id)
        if segment is None or segment.archived_at or not segment.current_id == one.serving == one.given.pk:
            continue
        if newest[segment.pk] != one.given.number:
            continue
        version = MembershipVersion(
            segment=segment, number=last[segment.pk] + 1, rule=one.given.rule, rule_version=one.given.rule_version,
            cause=Cause.CHANGES, created_at=now(), started_at=now(), **one.columns,
        )  # fmt: skip
        ready.append((segment, version, one))
    MembershipVersion.objects.bulk_create(version for _, version, _ in ready)
    _serve(ready)
    return {one.given.pk for _, _, one in ready}


def _locked(token: str, prepared: Sequence[_Prepared]) -> dict[UUID, Segment]:
    """The segments, locked; none when the lease was lost."""
    if not lease.extend(token):
        return {}
    ids = [one.given.segment_id for one in prepared]
    return {row.pk: row for row in Segment.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _serve(ready: Sequence[tuple[Segment, MembershipVersion, _Prepared]]) -> None:
    """Point segments at versions that were just made ready, note their day, publish their moves, thin the others."""
    if not ready:
        return
    for segment, version, _ in ready:
        segment.current_id = version.pk
    Segment.objects.bulk_update((segment for segment, _, _ in ready), ["current"])
    SegmentDay.objects.bulk_create(
        [SegmentDay(segment=segment, version=version, **one.day) for segment, version, one in ready],
        update_conflicts=True, unique_fields=["segment", "day"],
        update_fields=["version", "size", "total", "entered", "left"],
    )  # fmt: skip
    for _, version, one in ready:
        memory.keep(version.pk, one.found.bitmap)
    moves.write([(segment, version, one.moves) for segment, version, one in ready if one.moves])
    thin([segment for segment, _, _ in ready])


def thin(segments: Iterable[Segment]) -> int:
    """Delete ready versions that neither serve, nor end a day, nor are referred to by another package (pinned)."""
    listed = list(segments)
    rows = MembershipVersion.objects.filter(segment__in=listed, state=Build.READY)
    kept = SegmentDay.objects.filter(segment__in=listed).values("version")
    serving = [segment.current_id for segment in listed if segment.current_id]
    gone = set(rows.exclude(pk__in=serving).exclude(pk__in=kept).values_list("pk", flat=True))
    for relation in MembershipVersion._meta.get_fields(include_hidden=True):
        if gone and isinstance(relation, ManyToOneRel) and relation.related_model._meta.app_label != "segments":
            name = relation.field.attname
            gone -= set(
                relation.related_model._base_manager.filter(**{f"{name}__in": gone}).values_list(name, flat=True)
            )
    MembershipVersion.objects.filter(pk__in=gone).defer("bitmap", "came", "went").delete()
    return len(gone)
