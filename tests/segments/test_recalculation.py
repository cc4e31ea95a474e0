"""Leases, fencing, supersession, the watchdog and the daily run."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import Organisation
from ceap.jobs.models import Job
from ceap.kit import clock
from ceap.kit.problem import Conflict
from ceap.kit.wall import due_at
from ceap.segments import actions, queries
from ceap.segments.actions import lease, membership, publishing
from ceap.segments.actions.publishing import Membership
from ceap.segments.contracts import NOT_READY, Build
from ceap.segments.models import DailyRun, MembershipVersion, Segment
from tests.segments.people import WHATSAPP, customers, on, rule

AT = datetime(2026, 3, 28, 12, tzinfo=UTC)
WEB = rule(on("source", "is", "Web"))


def segment(**values: Any) -> Segment:
    return actions.create(SYSTEM, **({"name": "A", "rule": WHATSAPP} | values))


def people(*ids: int) -> Membership:
    return Membership(BitMap(ids), 10, 0, 0, clock.now())


def take() -> tuple[str, list[MembershipVersion]]:
    """The lease, and all that waits."""
    token = lease.take("build")
    assert token
    return token, membership.take(token, membership.waiting())


def states(one: Segment) -> list[str]:
    return list(one.versions.order_by("number").values_list("state", flat=True))


@pytest.mark.req("S-11")
@pytest.mark.django_db
def test_an_edit_supersedes_the_build_under_way_which_can_no_longer_publish() -> None:
    one = segment()
    token, [taken] = take()
    actions.edit(SYSTEM, one.pk, name="A", description="", rule=WEB)
    assert list(publishing.publish(token, [(taken, people(1, 2))])) == [False]
    assert membership.beat(token) == 0
    assert states(one) == [Build.SUPERSEDED, Build.QUEUED]
    assert queries.current(one) is None


@pytest.mark.django_db
def test_a_builder_that_lost_its_lease_cannot_write() -> None:
    segment()
    with clock.frozen(AT):
        old, [row] = take()
        assert lease.take("build") is None
        clock.advance(lease.LENGTH + timedelta(seconds=1))
        new, [again] = take()
        assert again.pk == row.pk
        assert list(publishing.publish(old, [(row, people(1))])) == [False]
        assert membership.fail(row.pk, old, "late") is False
        assert list(publishing.publish(new, [(row, people(1, 2))])) == [True]
    version = MembershipVersion.objects.get()
    assert (version.state, version.size, set(queries.members(version))) == (Build.READY, 2, {1, 2})


@pytest.mark.django_db
def test_a_version_whose_builder_dies_each_time_fails_and_says_so() -> None:
    one = segment()
    with clock.frozen(AT):
        for _ in range(membership.MAX_ATTEMPTS):
            assert len(take()[1]) == 1
            clock.advance(lease.LENGTH + timedelta(seconds=1))
        assert take()[1] == []
    assert MembershipVersion.objects.get().error == membership.DIED
    assert "its process died" in membership.DIED
    with pytest.raises(Conflict, match="The last recalculation of this segment failed: the page of “A” says why"):
        queries.require_ready(one)


@pytest.mark.django_db
def test_the_watchdog_queues_one_job_when_nobody_builds_what_waits() -> None:
    segment()
    Job.objects.all().delete()
    assert actions.rescue() == 1
    assert actions.rescue() == 1
    assert Job.objects.filter(kind=membership.KIND, state="queued").count() == 1
    actions.build_pending()
    Job.objects.all().delete()
    assert actions.rescue() == 0
    assert not Job.objects.exists()


@pytest.mark.req("S-11")
@pytest.mark.django_db
def test_a_segment_may_be_used_only_when_its_newest_version_is_ready_and_fresh() -> None:
    one = segment()
    with pytest.raises(Conflict, match=NOT_READY):
        queries.require_ready(one)
    actions.build_pending()
    assert queries.require_ready(one).number == 1
    with clock.frozen(clock.now() + timedelta(hours=37)), pytest.raises(Conflict, match="older than a day"):
        queries.require_ready(one)


@pytest.mark.django_db
def test_what_a_broken_scan_could_not_build_is_queued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from ceap.events.contracts import WarehouseNotReady
    from ceap.segments.actions import recalculation

    def unready(*_: Any) -> Any:
        raise WarehouseNotReady("later")

    one = segment()
    with monkeypatch.context() as patch:
        patch.setattr(recalculation, "_scan", unready)
        with pytest.raises(WarehouseNotReady):
            actions.build_pending()
    assert states(one) == [Build.QUEUED]
    assert actions.build_pending() == {"ready": 1, "failed": 0, "dropped": 0}


@pytest.mark.django_db
def test_one_rule_that_cannot_be_evaluated_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from ceap.segments.actions import recalculation

    customers({"source": "WhatsApp"})
    good, bad = segment(), segment(name="B", rule=WEB)
    scan = recalculation._scan

    def picky(works: Any, unwanted: Any) -> Any:
        if any(r.source.groups[0].conditions[0].value == "Web" for _, r in works):
            raise RuntimeError("boom")
        return scan(works, unwanted)

    monkeypatch.setattr(recalculation, "_scan", picky)
    assert actions.build_pending() == {"ready": 1, "failed": 1, "dropped": 0}
    assert (states(good), states(bad)) == ([Build.READY], [Build.FAILED])
    assert "boom" in MembershipVersion.objects.get(segment=bad).error


# --- the daily run

DAYS = [
    ("UTC", date(2026, 3, 29), "2026-03-29T08:00"),
    ("Europe/Berlin", date(2026, 3, 28), "2026-03-28T07:00"),
    ("Europe/Berlin", date(2026, 3, 29), "2026-03-29T06:00"),
    ("Asia/Colombo", date(2026, 3, 29), "2026-03-29T02:30"),
]


@pytest.mark.req("S-11")
@pytest.mark.parametrize(("zone", "day", "expected"), DAYS)
def test_eight_in_the_morning_is_local(zone: str, day: date, expected: str) -> None:
    assert due_at(day, time(8), ZoneInfo(zone)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_time_that_the_clock_skips_is_the_first_instant_after_the_gap_and_one_that_repeats_the_first() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert due_at(date(2026, 3, 29), time(2, 30), berlin) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert due_at(date(2026, 10, 25), time(2, 30), berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.req("S-11")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Europe/Berlin", ["2026-03-29", "2026-10-25"]),
        ("America/New_York", ["2026-03-08", "2026-11-01"]),
        ("Australia/Lord_Howe", ["2026-04-05", "2026-10-04"]),
        ("Asia/Kathmandu", ["2026-05-05"]),
    ],
)
@pytest.mark.parametrize("at", ["08:00", "02:15"])
def test_every_local_date_has_exactly_one_run_across_clock_changes(zone: str, changes: list[str], at: str) -> None:
    Organisation.objects.create(time_zone=zone, settings={"recalculate_at": at})
    for change in changes:
        DailyRun.objects.all().delete()
        start = datetime.fromisoformat(change).replace(tzinfo=UTC) - timedelta(days=2)
        with clock.frozen(start):
            while clock.now() < start + timedelta(days=5):
                actions.run_if_due()
                clock.advance(timedelta(minutes=30))
        days = list(DailyRun.objects.order_by("local_date").values_list("local_date", flat=True))
        assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
        assert len(days) >= 5


@pytest.mark.django_db
def test_the_daily_run_queues_active_segments_once_under_one_id_and_one_job() -> None:
    active, archived = segment(), segment(name="B")
    actions.archive(SYSTEM, archived.pk)
    actions.build_pending()
    Job.objects.all().delete()
    with clock.frozen(AT):
        run = actions.run_if_due()
        assert run is not None
        assert actions.run_if_due() is None
    assert (run.segments, Job.objects.count()) == (1, 1)
    assert list(MembershipVersion.objects.filter(run_id=run.run_id).values_list("segment", flat=True)) == [active.pk]


@pytest.mark.req("S-11")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "start", "on", "due"),
    [
        ("UTC", "2026-11-29T06:39", "2026-11-28", "2026-11-28T08:00"),
        ("Europe/Berlin", "2026-03-30T01:00", "2026-03-29", "2026-03-29T06:00"),  # the night of the change
        ("Europe/Berlin", "2026-10-26T06:30", "2026-10-25", "2026-10-25T07:00"),
        ("America/New_York", "2026-03-09T11:59", "2026-03-08", "2026-03-08T12:00"),
        ("Asia/Kathmandu", "2026-05-05T02:10", "2026-05-04", "2026-05-04T02:15"),
        ("Pacific/Apia", "2011-12-30T17:00", "2011-12-29", "2011-12-29T18:00"),  # there was no 30th
    ],
)
def test_a_run_missed_while_nothing_ran_is_made_up_for_once_on_a_later_date_and_said(
    zone: str, start: str, on: str, due: str
) -> None:
    Organisation.objects.create(time_zone=zone)
    at, missed = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, due))
    with clock.frozen(at - timedelta(days=5)):
        one = segment()
        actions.build_pending()
    with clock.frozen(at):  # for days nothing ran
        run = actions.run_if_due()
        assert run is not None
        assert (run.local_date, run.due_at) == (date.fromisoformat(on), missed)
        assert actions.run_if_due() is None
        actions.build_pending()
        version = queries.current(one)
        assert version
        assert queries.missed(version) == {run.run_id: missed}
    following = due_at(at.astimezone(ZoneInfo(zone)).date(), time(8), ZoneInfo(zone))
    with clock.frozen(following + timedelta(seconds=20)):  # the next one is on time
        again = actions.run_if_due()
        assert again is not None
        actions.build_pending()
        assert queries.missed(queries.current(one)) == {}
    assert DailyRun.objects.count() == 2


@pytest.mark.django_db
def test_nothing_is_made_up_for_that_a_new_home_could_not_have_missed() -> None:
    with clock.frozen(datetime(2026, 3, 27, 23, tzinfo=UTC)):
        segment()
    with clock.frozen(datetime(2026, 3, 28, 7, tzinfo=UTC)):
        assert actions.run_if_due() is None
    assert not DailyRun.objects.exists()


# --- at once


def together(*works: Any) -> list[Any]:
    """Run these at the same moment; what each returned or raised."""
    answers: list[Any] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(n: int) -> None:
        gate.wait()
        try:
            answers[n] = works[n]()
        except Exception as error:
            answers[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_of_the_same_version_at_once_one_is_refused() -> None:
    one = segment()

    def edit(name: str) -> Any:
        return lambda: actions.edit(SYSTEM, one.pk, name=name, description="", rule=WEB, version=1)

    answers = together(edit("B"), edit("C"))
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Segment"]
    one.refresh_from_db()
    assert one.rule_version == 2
    assert states(one) == [Build.SUPERSEDED, Build.QUEUED]


@pytest.mark.django_db(transaction=True)
def test_edits_builders_and_daily_runs_at_once_end_with_the_last_rule_ready() -> None:
    customers({"source": "WhatsApp"}, {"source": "Web"}, {"source": "Web"})
    one = segment()

    def edits() -> None:
        for n in range(5):
            chosen = WEB if n % 2 == 0 else WHATSAPP
            actions.edit(SYSTEM, one.pk, name=f"E{n}", description="", rule=chosen)

    def builds() -> None:
        for _ in range(5):
            actions.build_pending()

    assert together(edits, builds, builds, actions.run_if_due)[:3] == [None, None, None]
    actions.build_pending()
    one.refresh_from_db()
    serving = queries.require_ready(one)
    assert (serving.rule, serving.size, one.name) == (one.rule, 2, "E4")
    for version in one.versions.filter(state=Build.READY):
        assert len(queries.members(version)) == version.size
    assert not one.versions.filter(state__in=[Build.QUEUED, Build.BUILDING]).exists()
