"""Segments themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.kit.moments import Moment
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.segments import actions, queries, schemas
from ceap.segments.api import rows
from ceap.segments.api.detail import allowed, detail
from ceap.segments.api.router import router


@router.get("", response=schemas.SegmentList)
def index(
    request: HttpRequest,
    search: str = "",
    created_from: Moment | None = None,
    created_before: Moment | None = None,
    archived: bool = False,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """Segments, newest first, with their stored sizes."""
    me = actor(request)
    filters = queries.Filters(search, created_from, created_before, archived)
    found = queries.listed(me, filters, cursor=cursor, limit=limit)
    hides = queries.hiding(me)
    items = [_line(me, one, hidden=hides(one.rule)) for one in found.items]
    return {"items": items, "next": found.next, "total": found.total}


def _line(me: Actor, one: Any, *, hidden: bool) -> dict[str, Any]:
    state, error = queries.status(one.latest_state, one.latest_as_of), rows.error(me, one, one.latest_error or "")
    gone = one.archived_at is not None
    return {
        "id": one.pk, "name": one.name, "kind": one.kind, "status": state, "size": one.size, "total": one.total,
        "reason": queries.unready(state, error, archived=gone), "as_of": one.as_of, "error": error, "archived": gone,
        "created_by": rows.user(one.created_by), "created_at": one.created_at, 
        "allowed": allowed(me, one, hidden=hidden),
    }  # fmt: skip


@router.post("", response={201: schemas.SegmentOut})
def create(request: HttpRequest, body: schemas.SegmentIn) -> Any:
    """Save a new segment; its membership is built right away."""
    me = actor(request)
    made = actions.create(me, name=body.name, description=body.description, rule=body.rule)
    return Answer(201, detail(me, made))


@router.get("/{segment_id}", response=schemas.SegmentOut)
def read(request: HttpRequest, segment_id: UUID) -> Any:
    """One segment with its state, size and reach."""
    return detail(actor(request), queries.get(actor(request), segment_id))


@router.put("/{segment_id}", response=schemas.SegmentOut)
def edit(request: HttpRequest, segment_id: UUID, body: schemas.SegmentChange) -> Any:
    """Change a segment; its membership is built anew."""
    me = actor(request)
    changed = actions.edit(
        me, segment_id, name=body.name, description=body.description, rule=body.rule, version=body.rule_version
    )
    return detail(me, changed)


@router.post("/{segment_id}/duplicate", response={201: schemas.SegmentOut})
def duplicate(request: HttpRequest, segment_id: UUID) -> Any:
    """A copy named "Copy of …"."""
    me = actor(request)
    return Answer(201, detail(me, actions.duplicate(me, segment_id)))


@router.get("/{segment_id}/uses", response=schemas.SegmentUseList)
def uses(request: HttpRequest, segment_id: UUID) -> Any:
    """What uses a segment: other segments and campaigns."""
    found = queries.uses(actor(request), segment_id)
    return {"items": [one.__dict__ for one in found], "total": len(found)}


@router.delete("/{segment_id}", response={204: None})
def delete(request: HttpRequest, segment_id: UUID) -> Any:
    """Delete an archived segment with its history."""
    actions.delete(actor(request), segment_id)
    return Answer(204, None)


@router.post("/{segment_id}/archive", response=schemas.SegmentOut)
def archive(request: HttpRequest, segment_id: UUID) -> Any:
    """Take a segment out of the active lists."""
    return detail(actor(request), actions.archive(actor(request), segment_id))


@router.post("/{segment_id}/unarchive", response=schemas.SegmentOut)
def unarchive(request: HttpRequest, segment_id: UUID) -> Any:
    """Bring an archived segment back."""
    return detail(actor(request), actions.unarchive(actor(request), segment_id))


@router.post("/{segment_id}/recalculate", response=schemas.SegmentOut)
def recalculate(request: HttpRequest, segment_id: UUID) -> Any:
    """Build the membership anew now."""
    return detail(actor(request), actions.recalculate(actor(request), segment_id))


@router.post("/{segment_id}/cancel", response=schemas.SegmentOut)
def cancel(request: HttpRequest, segment_id: UUID) -> Any:
    """Stop the recalculation that waits or runs; the version before goes on serving."""
    return detail(actor(request), actions.cancel(actor(request), segment_id))
