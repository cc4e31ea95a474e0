"""Days and moments as callers of the API write them: one range of years for every door that takes one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator

from ceap.kit.problem import invalid

Day = TypeVar("Day", bound=date)
FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)  # away from both ends of the calendar, where zones overflow
WORDS = f"Give a date in the years {FIRST.year} to {LAST.year}."


def within(value: date) -> bool:
    """Whether a day or moment lies in the years that can be asked for or planned."""
    return FIRST <= (value.date() if isinstance(value, datetime) else value) <= LAST


def usable(field: str, value: Day) -> Day:
    """`value` (a day or moment), when it can be asked for or planned.

    Raises:
        Invalid: naming `field`.
    """
    if not within(value):
        raise invalid(field, WORDS)
    return value


def aware(value: datetime) -> datetime:
    """The moment, in UTC where no offset was given.

    Raises:
        ValueError: it cannot be asked for.
    """
    if not within(value):
        raise ValueError(WORDS)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(aware)]
