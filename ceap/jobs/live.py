"""Watching a job: topic "job:<id>"."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.jobs.queries import get
from ceap.kit.live import provider
from ceap.kit.problem import NotFound


@provider("job")
def job(actor: Actor, id: str) -> dict[str, Any]:
    """How far the job is, as GET /api/jobs/<id> says it."""
    try:
        row = get(actor, UUID(id))
    except ValueError:
        raise NotFound("There is no such job.") from None
    return {
        "id": str(row.pk), "kind": row.kind, "subject": row.subject, "state": row.state, "done": row.done,
        "total": row.total, "message": row.message, "result": row.result,
    }  # fmt: skip
