"""Leases, fencing, caps, quiet hours, pause and cancel, step by step."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.db import connection, connections, transaction
from django.db.models import Count
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.accounts.models import Organisation
from ceap.channels import actions, queries
from ceap.channels.actions import acknowledging, arming, claiming, sweeping
from ceap.channels.contracts import State
from ceap.channels.models import Delivery, Lane
from ceap.consent import actions as consent
from ceap.consent import rules
from ceap.consent.models import CapSlot
from ceap.core import changelog
from ceap.core.ports import Answer, Outcome
from ceap.customers.models import Customer
from ceap.events.models import Entry
from ceap.kit import clock
from tests.channels import people
from tests.counts import often

db = pytest.mark.django_db(transaction=True)
SENT = Answer(Outcome.SENT)


def arm(rows: list[claiming.Claimed]) -> set[int]:
    emails = dict(Customer.objects.values_list("pk", "email"))
    return arming.arm([(row, emails[row.customer]) for row in rows])


def state() -> str:
    return Delivery.objects.get().state


@db
def test_a_lease_that_ends_before_the_hand_over_gives_the_row_back_and_the_zombie_changes_nothing() -> None:
    sender = people.sender()
    with clock.frozen(datetime(2026, 11, 21, 9, tzinfo=UTC)):
        people.plan(people.customers(1), sender)
        (zombie,) = claiming.claim(sender, 5)
        clock.advance(timedelta(seconds=61))
        assert sweeping.sweep()["returned"] == 1
        (row,) = claiming.claim(sender, 5)
        assert arm([zombie]) == set()
        assert state() == "claimed"
        assert arm([row]) == {row.id}
        assert acknowledging.acknowledge([(zombie, Answer(Outcome.FAILED, "rejected"))]) == 0, "a zombie wrote"
        assert acknowledging.hand_back([(zombie, 0)]) == 0
        assert state() == "sending"
        assert acknowledging.acknowledge([(row, SENT)]) == 1
    assert state() == "sent"


@db
def test_a_lease_that_ends_during_the_hand_over_is_unknown_and_a_late_answer_changes_nothing() -> None:
    sender = people.sender()
    with clock.frozen(datetime(2026, 11, 21, 9, tzinfo=UTC)):
        people.plan(people.customers(1), sender)
        (row,) = claiming.claim(sender, 5)
        arm([row])
        clock.advance(timedelta(seconds=121))
        assert sweeping.sweep()["unknown"] == 1
        assert acknowledging.acknowledge([(row, SENT)]) == 0
        assert claiming.claim(sender, 5) == []
    assert (state(), Delivery.objects.get().reason) == ("unknown", "crash")
    assert CapSlot.objects.count() == 1


@db
def test_a_batch_of_several_sources_and_leases_is_written_at_once_with_its_touchpoints() -> None:
    at = datetime(2026, 11, 21, 9, tzinfo=UTC)
    sender, ids = people.sender(), people.customers(3)
    with clock.frozen(at):
        first, second = people.plan(ids, sender), people.plan(ids[:1], sender)
        people.plan(ids[:1], sender, kind="test")
        rows = claiming.claim(sender, 2) + claiming.claim(sender, 9)
        assert len(rows) == 5
        Delivery.objects.update(state="sending")
        lost = next(row for row in rows if row.customer == ids[2])
        Delivery.objects.filter(pk=lost.id).update(lease_token="another's")
        assert acknowledging.acknowledge([(row, SENT) for row in rows]) == 4
        assert acknowledging.acknowledge([(row, SENT) for row in rows]) == 0, "acknowledged twice"
    assert dict(Delivery.objects.values_list("state").annotate(Count("pk")).order_by()) == {"sending": 1, "sent": 4}
    sent = Delivery.objects.filter(state="sent")
    assert set(sent.values_list("sent_at", "finished_at", "lease_token", "lease_until")) == {(at, at, "", None)}
    expected = {
        (row.customer, row.id, row.source_id) for row in rows if row is not lost and row.source_kind == "campaign"
    }
    assert {source for *_, source in expected} == {str(first), str(second)}
    entries = Entry.objects.filter(name="message_sent")
    assert {(e.customer, e.payload["props"]["delivery"], e.payload["campaign"]) for e in entries} == expected
    written = entries.order_by("-seq")[0]
    with transaction.atomic(), connection.cursor() as cursor:  # word for word what one by one would have written
        props = written.payload["props"]
        one = changelog.event(
            "message_sent", written.customer, at=at, campaign=written.payload["campaign"], props=props
        )
        with clock.frozen(at):
            changelog.append(cursor, [one], connection.vendor)
        cursor.execute("SELECT at, kind, name, customer, dedupe, payload FROM events_entry ORDER BY seq DESC LIMIT 1")
        alone = cursor.fetchone()
        cursor.execute(
            "SELECT at, kind, name, customer, dedupe, payload FROM events_entry WHERE seq = %s", [written.seq]
        )
        assert cursor.fetchone() == alone


@db
def test_planted_an_acknowledgement_that_forgets_the_lease_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def any_lease(vendor: str, pairs):
        rows = list(pairs)
        leases = dict(Delivery.objects.values_list("pk", "lease_token"))
        return original(vendor, [(id, leases[id]) for id, _ in rows])

    original = acknowledging.pair_list  # type: ignore[attr-defined]
    monkeypatch.setattr(acknowledging, "pair_list", any_lease)
    with pytest.raises(AssertionError, match="a zombie wrote"):
        test_a_lease_that_ends_before_the_hand_over_gives_the_row_back_and_the_zombie_changes_nothing()


@db
def test_the_conditions_of_sweep_and_claim_use_their_indexes() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("asks SQLite's planner")
    with connection.cursor() as cursor:
        for where, index in (
            ("state IN ('claimed', 'sending') AND lease_until < '2026' AND state = 'claimed'", "delivery_leases"),
            ("state = 'planned' AND expires_at IS NOT NULL AND expires_at <= '2026'", "delivery_expiry"),
            (
                "source_kind = 'c' AND source_id = 'x' AND sender_id = 'y' AND state = 'planned' AND due_at <= '2026' "
                "ORDER BY due_at LIMIT 5",
                "delivery_queue",
            ),
        ):
            cursor.execute(f"EXPLAIN QUERY PLAN SELECT id FROM channels_delivery WHERE {where}")
            assert index in str(cursor.fetchall())


@db
@pytest.mark.req("C-12")
def test_sixteen_threads_never_pass_the_cap() -> None:
    Organisation.objects.create(settings={"email_cap_per_week": 2})
    ids = people.customers(6)
    sender = people.sender()
    sources = [people.plan(ids, sender) for _ in range(8)]

    def work() -> None:
        try:
            while rows := claiming.claim(sender, 5):
                armed = arm(rows)
                acknowledging.acknowledge([(row, SENT) for row in rows if row.id in armed])
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for customer in ids:
        sent = Delivery.objects.filter(customer_id=customer, state="sent").count()
        assert sent == 2, f"{sent} were sent under a cap of 2"
        assert Delivery.objects.filter(customer_id=customer, state="capped").count() == 6
    assert all(sum(queries.tally("campaign", source).values()) == 6 for source in sources)


@db
def test_planted_counting_before_sending_passes_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: with reservations taken out, only the gate's count is left, and many threads pass it."""
    monkeypatch.setattr(consent, "reserve", lambda wanted, **_: set())
    with pytest.raises(AssertionError, match="8 were sent"):
        test_sixteen_threads_never_pass_the_cap()


