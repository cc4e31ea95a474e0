"""Days on which something goes wrong: each ends in a sentence or in the right number, never in half a membership."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import Organisation
from ceap.core.engine import Damaged
from ceap.customers import actions as customer_actions
from ceap.events import queries as events
from ceap.events.contracts import WarehouseNotReady
from ceap.kit import clock
from ceap.kit.problem import Conflict, Invalid
from ceap.segments import actions, queries
from ceap.segments.actions import recalculation
from ceap.segments.contracts import Build
from ceap.segments.models import DailyRun, MembershipVersion, Segment
from tests import actors
from tests.counts import often
from tests.segments.people import WHATSAPP, Browser, customers, morning, on, rule
from tests.segments.test_recalculation import together

pytestmark = pytest.mark.req("S-11")
WEB = rule(on("source", "is", "Web"))
MANY = often(250, 1_000)  # segments of one nightly run


def segment(name: str = "A", wanted: dict[str, Any] = WHATSAPP) -> Segment:
    return actions.create(SYSTEM, name=name, rule=wanted)


def people(one: Segment) -> set[int]:
    """Who is in it; every ready version is whole."""
    for version in MembershipVersion.objects.filter(state=Build.READY):
        assert version.size == len(queries.members(version))
    return set(queries.members(queries.require_ready(Segment.objects.get(pk=one.pk))))


def meanwhile(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Let `then` happen once, after the next scan of the customers and before its memberships are published."""
    scan = recalculation._scan

    def interrupted(*asked: Any) -> Any:
        found = scan(*asked)
        monkeypatch.setattr(recalculation, "_scan", scan)
        then()
        return found

    monkeypatch.setattr(recalculation, "_scan", interrupted)


# --- values and fields


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["100%", "_", "O'Neil", 'say "hi"', "back\\slash", "😀", "👩‍👩‍👧", "'; DROP TABLE x; --", "{{x}}"]
)
def test_a_value_is_what_it_says_from_the_rule_to_the_list(text: str) -> None:
    browser = Browser(actors.user())
    mine, other = customers({"full_name": f"in {text}", "city": text}, {"full_name": "in Xanadu", "city": "X"})
    wanted = rule(on("full_name", "contains", text), on("city", "is", text))
    made = browser.ask("POST", "", {"name": text, "description": text, "rule": wanted}, 201)
    assert actions.build_pending()["ready"] == 1
    assert [one["id"] for one in browser.ask("GET", f"/{made['id']}/members")["items"]] == [mine]
    shown = browser.ask("GET", f"/{made['id']}")
    assert (shown["name"], shown["size"], shown["rule"]["groups"][0]["conditions"][0]["value"]) == (text, 1, text)
    assert f"Full name contains “{text}”" in shown["sentence"]
    rest = rule(on("full_name", "not_contains", text))
    assert browser.ask("POST", "/preview", {"rule": rest})["sample"][0]["id"] == other


@pytest.mark.django_db
def test_a_retired_field_fails_its_segments_by_name_and_they_come_back_with_it() -> None:
    field = customer_actions.add_field(SYSTEM, "Mood", "text")
    [mine] = customers({"custom": {field.key: "good"}})
    one = segment(wanted=rule(on(f"c_{field.key}", "is", "GOOD")))
    actions.build_pending()
    assert people(one) == {mine}
    customer_actions.retire_field(SYSTEM, field.pk)
    actions.recalculate(SYSTEM, one.pk)
    assert actions.build_pending() == {"ready": 0, "failed": 1, "dropped": 0}
    assert f"“c_{field.key}” does not exist, was retired" in one.versions.get(number=2).error
    with pytest.raises(Conflict, match="The last recalculation of this segment failed"):
        people(one)
    serving = queries.current(one)
    assert serving
    assert (serving.size, serving.number) == (1, 1)
    with pytest.raises(Invalid, match="retired"):
        segment("B", rule(on(f"c_{field.key}", "is", "x")))
    customer_actions.restore_field(SYSTEM, field.pk)
    actions.recalculate(SYSTEM, one.pk)
    actions.build_pending()
    assert people(one) == {mine}


