"""Lists of ids, and the segments made from them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import File, Form
from ninja import Status as Answer
from ninja.files import UploadedFile

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.kit.problem import Conflict
from ceap.segments import actions, queries, schemas
from ceap.segments.api.detail import detail
from ceap.segments.api.router import router
from ceap.segments.models import IdList


def _out(me: Actor, one: IdList) -> dict[str, Any]:
    names = ("id", "file_name", "columns", "column", "by", "job_id", "rows", "found", "duplicates", "missing")
    return {name: getattr(one, name) for name in names} | {
        "matched": one.matched_at is not None,
        "kinds": queries.list_kinds(me),
        "first_missing": queries.first_missing(one) if one.matched_at else [],
    }


@router.post("/lists", response={201: schemas.IdListOut})
def upload_list(request: HttpRequest, file: File[UploadedFile], column: Form[str] = "", by: Form[str] = "") -> Any:
    """Match a file of ids (CSV, XLSX, Parquet, or text with one id a line) with the customers; nothing is changed.

    `column` holds the ids; `by`: customer_id, email, phone, username, an app's own kind of identity, or "id" for the
    customer's number here. What is left out is found out. The list is kept for a week. One of more than 50,000 rows is
    matched by the job `job_id`; read the list again when that is done.
    """
    me, blocks = actor(request), file.chunks()
    return Answer(201, _out(me, actions.upload_list(me, file.name or "file", blocks, column=column, by=by)))


@router.get("/lists/{list_id}", response=schemas.IdListOut)
def read_list(request: HttpRequest, list_id: UUID) -> Any:
    """One list, with the first rows that name nobody."""
    return _out(actor(request), queries.get_list(actor(request), list_id))


@router.post("/lists/{list_id}/match", response=schemas.IdListOut)
def match_list(request: HttpRequest, list_id: UUID, body: schemas.IdListMatchIn) -> Any:
    """Match a list again, by another column or kind of identity."""
    me = actor(request)
    return _out(me, actions.match_list(me, list_id, column=body.column, by=body.by))


@router.get("/lists/{list_id}/missing.csv")
def missing(request: HttpRequest, list_id: UUID) -> FileResponse:
    """The rows that name nobody, with the reason."""
    one = queries.get_list(actor(request), list_id)
    if one.matched_at is None:
        raise Conflict("This list is not matched with the customers yet.")
    path = queries.missing_file(one.pk)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"not found in {one.file_name}.csv",
                        content_type="text/csv; charset=utf-8")  # fmt: skip


@router.post("/lists/{list_id}/segment", response={201: schemas.SegmentOut})
def create_static(request: HttpRequest, list_id: UUID, body: schemas.StaticSegmentIn) -> Any:
    """Save a segment of the customers that a list names."""
    me = actor(request)
    return Answer(
        201, detail(me, actions.create_static(me, name=body.name, description=body.description, list_id=list_id))
    )


@router.post("/{segment_id}/upload", response=schemas.SegmentOut)
def upload(request: HttpRequest, segment_id: UUID, body: schemas.SegmentUploadIn) -> Any:
    """Replace, add to or remove from the members of a segment that was made from a list."""
    me = actor(request)
    changed = actions.upload(me, segment_id, list_id=body.list_id, how=body.how, version=body.rule_version)
    return detail(me, changed)
