"""Wall time of a zone as an instant, through gaps and overlaps of the clock; times that come again and again.

One mechanism for all that recurs (daily recalculation, scheduled reports, re-training): `next_due` says when a time
comes next, `newest_due` which one came last. Work that finds no trace of the newest one makes up for it, once, on a
later local date too; `is_missed` decides whether that is worth saying.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LATE = timedelta(minutes=10)  # work that begins later than this makes up for a time that passed while nothing ran
FURTHEST = 62  # days between two times of a schedule, at most
Days = Callable[[date], bool]


def every_day(day: date) -> bool:
    return True


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


def next_due(after: datetime, at: time, zone: ZoneInfo, on: Days = every_day) -> datetime:
    """The first time later than `after` that is `at` on a local date of `on`, in UTC; once on each of these dates.

    Raises:
        ValueError: there is no such date within two months.
    """
    today = after.astimezone(zone).date()
    for n in range(-1, FURTHEST + 1):
        day = today + timedelta(days=n)
        if on(day) and _exists(day, zone) and (due := due_at(day, at, zone)) > after:
            return due
    raise ValueError("this time never comes")


def newest_due(until: datetime, at: time, zone: ZoneInfo, on: Days = every_day) -> tuple[date, datetime] | None:
    """The last time not later than `until` that was `at` on a local date of `on`: that date, and the moment in UTC.

    None: there was none within two months.
    """
    today = until.astimezone(zone).date()
    for n in range(-1, FURTHEST + 1):
        day = today - timedelta(days=n)
        if on(day) and _exists(day, zone) and (due := due_at(day, at, zone)) <= until:
            return day, due
    return None


def is_missed(due: datetime, started: datetime) -> bool:
    """Whether work that began at `started` makes up for a time at which nothing ran."""
    return started - due > LATE


def _exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the zone has this date: one that crosses the date line leaves one out."""
    return any(due_at(day, hour, zone).astimezone(zone).date() == day for hour in (time(0), time(12)))
