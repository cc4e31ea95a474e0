"""Exports of customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.customers import actions, schemas
from ceap.customers.api.router import router
from ceap.customers.queries import Filters
from ceap.jobs import queries as jobs
from ceap.kit.problem import Conflict, NotFound


@router.post("/exports", response={202: schemas.ExportStarted})
def export(request: HttpRequest, body: schemas.ExportIn) -> Any:
    """Export everything the filters leave, as a job; its result is the manifest."""
    filters = Filters(**body.filters.model_dump())
    return Answer(202, {"job": actions.start_export(actor(request), filters, body.format).pk})


@router.get("/exports/{job_id}/file")
def export_file(request: HttpRequest, job_id: UUID) -> Any:
    """The file of an export of one's own that is done: of the list of customers, or of segments."""
    who = actor(request)
    who.require("customers_export")
    job = jobs.get(who, job_id)
    if not job.kind.endswith(".export") or (who.kind != "system" and job.created_by_id != who.user_id):
        raise NotFound("There is no such export.")
    if job.state != "done" or not job.result:
        raise Conflict("The export is not ready yet.")
    path = actions.folder() / str(job.result["file"])
    if not path.exists():
        raise NotFound("This export is not kept any more; start it again.")
    name = f"customers-{job.finished_at:%Y-%m-%d}.{job.result['format']}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)
