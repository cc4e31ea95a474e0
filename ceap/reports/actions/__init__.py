"""Writes about reports: order one, make its file, try again, delete, and the same by schedule."""

from ceap.reports.actions.reports import KEY, KIND, create, delete, make, retry, sweep
from ceap.reports.actions.schedules import change_schedule, delete_schedule, run_due, schedule

__all__ = [
    "KEY", "KIND", "change_schedule", "create", "delete", "delete_schedule", "make", "retry", "run_due", "schedule",
    "sweep",
]  # fmt: skip
