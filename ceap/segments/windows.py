"""Dates and relative windows in the organisation's time zone, as instants in UTC.

A local date starts at its first instant in the zone, whatever clock changes do to midnight. "In the last N days
(weeks, months, years)" starts at the beginning of the local date N days (…) before today and ends now; of a date
without a time it ends today. The same day of a shorter month is its last day. "In the last N hours" is N × 60 minutes.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True)
class Span:
    """A length of time in the words of a calendar."""

    count: int
    unit: Unit

    def words(self) -> str:
        """ "1 day", "30 days"."""
        return f"{self.count:,} {self.unit if self.count != 1 else self.unit[:-1]}"


@dataclass(frozen=True)
class Dates:
    """From one local date to another, both included; None: open on that side."""

    first: date | None
    last: date | None


A_DAY = timedelta(days=1)
A_MOMENT = timedelta(microseconds=1)  # between two instants that the warehouse tells apart
LONGEST = {Unit.HOURS: 24 * 366, Unit.DAYS: 36_600, Unit.WEEKS: 5_220, Unit.MONTHS: 1_200, Unit.YEARS: 100}


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the local date `day`, in UTC (of a date that a zone skipped: of the next one)."""
    wall = datetime.combine(day, time(), zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).date() < day:  # an ambiguous midnight whose first occurrence is the day before
        return wall.replace(fold=1).astimezone(UTC)
    before = instant - A_MOMENT
    if before.astimezone(zone).date() < day:
        return instant
    low, high = before - timedelta(hours=3), before  # midnight fell inside a gap that began before it
    while high - low > A_MOMENT:
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).date() < day else (low, middle)
    return high


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier (later when negative), or the last day of that month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def back(day: date, span: Span) -> date:
    """The local date `span` (not in hours) before `day`."""
    match span.unit:
        case Unit.DAYS:
            return day - timedelta(days=span.count)
        case Unit.WEEKS:
            return day - timedelta(weeks=span.count)
        case Unit.MONTHS:
            return months_before(day, span.count)
        case Unit.YEARS:
            return months_before(day, 12 * span.count)
    raise ValueError("hours have no date")


def ahead(day: date, span: Span) -> date:
    """The local date `span` (not in hours) after `day`."""
    return back(day, Span(-span.count, span.unit))


def since(now: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """The instant at which "in the last `span`" begins."""
    if span.unit is Unit.HOURS:
        return now - timedelta(hours=span.count)
    return start_of(back(now.astimezone(zone).date(), span), zone)


def until(now: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """The first instant after "in the next `span`"."""
    if span.unit is Unit.HOURS:
        return now + timedelta(hours=span.count)
    return start_of(ahead(now.astimezone(zone).date(), span) + A_DAY, zone)


def present(now: datetime, span: Span | None, zone: ZoneInfo) -> datetime:
    """Now."""
    return now


def just_after(now: datetime, span: Span | None, zone: ZoneInfo) -> datetime:
    """The first instant after now."""
    return now + A_MOMENT


def today(now: datetime, span: Span | None, zone: ZoneInfo) -> date:
    """The local date."""
    return now.astimezone(zone).date()


def day_back(now: datetime, span: Span, zone: ZoneInfo) -> date:
    """The local date on which "in the last `span`" begins; hours mean whole days."""
    return back(today(now, None, zone), in_days(span))


def day_ahead(now: datetime, span: Span, zone: ZoneInfo) -> date:
    """The local date on which "in the next `span`" ends; hours mean whole days."""
    return ahead(today(now, None, zone), in_days(span))


def out_of_last(day: date, span: Span) -> date:
    """The first local date on which `day` is no longer in the last `span` (not in hours)."""
    found = ahead(day, span)
    while back(found, span) <= day:  # the same day of a shorter month is its last day
        found += A_DAY
    return found


def into_next(day: date, span: Span) -> date:
    """The first local date on which `day` is in the next `span` (not in hours)."""
    found = back(day, span)
    while ahead(found, span) < day:
        found += A_DAY
    return found


def in_days(span: Span) -> Span:
    """Hours mean whole days to a date without a time."""
    return Span(-(-span.count // 24), Unit.DAYS) if span.unit is Unit.HOURS else span


def bounds(now: datetime, window: Span | Dates, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From when (included) until before when a window is, in UTC; None: open. "In the last …" ends with `now`."""
    return (since(now, window, zone), now + A_MOMENT) if isinstance(window, Span) else of_dates(window, zone)


def of_dates(window: Dates, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From when (included) until before when these local dates are, in UTC; None: open."""
    first = start_of(window.first, zone) if window.first else None
    return first, start_of(window.last + A_DAY, zone) if window.last else None
