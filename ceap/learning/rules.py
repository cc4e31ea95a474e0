"""Pure decisions of learning: when the model is trained again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ceap.kit.wall import due_at
from ceap.learning.contracts import Every, Plan


def is_day(plan: Plan, day: date) -> bool:
    """Whether the model is trained again on this local date."""
    if plan.every is Every.WEEKLY:
        return day.weekday() == plan.weekday
    return plan.every is Every.MONTHLY and day.day == plan.day


def due_on(plan: Plan, day: date, zone: ZoneInfo) -> datetime | None:
    """When the training of a local date is due, in UTC; None: not on that day."""
    return due_at(day, time.fromisoformat(plan.at), zone) if is_day(plan, day) else None


def next_due(plan: Plan, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first training due later than `after`, in UTC; None: never."""
    if plan.every is Every.OFF:
        return None
    today = after.astimezone(zone).date()
    coming = (due_on(plan, today + timedelta(days=n), zone) for n in range(63))
    return next(due for due in coming if due is not None and due > after)