# --- circles


def naming(key: UUID) -> dict[str, Any]:
    return rule({"kind": "segment", "segment": str(key)})


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_that_would_close_a_circle_one_is_refused() -> None:
    one, other = segment("A"), segment("B")

    def edit(of: Segment, to: Segment) -> Callable[[], object]:
        return lambda: actions.edit(SYSTEM, of.pk, name=of.name, description="", rule=naming(to.pk))

    answers = together(edit(one, other), edit(other, one))
    assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "Segment"]


@pytest.mark.django_db
def test_a_circle_that_got_into_the_store_fails_in_words_and_nobody_else_waits() -> None:
    customers({"source": "WhatsApp"})
    one, other, free = segment("A"), segment("B"), segment("C")
    actions.build_pending()
    for of, to in ((one, other), (other, one)):
        Segment.objects.filter(pk=of.pk).update(rule=naming(to.pk))
        of.refresh_from_db()
        actions.queue(of)
    actions.recalculate(SYSTEM, free.pk)
    assert actions.build_pending() == {"ready": 1, "failed": 2, "dropped": 0}
    assert "refers to itself" in one.versions.get(number=2).error
    with pytest.raises(Conflict, match="The last recalculation of this segment failed"):
        people(one)
    actions.follow()
    assert len(people(free)) == 1


# --- while it builds


@pytest.mark.django_db
def test_an_edit_while_it_builds_wins_and_the_old_answer_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    customers({"source": "WhatsApp"})
    [mine] = customers({"source": "Web"})
    one = segment()
    meanwhile(monkeypatch, lambda: actions.edit(SYSTEM, one.pk, name="A", description="", rule=WEB))
    assert actions.build_pending() == {"ready": 1, "failed": 0, "dropped": 1}
    assert people(one) == {mine}
    assert not MembershipVersion.objects.filter(state=Build.READY, rule=WHATSAPP).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["merge", "erase"])
