"""The days that can be asked for or planned: one check for every door that takes a date."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from ceap.kit.problem import invalid

Day = TypeVar("Day", bound=date)
FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)  # away from both ends of the calendar, where zones overflow


def usable(field: str, value: Day) -> Day:
    """`value` (a date or moment), when it lies in the years 1900 to 2200.

    Raises:
        Invalid: naming `field`.
    """
    day = value.date() if isinstance(value, datetime) else value
    if not FIRST <= day <= LAST:
        raise invalid(field, f"Give a date in the years {FIRST.year} to {LAST.year}.")
    return value
