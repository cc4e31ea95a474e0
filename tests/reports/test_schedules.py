"""Reports that are made by themselves: once on each of their days, as their maker may see the segment then."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.accounts.actions import change_organisation
from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import AuditEntry, User
from ceap.jobs import actions as jobs
from ceap.kit import clock
from ceap.reports import actions
from ceap.reports.contracts import FAILED, Every, Timing
from ceap.reports.models import Report, Schedule
from ceap.reports.rules import next_after
from ceap.segments.models import Segment
from tests.reports.setting import segment_of

START = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)  # a Friday
ZONES = ("Asia/Colombo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo")


def set_up(client: Client, segment: Segment, status: int = 201, **changes: Any) -> Any:
    body = {"segment_id": str(segment.pk), "format": "pdf", "every": "day", "at": "08:00"} | changes
    answer = client.post("/api/reports/schedules", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def change(client: Client, row: Any, status: int = 200, **changes: Any) -> Any:
    answer = client.patch(f"/api/reports/schedules/{row['id']}", changes, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def shown(client: Client) -> Any:
    [row] = client.get("/api/reports/schedules").json()["items"]
    return row


def fired(at: datetime) -> int:
    """Run what is due at a moment, and make what was ordered."""
    with clock.frozen(at):
        ordered = actions.run_due()
        for job in Report.objects.filter(state="queued").values_list("job_id", flat=True):
            jobs.run(str(job))
    return ordered


TIMINGS = st.one_of(
    st.builds(Timing, st.just(Every.DAY), st.times()),
    st.builds(Timing, st.just(Every.WEEK), st.times(), st.integers(1, 7)),
    st.builds(Timing, st.just(Every.MONTH), st.times(), st.integers(1, 31)),
)


@settings(max_examples=60, deadline=None)
@given(TIMINGS, st.sampled_from(ZONES), st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)))
def test_a_schedule_fires_once_on_each_of_its_local_days_and_on_no_other(
    timing: Timing, name: str, begin: datetime
) -> None:
    zone, at = ZoneInfo(name), begin.replace(tzinfo=UTC)
    days: list[date] = []
    first = at.astimezone(zone).date()
    for _ in range(4):
        at = next_after(at, timing, zone)
        days.append(at.astimezone(zone).date())
    wanted: list[date] = []
    day = first
    while len(wanted) < 5:
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        if (
            timing.every is Every.DAY
            or (timing.every is Every.WEEK and day.isoweekday() == timing.day)
            or (timing.every is Every.MONTH and day == min(last, day.replace(day=1) + timedelta((timing.day or 1) - 1)))
        ):
            wanted.append(day)
        day += timedelta(days=1)
    assert days in (wanted[:4], wanted[1:5])


@pytest.mark.parametrize(
    ("timing", "zone", "after", "due"),
    [
        (Timing(Every.DAY, time(8)), "Asia/Colombo", "2026-11-20T02:30:00+00:00", "2026-11-21T02:30:00+00:00"),
        (Timing(Every.DAY, time(2, 30)), "Europe/Berlin", "2026-03-28T12:00:00+00:00", "2026-03-29T01:00:00+00:00"),
        (Timing(Every.DAY, time(2, 30)), "Europe/Berlin", "2026-10-24T12:00:00+00:00", "2026-10-25T00:30:00+00:00"),
        (Timing(Every.DAY, time(2, 30)), "Europe/Berlin", "2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"),
        (Timing(Every.MONTH, time(8), 31), "UTC", "2026-01-31T08:00:00+00:00", "2026-02-28T08:00:00+00:00"),
        (Timing(Every.WEEK, time(8), 1), "UTC", "2026-03-27T12:00:00+00:00", "2026-03-30T08:00:00+00:00"),
    ],
    ids=["half-hour zone", "skipped by the clock", "comes twice", "but once only", "short month", "Monday"],
)
def test_when_a_schedule_fires_next(timing: Timing, zone: str, after: str, due: str) -> None:
    assert next_after(datetime.fromisoformat(after), timing, ZoneInfo(zone)) == datetime.fromisoformat(due)


@pytest.mark.django_db
class TestRuns:
    @pytest.fixture(autouse=True)
    def _in_colombo(self, db: None) -> Any:
        change_organisation(SYSTEM, time_zone="Asia/Colombo")
        with clock.frozen(START):
            yield

    @pytest.mark.req("O-6", "O-9")
    def test_each_time_is_one_report_and_the_one_before_stays_or_goes(self, ada: Client, owner: User) -> None:
        segment = segment_of(owner)
        row = set_up(ada, segment, every="week", day=1, existing="new")
        assert (row["when"], row["next_at"]) == ("Every week on Monday at 08:00", "2026-03-30T02:30:00Z")
        due = datetime(2026, 3, 30, 2, 30, tzinfo=UTC)
        assert fired(due - timedelta(seconds=1)) == 0
        assert [fired(due), fired(due), fired(due + timedelta(days=1))] == [1, 0, 0]
        assert (shown(ada)["last_state"], shown(ada)["next_at"]) == ("done", "2026-04-06T02:30:00Z")
        assert shown(ada)["missed_at"] is None
        assert fired(due + timedelta(days=22)) == 1  # three times were missed: made up for once
        assert (shown(ada)["missed_at"], shown(ada)["next_at"]) == ("2026-04-20T02:30:00Z", "2026-04-27T02:30:00Z")
        assert list(Report.objects.order_by("number").values_list("number", "state")) == [(1, "done"), (2, "done")]
        change(ada, row, existing="overwrite")
        assert fired(due + timedelta(days=28)) == 1
        assert shown(ada)["missed_at"] is None
        assert list(Report.objects.order_by("number").values_list("number", flat=True)) == [1, 2]

    def test_a_paused_schedule_makes_nothing_and_goes_on_with_the_next_time(self, ada: Client, owner: User) -> None:
        row = set_up(ada, segment_of(owner))
        assert change(ada, row, paused=True)["next_at"] is None
        assert fired(START + timedelta(days=3)) == 0
        with clock.frozen(START + timedelta(days=3)):
            assert change(ada, row, paused=False)["next_at"] == "2026-03-31T02:30:00Z"
        verbs = AuditEntry.objects.filter(object_kind="report_schedule").order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["reports.schedule.create", *["reports.schedule.update"] * 2]

    def test_deleting_a_schedule_keeps_its_reports(self, ada: Client, owner: User) -> None:
        row = set_up(ada, segment_of(owner))
        fired(START + timedelta(days=1))
        assert ada.delete(f"/api/reports/schedules/{row['id']}").status_code == 204
        assert ada.get("/api/reports/schedules").json()["items"] == []
        assert fired(START + timedelta(days=2)) == 0
        assert Report.objects.count() == 1

    @pytest.mark.req("S-15")
    def test_it_pauses_at_once_when_its_maker_may_no_longer_make_reports(self, ada: Client, owner: User) -> None:
        set_up(ada, segment_of(owner))
        owner.role.grants["reports_create"] = "disabled"
        owner.role.save()
        assert fired(START + timedelta(days=1)) == 0
        assert (shown(ada)["next_at"], shown(ada)["failures"]) == (None, 1)
        assert "Make reports" in shown(ada)["problem"]
        assert Report.objects.count() == 0
        owner.is_active = False
        owner.save()
        Schedule.objects.update(next_at=START)
        assert fired(START + timedelta(days=2)) == 0
        assert Schedule.objects.get().problem == "Whoever asked for this is no longer active."

    @pytest.mark.req("O-10")
    def test_a_failure_is_shown_and_does_not_repeat_for_ever(
        self, ada: Client, owner: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = set_up(ada, segment_of(owner))

        def broken(*_: object, **__: object) -> bytes:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("ceap.reports.pdf.typst.compile", broken)
            for day in range(1, 6):
                fired(START + timedelta(days=day))
        assert (shown(ada)["problem"], shown(ada)["failures"], shown(ada)["next_at"]) == (FAILED, 3, None)
        assert Report.objects.filter(state="failed").count() == 3
        with clock.frozen(START + timedelta(days=6)):
            change(ada, row, paused=False)
        assert fired(START + timedelta(days=7)) == 1
        assert (shown(ada)["problem"], shown(ada)["failures"], shown(ada)["last_state"]) == ("", 0, "done")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"at": "8"}, "at"), ({"at": "25:00"}, "at"), ({"every": "week"}, "day"),
            ({"every": "week", "day": 8}, "day"), ({"every": "month", "day": 0}, "day"),
            ({"filters": {"outlets": ["Galle"]}}, "filters"),
            ({"filters": {"colour": 1}}, "colour"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_by_its_name(self, ada: Client, owner: User, changes: Any, field: str) -> None:
        answer = set_up(ada, segment_of(owner), 422, **changes)
        assert field in str(answer["errors"])
        assert Schedule.objects.count() == 0
