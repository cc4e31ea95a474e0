"""Who is in a segment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query

from ceap.accounts.authentication import actor
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.kit.problem import Conflict
from ceap.segments import queries, schemas
from ceap.segments.api import rows
from ceap.segments.api.router import router


@router.get("/{segment_id}/waterfall", response=schemas.SegmentWaterfallOut)
def member_waterfall(request: HttpRequest, segment_id: UUID) -> Any:
    """How many members could be emailed now, step by step."""
    return rows.waterfall(queries.waterfall_of_segment(actor(request), segment_id))


@router.get("/{segment_id}/versions", response=schemas.MembershipVersionList)
def versions(request: HttpRequest, segment_id: UUID) -> Any:
    """The membership versions of a segment, newest first: size, entered and left over time."""
    me = actor(request)
    segment = queries.get(me, segment_id)
    found = queries.versions(segment)
    missed = queries.missed(*found)
    return {"items": [rows.version(me, segment, one, missed) for one in found], "total": len(found)}


@router.get("/{segment_id}/members", response=schemas.MemberList)
def members(
    request: HttpRequest,
    segment_id: UUID,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """The members that one may see, with the actual size of the segment."""
    me = actor(request)
    version = queries.current(queries.get(me, segment_id))
    if version is None:
        raise Conflict(queries.NOT_READY)
    return rows.page(me, queries.members_page(me, version, cursor=cursor, limit=limit))


@router.get("/{segment_id}/customers/{customer_id}", response=schemas.MemberVerdictOut)
def member(request: HttpRequest, segment_id: UUID, customer_id: int) -> Any:
    """Why a customer is, or is not, in a segment."""
    me = actor(request)
    segment = queries.get(me, segment_id)
    found = queries.why_member(me, segment, customer_id)
    version = queries.current(segment)
    return rows.verdict(me, found) | {"member": version is not None and customer_id in queries.members(version)}
