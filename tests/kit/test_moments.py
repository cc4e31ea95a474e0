"""Every door that takes a day or moment takes the same years, and refuses others in the same words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from ceap.kit.moments import Moment, usable
from ceap.kit.problem import Invalid

READ = TypeAdapter(Moment).validate_python


@pytest.mark.parametrize("year", [1, 1899, 2201, 2500, 9999])
def test_years_away_from_ours_are_refused_by_both_readers_in_the_same_words(year: int) -> None:
    with pytest.raises(Invalid) as by_day:
        usable("from", date(year, 6, 1))
    with pytest.raises(ValidationError) as by_moment:
        READ(datetime(year, 6, 1))
    [error], [said] = by_day.value.errors, by_moment.value.errors()
    assert (error.field, error.message) == ("from", "Give a date in the years 1900 to 2200.")
    assert said["msg"] == f"Value error, {error.message}"


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2200, 12, 31)])
def test_the_first_and_last_day_are_taken_and_a_moment_without_offset_is_in_utc(day: date) -> None:
    assert usable("from", day) == day
    midnight = datetime(day.year, day.month, day.day)
    assert usable("at", midnight) == midnight
    assert READ(midnight) == midnight.replace(tzinfo=UTC)
