"""The wire of jobs: watch and cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from ceap.accounts.authentication import actor
from ceap.jobs import actions, queries
from ceap.jobs.contracts import State

router = Router(tags=["jobs"])


class JobOut(Schema):
    id: UUID
    kind: str
    subject: str
    state: State
    done: int
    total: int | None
    message: str
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@router.get("/{job_id}", response=JobOut)
def read(request: HttpRequest, job_id: UUID) -> Any:
    """How far a job is."""
    return queries.get(actor(request), job_id)


@router.post("/{job_id}/cancel", response=JobOut)
def cancel(request: HttpRequest, job_id: UUID) -> Any:
    """Ask a job to stop."""
    return actions.cancel(job_id, actor(request))
