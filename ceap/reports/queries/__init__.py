"""Reads about reports and their schedules."""

from ceap.reports.queries.reports import KEY, barred, file, folder, get, latest, page, visible_to, with_progress
from ceap.reports.queries.schedules import get_schedule, schedules, schedules_visible_to

__all__ = [
    "KEY", "barred", "file", "folder", "get", "get_schedule", "latest", "page", "schedules", "schedules_visible_to",
    "visible_to", "with_progress",
]  # fmt: skip