@db
def test_a_failed_hand_over_gives_its_slot_back_and_an_unknown_one_does_not() -> None:
    Organisation.objects.create(settings={"email_cap_per_week": 1})
    sender = people.sender()
    ids = people.customers(2)
    people.plan(ids, sender)
    rows = claiming.claim(sender, 5)
    arm(rows)
    answers = [Answer(Outcome.FAILED, "rejected"), Answer(Outcome.UNKNOWN, "cut")]
    acknowledging.acknowledge(list(zip(rows, answers, strict=True)))
    people.plan(ids, sender)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["capped", "failed", "planned", "unknown"]


@db
def test_pausing_between_claim_and_last_check_puts_back_and_cancelling_ends() -> None:
    sender = people.sender()
    source = people.plan(people.customers(2), sender)
    (row, other) = claiming.claim(sender, 5)
    actions.pause("campaign", source)
    assert arm([row]) == set()
    assert claiming.claim(sender, 5) == []
    actions.resume("campaign", source)
    (row, other) = claiming.claim(sender, 5)
    assert arm([row]) == {row.id}
    actions.cancel_source("campaign", source)
    assert arm([other]) == set()
    acknowledging.acknowledge([(row, SENT)])
    assert {k: v for k, v in queries.tally("campaign", source).items() if v} == {"sent": 1, "cancelled": 1}


