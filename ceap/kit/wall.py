"""Wall time of a zone as an instant, through gaps and overlaps of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def due_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When `at` on the local date `day` is, in UTC.

    A wall time that occurs twice means the first; one that the clock skips means the first instant after the gap.
    """
    wall = datetime.combine(day, at, zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    low, high = instant - timedelta(hours=26), instant
    while high - low > timedelta(microseconds=1):
        middle = low + (high - low) / 2
        early = middle.astimezone(zone).replace(tzinfo=None) < wall.replace(tzinfo=None)
        low, high = (middle, high) if early else (low, middle)
    return high