def test_who_is_merged_or_erased_while_it_builds_is_gone_after_the_next_pass(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    actions.follow()
    a, b, c = customers(*({"source": "WhatsApp", "full_name": n} for n in "abc"))
    one = segment()
    parent = segment("B", naming(one.pk))
    verbs = {"merge": lambda: customer_actions.merge(SYSTEM, a, b), "erase": lambda: customer_actions.erase(SYSTEM, b)}
    meanwhile(monkeypatch, verbs[what])
    actions.build_pending()
    listed = queries.members_page(SYSTEM, queries.require_ready(one), cursor=None)
    assert [row.pk for row in listed.items] == [a, c]
    actions.follow()
    assert people(one) == people(parent) == {a, c}
    followed = queries.require_ready(Segment.objects.get(pk=one.pk))
    assert (followed.size, followed.total) == (2, 2)


@pytest.mark.django_db
def test_an_archived_segment_is_not_published_by_the_build_that_was_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    customers({"source": "WhatsApp"})
    one = segment()
    meanwhile(monkeypatch, lambda: actions.archive(SYSTEM, one.pk))
    assert actions.build_pending() == {"ready": 0, "failed": 0, "dropped": 1}
    assert queries.current(one) is None


# --- the warehouse


@pytest.mark.django_db
def test_a_warehouse_damaged_before_a_build_is_made_again_and_the_number_is_right(home: Path) -> None:
    ids = customers(*({"source": "WhatsApp"} for _ in range(50)))
    one = segment()
    events.close_warehouse()
    file = home / "warehouse.duckdb"
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    assert actions.build_pending()["ready"] == 1
    assert people(one) == set(ids)
    assert list(home.glob("warehouse.duckdb.damaged-*"))


@pytest.mark.django_db
def test_a_warehouse_damaged_during_a_build_fails_nobody_and_the_next_attempt_succeeds(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    ids = customers({"source": "WhatsApp"}, {"source": "WhatsApp"})
    one, other = segment(), segment("B")
    house = events.warehouse()

    def broken(*_: object) -> Any:
        raise Damaged("block 7 has the wrong checksum")

    monkeypatch.setattr(house._engine, "run", broken)  # the warehouse opens another engine when it heals
    with pytest.raises(WarehouseNotReady, match="being rebuilt"):
        actions.build_pending()
    assert set(MembershipVersion.objects.values_list("state", flat=True)) == {Build.QUEUED}
    assert actions.build_pending() == {"ready": 2, "failed": 0, "dropped": 0}
    assert people(one) == people(other) == set(ids)
    assert list(home.glob("warehouse.duckdb.damaged-*"))


# --- clocks


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "around", "missing"),
    [
        ("Europe/Berlin", "2026-03-29", ""),
        ("Europe/Berlin", "2026-10-25", ""),
        ("America/New_York", "2026-11-01", ""),
        ("Asia/Kolkata", "2026-03-29", ""),
        ("Pacific/Apia", "2011-12-30", "2011-12-30"),  # crossed the date line: that day has no 08:00
        ("Pacific/Kwajalein", "1993-08-21", "1993-08-21"),
        ("Pacific/Kwajalein", "1969-09-30", ""),  # 08:00 came twice
    ],
)
def test_eight_o_clock_comes_once_a_day_whatever_the_clocks_do(zone: str, around: str, missing: str) -> None:
    Organisation.objects.create(time_zone=zone)
    place, step = ZoneInfo(zone), timedelta(minutes=20)
    start = datetime.fromisoformat(around).replace(tzinfo=UTC) - timedelta(days=1, hours=14)
    with clock.frozen(start):
        while clock.now() < start + timedelta(days=4):
            actions.run_if_due()
            clock.advance(step)
    runs = list(DailyRun.objects.order_by("started_at"))
    walked = {(start + n * step).astimezone(place).date() for n in range(4 * 72 - 48)}
    dates = [run.local_date for run in runs]
    assert dates == sorted(set(dates))
    assert walked - {start.astimezone(place).date()} <= {*dates} <= walked | {*dates}
    if missing:
        assert date.fromisoformat(missing) not in dates
    for run in runs[1:]:  # the first one makes up for a morning that was over when the clock was started
        wall = run.started_at.astimezone(place)
        assert (wall.date(), wall.hour, wall.minute < 20, wall.fold) == (run.local_date, 8, True, 0)


# --- many


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.req("S-7")
def test_many_segments_are_listed_at_once_and_the_nightly_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    # a heartbeat from another thread would wait for the transaction that this test is in
    monkeypatch.setattr(recalculation, "kept", lambda beat: nullcontext())
    ids = customers(*({"source": "WhatsApp" if n % 2 else "Web", "balance_available": n} for n in range(60)))
    moment = clock.now()
    made = Segment.objects.bulk_create(
        Segment(
            name=f"Segment {n}", rule=rule(on("balance_available", "less", n % 70), on("source", "is", "WhatsApp")),
            created_at=moment - timedelta(seconds=n), updated_at=moment,
        ) for n in range(MANY)
    )  # fmt: skip
    with clock.frozen(morning(1)):
        run = actions.run_if_due()
        assert run
        assert run.segments == MANY
        assert actions.build_pending() == {"ready": MANY, "failed": 0, "dropped": 0}
        for n in (0, 1, 37, MANY - 1):
            assert people(made[n]) == {one for at, one in enumerate(ids) if at % 2 and at < n % 70}
        browser = Browser(actors.user())
        spent = []
        for _ in range(5):
            started = time.process_time()
            page = browser.ask("GET", "?limit=50")
            spent.append(time.process_time() - started)
        assert (len(page["items"]), page["total"]) == (50, MANY)
        assert min(spent) < 0.2