@db
def test_quiet_hours_put_off_where_it_still_fits_and_end_where_it_does_not() -> None:
    Organisation.objects.create(settings={"quiet_from": "21:00", "quiet_until": "08:00"}, time_zone="Europe/Berlin")
    sender = people.sender()
    at = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # 23:30 in Berlin, 17:30 in New York, 04:00 the next day in Delhi
    with clock.frozen(at):
        berlin = people.customers(1)[0]
        new_york = people.customers(1, time_zone="America/New_York")[0]
        delhi = people.customers(1, time_zone="Asia/Kolkata")[0]
        people.plan([berlin, new_york, delhi], sender, due=at, expires_at=at + timedelta(hours=5))
        rows = {row.customer_id: row for row in Delivery.objects.all()}
        assert rows[berlin].state == "quiet"
        assert rows[new_york].due_at == at
        assert rows[delhi].due_at == datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
        assert [row.customer for row in claiming.claim(sender, 5)] == [new_york]


@db
def test_the_last_check_asks_about_quiet_hours_too() -> None:
    sender = people.sender()
    at = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    with clock.frozen(at):
        people.plan(people.customers(1), sender, due=at)
        rows = claiming.claim(sender, 5)
        Organisation.objects.create(settings={"quiet_from": "21:00", "quiet_until": "08:00"})
        assert arm(rows) == set()
        assert Delivery.objects.get().due_at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
        assert state() == "planned"


@db
def test_a_changed_address_is_written_anew_before_it_is_used() -> None:
    sender = people.sender()
    people.plan(people.customers(1), sender)
    rows = claiming.claim(sender, 5)
    assert arming.arm([(rows[0], "old@example.test")]) == set()
    assert state() == "planned"


@db
def test_sources_share_a_sender_and_a_small_one_is_not_behind_a_big_one() -> None:
    sender = people.sender()
    people.plan(people.customers(300), sender)
    small = people.plan(people.customers(2), sender)
    claimed = claiming.claim(sender, 20)
    assert sum(row.source_id == str(small) for row in claimed) == 2
    assert len(claimed) == 20


@db
def test_only_one_worker_tries_a_provider_that_was_down() -> None:
    sender = people.sender()
    with clock.frozen(datetime(2026, 11, 21, 9, tzinfo=UTC)):
        people.plan(people.customers(5), sender)
        rows = claiming.claim(sender, 5)
        claiming.breaker_opens(sender.pk, "refused")
        acknowledging.hand_back([(row, 0) for row in rows])
        assert claiming.claim(sender, 5) == []
        clock.advance(timedelta(seconds=3))
        assert len(claiming.claim(sender, 5)) == 1
        assert claiming.claim(sender, 5) == []
        claiming.provider_answers(sender.pk)
        assert len(claiming.claim(sender, 5)) == 4
    assert Lane.objects.get().failures == 0
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}


ZONES = sorted(available_timezones())
CLOCK = st.integers(0, 47).map(lambda n: datetime(2026, 1, 1, n // 2, 30 * (n % 2)).time())


@settings(max_examples=often(100, 400), deadline=None)
@given(
    zone=st.sampled_from(ZONES), start=CLOCK, end=CLOCK,
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
)  # fmt: skip
def test_quiet_hours_end_in_the_future_outside_of_them_in_every_zone(zone, start, end, at) -> None:
    until = rules.quiet_end(at, ZoneInfo(zone), start, end)
    if until is None:
        return
    assert at < until <= at + timedelta(hours=26)
    assert rules.quiet_end(until, ZoneInfo(zone), start, end) is None


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Berlin, 2026-03-29: 02:00 → 03:00. Quiet until 02:30, which does not exist: 03:30.
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # Berlin, 2026-10-25: 03:00 → 02:00. 02:10 occurs twice; from the first on until the first 02:30 …
        (datetime(2026, 10, 25, 0, 10, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        # … and the second 02:10 is quiet again until the second 02:30.
        (datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_quiet_hours_at_the_change_of_the_clock(at: datetime, expected: datetime) -> None:
    from datetime import time

    assert rules.quiet_end(at, ZoneInfo("Europe/Berlin"), time(21), time(2, 30)) == expected


def test_weeks_of_the_cap_are_those_of_the_organisations_zone() -> None:
    sunday_night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert rules.cap_window(sunday_night, "UTC") == "2026-W47"
    assert rules.cap_window(sunday_night, "Europe/Berlin") == "2026-W48"
    assert rules.cap_window(datetime(2027, 1, 1, 12, tzinfo=UTC), "UTC") == "2026-W53"


def test_every_state_a_refusal_leads_to_is_final() -> None:
    from ceap.channels.contracts import FINAL, REFUSED

    assert set(REFUSED.values()) <= set(FINAL)
    assert State.SENT in FINAL
