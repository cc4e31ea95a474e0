"""Segments and their versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import reached
from ceap.core import bitmaps
from ceap.core.values.text import SEARCH_FROM, searchable
from ceap.kit.clock import now
from ceap.kit.pagination import PAGE_SIZE, page
from ceap.kit.problem import Conflict, NotFound, invalid
from ceap.kit.wall import is_missed
from ceap.segments.contracts import HELD, NOT_READY, Build, SegmentStatus
from ceap.segments.models import DailyRun, MembershipVersion, Segment

KEY = "customers_segment_view"
STALE_AFTER = timedelta(hours=36)  # a daily recalculation was missed


def visible_to(actor: Actor) -> QuerySet[Segment]:
    """The segments, archived ones too, that `actor` may see: all, one's own, or none."""
    return reached(actor, KEY, Segment.objects.all())


def get(actor: Actor, segment_id: UUID | str) -> Segment:
    """One segment.

    Raises:
        NotFound: there is none, or `actor` may not see it.
    """
    row = visible_to(actor).select_related("created_by", "updated_by").filter(pk=segment_id).first()
    if row is None:
        raise NotFound("There is no such segment.")
    return row


def current(segment: Segment | UUID | str) -> MembershipVersion | None:
    """The ready version that serves, or None while the first one is being built."""
    key = segment.pk if isinstance(segment, Segment) else segment
    return MembershipVersion.objects.filter(pk__in=Segment.objects.filter(pk=key).values("current")).first()


def latest(segment: Segment | UUID | str) -> MembershipVersion | None:
    """The newest version that was not superseded, without its bitmap."""
    key = segment.pk if isinstance(segment, Segment) else segment
    rows = MembershipVersion.objects.defer("bitmap").exclude(state=Build.SUPERSEDED)
    return rows.filter(segment_id=key).order_by("-number").first()


def versions(segment: Segment, limit: int = 100) -> list[MembershipVersion]:
    """The newest versions, newest first, without bitmaps; superseded ones left out."""
    rows = segment.versions.defer("bitmap").exclude(state=Build.SUPERSEDED)
    return list(rows.order_by("-number")[:limit])


def missed(*versions: MembershipVersion | None) -> dict[UUID | None, datetime]:
    """The runs of these versions that made up for a time at which nothing ran: run id -> when they had been due."""
    ids = {one.run_id for one in versions if one and one.run_id}
    runs = DailyRun.objects.filter(run_id__in=ids) if ids else ()
    return {run.run_id: run.due_at for run in runs if is_missed(run.due_at, run.started_at)}


def members(version: MembershipVersion) -> BitMap:
    """The customer keys in a ready version; its length is `version.size`.

    Raises:
        Conflict: the version is not ready.
    """
    if version.state != Build.READY or version.bitmap is None:
        raise Conflict(NOT_READY)
    return bitmaps.unpack(version.bitmap)


def status(state: str | None, data_as_of: datetime | None) -> SegmentStatus:
    """How a segment is, from its newest version's state and the age of its data."""
    if state in (None, Build.QUEUED):
        return SegmentStatus.QUEUED
    if state == Build.READY:
        return SegmentStatus.STALE if data_as_of and now() - data_as_of > STALE_AFTER else SegmentStatus.READY
    return SegmentStatus(state)


def require_ready(segment: Segment) -> MembershipVersion:
    """The version that a campaign may use now.

    Raises:
        Conflict: the segment is archived or not ready; the sentence says which. Not why a recalculation failed: whoever
            sees the campaign need not see the fields of the rule.
    """
    newest = latest(segment)
    state = status(newest.state if newest else None, newest.data_as_of if newest else None)
    reason = unready(state, f"the page of “{segment.name}” says why.", archived=segment.archived_at is not None)
    found = None if reason else current(segment)
    if found is None:
        raise Conflict(reason or NOT_READY)
    return found


def unready(state: SegmentStatus, error: str, *, archived: bool) -> str:
    """Why a segment in `state` cannot be used now, in a sentence; "" when it can."""
    if archived:
        return "This segment is archived; unarchive it first."
    if state is SegmentStatus.HELD:
        return HELD
    if state in (SegmentStatus.QUEUED, SegmentStatus.BUILDING):
        return NOT_READY
    if state is SegmentStatus.FAILED:
        return f"The last recalculation of this segment failed: {error}"
    if state is SegmentStatus.CANCELLED:
        return "The recalculation of this segment was cancelled; recalculate it first."
    if state is SegmentStatus.STALE:
        return "The membership of this segment is older than a day; recalculate it first."
    return ""


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; the moments are UTC."""

    search: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    archived: bool = False


@dataclass(frozen=True)
class Listed:
    """One page of segments, newest first, each with `latest_state`, `latest_as_of`, `size`."""

    items: list[Any]
    next: str | None
    total: int


def listed(actor: Actor, filters: Filters, *, cursor: str | None = None, limit: int = PAGE_SIZE) -> Listed:
    """The segments that `actor` may see.

    Raises:
        Forbidden: without the permission to see segments.
        Invalid: the search is too short, or the cursor damaged.
    """
    actor.require(KEY)
    rows = visible_to(actor).filter(archived_at__isnull=not filters.archived)
    if search := filters.search.strip():
        if not searchable(search):
            raise invalid("search", f"Type at least {SEARCH_FROM} characters.")
        rows = rows.filter(name__icontains=search)
    if filters.created_from:
        rows = rows.filter(created_at__gte=filters.created_from)
    if filters.created_before:
        rows = rows.filter(created_at__lt=filters.created_before)
    total = rows.count()
    known = MembershipVersion.objects.exclude(state=Build.SUPERSEDED)
    newest = known.filter(segment=OuterRef("pk")).order_by("-number")
    rows = rows.select_related("created_by").annotate(
        latest_state=Subquery(newest.values("state")[:1]),
        latest_as_of=Subquery(newest.values("data_as_of")[:1]),
        latest_error=Subquery(newest.values("error")[:1]),
        size=F("current__size"),
        total=F("current__total"),
        as_of=F("current__data_as_of"),
    )
    return Listed(*page(rows, "-created_at", cursor=cursor, limit=limit), total)
