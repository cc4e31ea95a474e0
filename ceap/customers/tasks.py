"""Entry points of the jobs of customers."""

from __future__ import annotations

from typing import Any

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.queries import actor_of, user
from ceap.customers.actions import write_export
from ceap.customers.queries import Filters
from ceap.jobs.actions import Progress, job


@job("customers.export")
def export(progress: Progress, filters: dict[str, Any], format: str, user_id: int | None = None) -> dict[str, Any]:
    """Write an export; with the rights its user has now."""
    actor = actor_of(user(SYSTEM, user_id)) if user_id else SYSTEM
    name = f"{progress.job_id}.{format}"
    return write_export(actor, Filters(**filters), format, name, lambda done, total: progress.step(done, total))
