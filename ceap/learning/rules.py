"""Pure decisions of learning: when the model is trained again."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ceap.kit import wall
from ceap.learning.contracts import Every, Plan


def is_day(plan: Plan, day: date) -> bool:
    """Whether the model is trained again on this local date."""
    if plan.every is Every.WEEKLY:
        return day.weekday() == plan.weekday
    return plan.every is Every.MONTHLY and day.day == plan.day


def next_due(plan: Plan, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first training due later than `after`, in UTC; None: never."""
    if plan.every is Every.OFF:
        return None
    return wall.next_due(after, time.fromisoformat(plan.at), zone, lambda day: is_day(plan, day))


def newest_due(plan: Plan, until: datetime, zone: ZoneInfo) -> tuple[date, datetime] | None:
    """The last training due not later than `until`: its local date, and the moment in UTC; None: there was none."""
    if plan.every is Every.OFF:
        return None
    return wall.newest_due(until, time.fromisoformat(plan.at), zone, lambda day: is_day(plan, day))
