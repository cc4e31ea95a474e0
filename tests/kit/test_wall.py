"""Times that come again and again: each of its local dates once, whatever the clocks do, forwards and backwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.kit.wall import due_at, is_missed, newest_due, next_due

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Colombo", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia",
)  # fmt: skip
MOMENTS = st.datetimes(datetime(2011, 6, 1), datetime(2029, 1, 1), timezones=st.just(UTC))


@settings(max_examples=150, deadline=None)
@given(MOMENTS, st.times(), st.sampled_from(ZONES), st.none() | st.integers(0, 6))
def test_the_newest_and_the_next_time_are_neighbours(
    moment: datetime, at: time, name: str, weekday: int | None
) -> None:
    zone = ZoneInfo(name)

    def on(day: date) -> bool:
        return weekday is None or day.weekday() == weekday

    following = next_due(moment, at, zone, on)
    newest = newest_due(following, at, zone, on)
    assert newest is not None
    assert newest[1] == following
    before = newest_due(moment, at, zone, on)
    assert before is not None
    assert on(before[0])
    assert before[1] <= moment < following
    assert next_due(before[1], at, zone, on) == following
    assert before[0] < newest[0]


@pytest.mark.parametrize(
    ("zone", "at", "moment", "day", "due"),
    [
        ("Europe/Berlin", time(2, 30), "2026-03-29T00:59", "2026-03-28", "2026-03-28T01:30"),
        ("Europe/Berlin", time(2, 30), "2026-03-29T01:00", "2026-03-29", "2026-03-29T01:00"),  # skipped: after the gap
        ("Europe/Berlin", time(2, 30), "2026-10-25T01:30", "2026-10-25", "2026-10-25T00:30"),  # twice: the first
        ("America/New_York", time(1, 30), "2026-11-01T07:00", "2026-11-01", "2026-11-01T05:30"),
        ("Pacific/Apia", time(8), "2011-12-30T12:00", "2011-12-29", "2011-12-29T18:00"),  # no 30th there
        ("UTC", time(8), "2028-03-01T07:59", "2028-02-29", "2028-02-29T08:00"),
    ],
)
def test_which_time_came_last(zone: str, at: time, moment: str, day: str, due: str) -> None:
    found = newest_due(datetime.fromisoformat(moment).replace(tzinfo=UTC), at, ZoneInfo(zone))
    assert found == (date.fromisoformat(day), datetime.fromisoformat(due).replace(tzinfo=UTC))


def test_a_time_that_never_comes_is_an_error_and_was_never() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    assert newest_due(moment, time(8), ZoneInfo("UTC"), lambda day: False) is None
    with pytest.raises(ValueError, match="never comes"):
        next_due(moment, time(8), ZoneInfo("UTC"), lambda day: False)


def test_work_that_begins_within_ten_minutes_is_on_time() -> None:
    due = due_at(date(2026, 3, 29), time(8), ZoneInfo("UTC"))
    assert not is_missed(due, due + timedelta(minutes=10))
    assert is_missed(due, due + timedelta(minutes=11))
