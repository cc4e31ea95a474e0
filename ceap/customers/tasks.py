"""Entry points of the jobs of customers."""

from __future__ import annotations

from typing import Any

from ceap.accounts.queries import actor_by
from ceap.customers.actions import erase_copies, mend_values, retain, write_export
from ceap.customers.queries import Filters
from ceap.jobs.actions import Progress, job


@job("customers.export")
def export(progress: Progress, filters: dict[str, Any], format: str, actor_kind: str, actor_id: str) -> dict[str, Any]:
    """Write an export; with the rights that who asked for it has now."""
    actor = actor_by(actor_kind, actor_id)
    name = f"{progress.job_id}.{format}"
    return write_export(actor, Filters(**filters), format, name, lambda done, total: progress.step(done, total))


@job("customers.erase_copies")
def erase_everywhere(progress: Progress) -> dict[str, Any]:
    """Erase the last copies of everybody whose erasure is open."""
    return dict(erase_copies(lambda doing: progress.step(message=doing)))


@job("customers.retention")
def keep_no_longer(progress: Progress, run_id: str) -> dict[str, Any]:
    """Take away what is past its age."""
    return retain(run_id, lambda doing: progress.step(message=doing))


@job("customers.mend_values")
def bring_into_form(progress: Progress) -> dict[str, Any]:
    """Bring stored values into the form in which they are read."""
    return mend_values(lambda done, total: progress.step(done, total))
