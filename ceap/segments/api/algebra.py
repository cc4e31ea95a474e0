"""Across segments: how they overlap, which hold a customer, their members as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.segments import actions, queries, schemas
from ceap.segments.api import rows
from ceap.segments.api.router import router
from ceap.segments.contracts import Selection


def _region(one: queries.Region) -> dict[str, Any]:
    return one.selection.__dict__ | {"count": one.count}


@router.post("/compare", response=schemas.ComparisonOut)
def compare(request: HttpRequest, body: schemas.ComparisonIn) -> Any:
    """How two to four segments overlap: exact counts of those whom one may see."""
    found = queries.compare(actor(request), body.segments)
    segments = [
        {
            "id": one.segment.pk, "name": one.segment.name, "size": one.version.size, "seen": one.seen,
            "data_as_of": one.version.data_as_of,
        }
        for one in found.segments
    ]  # fmt: skip
    return {
        "segments": segments, "regions": [_region(one) for one in found.regions],
        "everywhere": _region(found.everywhere), "anywhere": _region(found.anywhere),
        "pairs": [dict(zip(("both", "first", "second"), map(_region, three), strict=True)) for three in found.pairs],
        "note": rows.PARTLY if any(one.seen < (one.version.size or 0) for one in found.segments) else "",
    }  # fmt: skip


@router.get("/with/{customer_id}", response=schemas.SegmentsWithOut)
def segments_with(request: HttpRequest, customer_id: int) -> Any:
    """The active segments that hold a customer, by name."""
    found = queries.segments_with(actor(request), customer_id)
    return {"items": [{"id": one.pk, "name": one.name} for one in found], "total": len(found)}


@router.post("/exports", response={202: schemas.MemberExportOut})
def export(request: HttpRequest, body: schemas.MemberExportIn) -> Any:
    """Export whom a selection of segments holds, as a job; the file is at /api/customers/exports/{job}/file."""
    selection = Selection(tuple(body.inside), tuple(body.outside), body.join)
    return Answer(202, {"job": actions.export(actor(request), selection, body.format).pk})
