"""Pure rules of campaigns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceap.campaigns.rules import ZONES, Facts, Schedule, checklist, due, in_gap, refusals, resolve
from ceap.kit.problem import Invalid
from ceap.segments.contracts import NOT_READY

walls = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(lambda d: d.replace(second=0, microsecond=0))
zones = st.sampled_from(sorted(ZONES))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@given(walls, zones)
def test_every_wall_time_is_one_moment_that_shows_it_or_the_next_valid_time(wall: datetime, zone: str) -> None:
    shown = resolve(wall, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if in_gap(wall, zone):
        assert shown > wall
        assert not in_gap(shown, zone)
    else:
        assert shown == wall


@given(walls, zones)
def test_a_wall_time_that_happens_twice_is_its_first_time(wall: datetime, zone: str) -> None:
    moment = resolve(wall, zone)
    later = wall.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
    assert moment <= later or in_gap(wall, zone)


@given(zones, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
def test_a_daily_time_fires_once_for_each_local_date_of_a_year(zone: str, hour: int, minute: int) -> None:
    days = [datetime(2026, 1, 1, hour, minute) + timedelta(days=n) for n in range(0, 365, 1)]
    moments = [resolve(day, zone) for day in days]
    assert len(set(moments)) == 365
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Europe/London", datetime(2026, 3, 29, 1, 30), datetime(2026, 3, 29, 1, 30)),  # gap: 01:30 becomes 02:30 BST
        ("Europe/London", datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 0, 30)),  # overlap: the first, BST
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 3, 15, 45)),  # a gap of half an hour
        ("Asia/Kathmandu", datetime(2026, 6, 1, 10, 0), datetime(2026, 6, 1, 4, 15)),
    ],
)
def test_known_clock_changes(zone: str, wall: datetime, expected: datetime) -> None:
    assert resolve(wall, zone) == expected.replace(tzinfo=UTC)


def test_people_without_a_known_zone_get_the_organisations() -> None:
    schedule = Schedule(datetime(2026, 12, 1, 10), "recipient")
    assert due(schedule, "", "Asia/Colombo", NOON) == due(schedule, "Nowhere/Land", "Asia/Colombo", NOON)
    assert due(schedule, "", "Asia/Colombo", NOON) == datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
    assert due(schedule, "America/New_York", "Asia/Colombo", NOON) == datetime(2026, 12, 1, 15, tzinfo=UTC)


def test_nobody_is_due_before_the_launch() -> None:
    late = Schedule(datetime(2026, 11, 21, 1), "recipient")
    assert due(late, "Pacific/Auckland", "UTC", NOON) == NOON


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"kind": "sometime"}, "schedule.kind"),
        ({"kind": "at"}, "schedule.local"),
        ({"kind": "at", "local": "2026-13-01T10:00"}, "schedule.local"),
        ({"kind": "at", "local": "2026-12-01T10:00+02:00"}, "schedule.local"),
        ({"kind": "at", "local": "2026-12-01T10:00", "zone": "moon"}, "schedule.zone"),
    ],
)
def test_a_wrong_schedule_names_its_field(value: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Schedule.parse(value)
    assert refusal.value.errors[0].field == field


def facts(**changes: object) -> Facts:
    values: dict[str, object] = {
        "name": "Spring", "segment": "Loyal", "segment_problem": "", "content": "Offer",
        "content_archived": False, "sender": "Shop <shop@example.test>", "schedule": Schedule(), "now": NOON,
        "organisation_zone": "Europe/London", "matched": 900, "will_receive": 800, "postal_address": "1 High Street",
    }  # fmt: skip
    return Facts(**(values | changes))  # type: ignore[arg-type]


def test_a_complete_campaign_has_no_refusals() -> None:
    assert refusals(checklist(facts())) == []


@pytest.mark.parametrize(
    ("changes", "key", "sentence"),
    [
        ({"name": "  "}, "name", "Give the campaign a name."),
        ({"segment": None}, "segment", "Choose the segment to send to."),
        ({"segment_problem": NOT_READY}, "segment", "Segment is still being recalculated, please wait"),
        ({"will_receive": 0}, "audience", "Nobody in this audience can be sent to."),
        ({"content": None}, "content", "Choose the email to send."),
        ({"sender": None}, "sender", "Choose who the email is from."),
        ({"schedule": Schedule(NOON.replace(hour=1, tzinfo=None))}, "schedule",
         "The time to send is in the past; choose a later one."),
        pytest.param(
            {"matched": 1001}, "approval", "Approval is needed: it targets 1,001 contacts, more than 1,000.",
            marks=pytest.mark.req("C-12"),
        ),
        pytest.param(
            {"active": 10}, "active", "10 campaigns are active already, the limit is 10; end one first.",
            marks=pytest.mark.req("C-12"),
        ),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_said(changes: dict[str, object], key: str, sentence: str) -> None:
    errors = refusals(checklist(facts(**changes)))
    assert [(e.field, e.message) for e in errors] == [(key, sentence)]


def test_exactly_a_thousand_contacts_need_no_approval_and_more_do_unless_given() -> None:
    assert refusals(checklist(facts(matched=1000))) == []
    assert refusals(checklist(facts(matched=5000, approved=True))) == []


def test_a_budget_too_small_is_a_warning_that_says_what_happens() -> None:
    lines = {c.key: c for c in checklist(facts(budget=Decimal(10), cost=Decimal("12.5")))}
    assert lines["budget"].level == "warning"
    assert "pauses when the budget of 10.00 is used up" in lines["budget"].message


def test_recipients_in_a_gap_are_counted_and_told_the_next_valid_time() -> None:
    schedule = Schedule(datetime(2027, 3, 28, 1, 30), "recipient")
    lines = {c.key: c for c in checklist(facts(schedule=schedule, zones={"Europe/London": 38, "Asia/Colombo": 5}))}
    assert lines["dst"].message == "38 recipients skip that hour (clocks change); they are due at 02:30."


def test_nothing_is_launched_while_the_organisation_has_no_postal_address() -> None:
    [line] = [line for line in checklist(facts(postal_address=" ")) if line.key == "postal_address"]
    assert (line.level, line.step) == ("error", "message")
    assert "Settings › Organisation" in line.message
    assert not refusals(checklist(facts()))
