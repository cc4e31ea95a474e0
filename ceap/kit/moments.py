"""A moment as callers of the API write it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

YEARS = range(1900, 3000)


def aware(value: datetime) -> datetime:
    """The moment in UTC where no offset was given.

    Raises:
        ValueError: a year that no store and no zone can count with.
    """
    if value.year not in YEARS:
        raise ValueError(f"Give a year from {YEARS[0]} to {YEARS[-1]}.")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(aware)]
