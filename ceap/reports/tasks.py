"""The job that makes reports, those that are due by schedule, and the sweep of what dead processes left."""

from __future__ import annotations

from typing import Any

from ceap.jobs.actions import Progress, job
from ceap.jobs.schedule import every
from ceap.reports import actions


@job(actions.KIND)
def make(progress: Progress, report: str) -> dict[str, Any]:
    """Make the file of one report."""
    return actions.make(report, progress)


every(3600, role="app", name="reports: sweep")(actions.sweep)
every(20, role="app", name="reports: schedules")(actions.run_due)
