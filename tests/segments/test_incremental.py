"""Memberships that follow the change log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, transaction
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM
from ceap.core import bitmaps, changelog
from ceap.customers import actions as customer_actions
from ceap.customers.models import Customer, CustomField
from ceap.events import actions as event_actions
from ceap.events import queries as events
from ceap.events.models import ArchiveFile
from ceap.jobs.models import Job
from ceap.kit import clock
from ceap.segments import actions, queries
from ceap.segments.actions import incremental, lease, membership, moves
from ceap.segments.contracts import ENTERED, LEFT, Build, Cause, Kind
from ceap.segments.models import MembershipVersion, Segment, SegmentDay
from tests.segments.following import AT, bought, buys, changed, did, inside, people, say, segment, told
from tests.segments.people import WHATSAPP, customers, morning, on, rule

pytestmark = pytest.mark.req("S-11")


@pytest.fixture
def started() -> None:
    """The pass has begun to follow the log."""
    actions.follow()


@pytest.mark.django_db
def test_an_edit_of_a_customer_moves_it_and_says_so_once(started: None) -> None:
    a, b = customers({"source": "WhatsApp"}, {"source": "Web"})
    one = segment("A", WHATSAPP)
    actions.follow()
    assert told(ENTERED) == []  # none for a first version
    changed(b, source="WhatsApp")
    changed(a, source="Web")
    assert actions.follow() == 1
    assert people(one) == {b}
    serving = queries.current(one)
    assert serving
    assert (serving.cause, serving.entered, serving.left, serving.size) == (Cause.CHANGES, 1, 1, 1)
    assert (bitmaps.unpack(serving.came or b""), bitmaps.unpack(serving.went or b"")) == (BitMap([b]), BitMap([a]))
    assert (told(ENTERED), told(LEFT)) == ([b], [a])
    assert actions.follow() == 0
    assert actions.follow() == 0
    assert (told(ENTERED), told(LEFT)) == ([b], [a])


@pytest.mark.django_db
def test_events_purchases_files_merges_and_erasures_are_followed(started: None) -> None:
    a, b, c = customers({"source": "Web"}, {"source": "Web"}, {"source": "WhatsApp"})
    buyers, doers, fans = segment("B", rule(bought(2))), segment("D", rule(did("seen"))), segment("F", WHATSAPP)
    say(buys(a, "1"), buys(b, "2"), changelog.event("seen", a))
    actions.follow()
    assert (people(buyers), people(doers)) == (set(), {a})
    data = pa.table({"customer": [a], "order_id": ["9"], "quantity": [1], "unit_price": [2], "at": [AT]})
    with transaction.atomic():
        event_actions.write_batch("purchases", data)
    actions.follow()
    assert people(buyers) == {a}
    customer_actions.merge(SYSTEM, b, a)
    actions.follow()
    assert (people(buyers), people(doers)) == ({b}, {b})
    customer_actions.erase(SYSTEM, c)
    actions.follow()
    assert people(fans) == set()


@pytest.mark.django_db
def test_a_static_segment_loses_the_erased_and_knows_the_merged_by_their_survivor(started: None) -> None:
    a, b, c, d = customers({}, {}, {}, {})
    one = Segment.objects.create(name="S", kind=Kind.STATIC, created_at=clock.now(), updated_at=clock.now())
    whole = {"bitmap": bitmaps.pack(BitMap([a, b])), "size": 2, "total": 4, "data_as_of": clock.now()}
    one.current = MembershipVersion.objects.create(
        segment=one, number=1, rule={}, rule_version=1, cause=Cause.UPLOAD, state=Build.READY, email=0, whatsapp=0,
        created_at=clock.now(), ready_at=clock.now(), **whole,
    )  # fmt: skip
    one.save()
    actions.follow()
    customer_actions.erase(SYSTEM, a)
    customer_actions.merge(SYSTEM, c, b)
    changed(d, source="Web")
    actions.follow()
    assert people(one) == {c}


@pytest.mark.django_db
def test_a_window_in_hours_is_looked_at_again_while_nothing_happens() -> None:
    with clock.frozen(AT):
        [a] = customers({})
        one = segment("H", rule(bought(1, 2, "hours")))
        actions.follow()
        say(buys(a, "1"))
        actions.follow()
        assert people(one) == {a}
        clock.advance(timedelta(hours=2) + incremental.HOURS_EVERY)
        actions.follow()
        assert people(one) == set()


@pytest.mark.django_db
def test_many_moves_are_one_file_and_start_no_further_pass(started: None) -> None:
    ids = customers(*({"source": "Web"} for _ in range(moves.SINGLY + 1)))
    segment("A", WHATSAPP)
    actions.follow()
    Customer.objects.filter(pk__in=ids).update(source="WhatsApp")
    with connection.cursor() as cursor:
        changelog.customers_changed(cursor, ids, connection.vendor)
    actions.follow()
    assert told(ENTERED) == []
    house = events.warehouse()
    house.sync()
    entered = house.table("events").filter(house.table("events").name == ENTERED)
    assert set(house.run(entered).column("customer").to_pylist()) == set(ids)
    assert actions.follow() == 0


@pytest.mark.django_db
def test_each_day_keeps_its_last_version_and_differences_to_the_day_before() -> None:
    with clock.frozen(AT):
        a, b = customers({"source": "WhatsApp"}, {"source": "Web"})
        one = segment("A", WHATSAPP)
        actions.follow()
        for source in ("WhatsApp", "Web", "WhatsApp"):
            changed(b, source=source)
            actions.follow()
        clock.advance(timedelta(days=1))
        changed(a, source="Web")
        actions.follow()
    days = [(d.size, d.entered, d.left) for d in SegmentDay.objects.order_by("day")]
    assert days == [(2, 0, 0), (1, 0, 1)]
    assert one.versions.count() == 2


@pytest.mark.django_db
def test_nothing_is_followed_while_a_build_holds_the_lease(started: None) -> None:
    [a] = customers({"source": "Web"})
    one = segment("A", WHATSAPP)
    changed(a, source="WhatsApp")
    token = lease.take("build")
    assert token
    assert actions.follow() == 0
    lease.release(token)
    assert actions.follow() == 1
    assert people(one) == {a}


@pytest.mark.django_db
def test_a_segment_edited_but_not_built_yet_is_left_to_its_build(started: None) -> None:
    [a] = customers({"source": "Web"})
    one = segment("A", WHATSAPP)
    actions.edit(SYSTEM, one.pk, name="A", description="", rule=rule(on("source", "is", "Web")))
    changed(a, source="WhatsApp")
    assert actions.follow() == 0
    actions.build_pending()
    assert people(one) == set()


# --- any sequence


@pytest.mark.django_db
def test_moves_of_a_child_are_passed_on_to_its_parents_in_the_same_pass(started: None) -> None:
    a, b = customers({"source": "WhatsApp"}, {"source": "Web"})
    child = segment("A", WHATSAPP)
    parent = segment("B", inside(child))
    others = segment("C", inside(parent, "not_in"))
    changed(b, source="WhatsApp")
    changed(a, source="Web")
    assert actions.follow() == 3
    assert (people(child), people(parent), people(others)) == ({b}, {b}, {a})


@pytest.mark.django_db
def test_a_child_that_was_built_in_full_moves_its_parents_in_the_next_pass(started: None) -> None:
    a, b = customers({"source": "WhatsApp"}, {"source": "Web"})
    child = segment("A", WHATSAPP)
    parent = segment("B", inside(child))
    actions.follow()
    actions.edit(SYSTEM, child.pk, name="A", description="", rule=rule(on("source", "is", "Web")))
    actions.build_pending()
    assert people(parent) == {a}
    actions.follow()
    assert (people(child), people(parent)) == ({b}, {b})


@pytest.mark.django_db
def test_in_the_daily_run_children_come_first_and_a_failed_child_fails_its_parents(started: None) -> None:
    [a] = customers({"source": "WhatsApp"})
    child = segment("A", WHATSAPP)
    parent = segment("B", inside(child))
    with clock.frozen(morning(1)):
        run = actions.run_if_due()
        assert run
        MembershipVersion.objects.filter(segment=child, state=Build.QUEUED).update(rule={"groups": []})
        assert actions.build_pending() == {"ready": 0, "failed": 2, "dropped": 0}
    versions = MembershipVersion.objects.filter(run_id=run.run_id)
    assert "could not be recalculated" in versions.get(segment=parent).error
    assert people(child) == people(parent) == {a}


@pytest.mark.django_db
def test_when_a_failed_child_is_ready_again_its_parents_are_built_by_themselves(started: None) -> None:
    a, b = customers({"source": "WhatsApp"}, {"source": "Web"})
    child, other = segment("A", WHATSAPP), segment("Other", WHATSAPP)
    parent = segment("B", inside(child))
    grandparent = segment("C", inside(parent, "not_in"))
    for one in (child, other, parent, grandparent):
        actions.recalculate(SYSTEM, one.pk)
    MembershipVersion.objects.filter(segment__in=[child, other], state=Build.QUEUED).update(rule={"groups": []})
    assert actions.build_pending() == {"ready": 0, "failed": 4, "dropped": 0}
    assert actions.rescue() == 0  # as long as the child has failed nobody tries again
    actions.edit(SYSTEM, child.pk, name="A", description="", rule=rule(on("source", "is", "Web")))
    assert actions.build_pending() == {"ready": 3, "failed": 0, "dropped": 0}
    assert (people(child), people(parent), people(grandparent)) == ({b}, {b}, {a})
    newest = parent.versions.order_by("-number").first()
    assert newest
    assert newest.cause == Cause.CHANGES
    assert actions.build_pending() == {"ready": 0, "failed": 0, "dropped": 0}


@pytest.mark.django_db
def test_the_watchdog_queues_a_parent_whose_builder_died_right_after_its_child(
    started: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    [a] = customers({"source": "WhatsApp"})
    child = segment("A", WHATSAPP)
    parent = segment("B", inside(child))
    for one in (child, parent):
        actions.recalculate(SYSTEM, one.pk)
    MembershipVersion.objects.filter(segment=child, state=Build.QUEUED).update(rule={"groups": []})
    actions.build_pending()
    actions.recalculate(SYSTEM, child.pk)
    with monkeypatch.context() as patched:
        patched.setattr(membership, "queue_recovered", lambda: 0)
        actions.build_pending()
    Job.objects.all().delete()
    assert actions.rescue() == 1
    assert Job.objects.get().kind == membership.KIND
    actions.build_pending()
    assert people(parent) == {a}


@pytest.mark.django_db
def test_a_rule_that_cannot_be_evaluated_is_built_in_full_at_once_and_does_not_stop_the_others(
    started: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    [a] = customers({"source": "Web"})
    good, bad = segment("A", WHATSAPP), segment("B", rule(on("city", "is", "Kandy")))
    actions.follow()
    scan = incremental.scan  # type: ignore[attr-defined]

    def picky(warehouse: Any, rules: Any, look: Any) -> Any:
        if any(r.source.groups[0].conditions[0].value == "Kandy" for r in rules):
            raise RuntimeError("boom")
        return scan(warehouse, rules, look)

    monkeypatch.setattr(incremental, "scan", picky)
    changed(a, source="WhatsApp", city="Kandy")
    assert actions.follow() == 1
    assert (people(good), people(bad)) == ({a}, set())
    assert list(bad.versions.order_by("number").values_list("state", flat=True)) == [Build.READY, Build.QUEUED]
    assert Job.objects.filter(kind=membership.KIND, state="queued").exists()
    actions.build_pending()  # at once, not at the daily run
    assert people(bad) == {a}
    assert {e.name for e in events.read(incremental.CONSUMER, 10)} == {ENTERED}  # only what the pass itself wrote


@pytest.mark.django_db
def test_a_rule_on_a_field_that_was_retired_is_built_in_full_and_says_what_is_wrong(started: None) -> None:
    [a] = customers({"source": "Web"})
    field = CustomField.objects.create(key="shoe", label="Shoe", type="number", created_at=clock.now())
    say(changelog.NewEntry("fields"))
    events.warehouse().sync()
    one = segment("A", rule(on("c_shoe", "greater", 1)))
    CustomField.objects.filter(pk=field.pk).update(retired_at=clock.now())
    changed(a, source="WhatsApp")
    actions.follow()
    actions.build_pending()
    newest = queries.latest(one)
    assert newest
    assert newest.state == Build.FAILED
    assert "was retired" in newest.error
    assert people(one) == set()  # the version before serves
    changed(a, source="Web")
    assert actions.follow() == 0
    assert not one.versions.filter(state=Build.QUEUED).exists()


@pytest.mark.django_db
def test_moves_of_many_segments_published_together_are_one_file(started: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "SINGLY", 3)
    a, b = customers({"source": "Web"}, {"source": "Web"})
    two = [segment("A", WHATSAPP), segment("B", rule(on("source", "is_not", "Web")))]
    actions.follow()
    files = ArchiveFile.objects.count()
    changed(a, source="WhatsApp")
    changed(b, source="WhatsApp")
    assert actions.follow() == 2
    assert [people(one) for one in two] == [{a, b}, {a, b}]
    assert (told(ENTERED), ArchiveFile.objects.count()) == ([], files + 1)
    house = events.warehouse()
    house.sync()
    rows = house.run(house.table("events").filter(house.table("events").name == ENTERED)).to_pylist()
    assert sorted((json.loads(row["props"])["name"], row["customer"]) for row in rows) == [
        ("A", a), ("A", b), ("B", a), ("B", b),
    ]  # fmt: skip
