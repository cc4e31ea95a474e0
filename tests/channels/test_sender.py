"""The sender at work against a real SMTP server that has good and bad days."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from ceap.channels import actions, rules
from ceap.channels.models import Delivery, Lane, Link, Source
from ceap.consent.models import CapSlot, Suppression
from ceap.customers.models import Customer
from ceap.events.models import Entry
from ceap.kit.clock import now
from tests.channels import people, rig
from tests.channels.smtp_server import running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


def planned(server, count: int = 5, *, ids: list[int] | None = None, config: dict | None = None, **more):
    identity = people.smtp_sender(
        server.port, config=config or {}, rate_per_second=more.pop("rate", 0), burst=more.pop("burst", 100)
    )
    ids = ids or people.customers(count)
    return people.plan(
        ids, identity, content_version_id=people.version(links=["https://shop.test/a"]).pk, **more
    ), identity


def address(n: int) -> str:
    return f"c{n}@example.test"


def test_a_campaign_is_sent_personalised_with_its_headers_and_touchpoints() -> None:
    with running() as server:
        source, _ = planned(server, 30)
        rig.send_all(source)
        assert rig.ended(source) == {"sent": 30}
        assert server.received() == {address(n): 1 for n in range(1, 31)}
        mail = next(m for m in server.mails if m.recipient == address(7))
        row = Delivery.objects.get(customer_id=Delivery.objects.get(token=mail.key).customer_id)
        assert row.address == address(7)
        assert b"Subject: Hello Customer 7\r\n" in mail.data
        assert f"List-Unsubscribe: <http://127.0.0.1:8001/u/{row.token}>".encode() in mail.data
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in mail.data
        assert f"/o/{row.token}.gif".encode() in mail.data.replace(b"=\r\n", b"")
        with rig.worker(2):  # what has ended is not taken up again
            time.sleep(1)
        assert server.received() == {address(n): 1 for n in range(1, 31)}
    touches = Entry.objects.filter(kind="event", name="message_sent")
    assert touches.count() == 30
    assert touches[0].payload["campaign"] == str(source)
    assert Link.objects.get().url == "https://shop.test/a"
    assert CapSlot.objects.count() == 30


def test_one_bad_recipient_never_blocks_its_batch() -> None:
    def hook(stage: str, argument: str) -> str | None:
        return "550 5.1.1 No such user" if (stage, argument) == ("rcpt", address(3)) else None

    with running(hook) as server:
        source, _ = planned(server, 20)
        rig.send_all(source)
    assert rig.ended(source) == {"sent": 19, "failed": 1}
    bad = Delivery.objects.get(state="failed")
    assert (bad.reason, bad.detail) == ("bounced", "550 5.1.1 No such user")
    suppression = Suppression.objects.get()
    assert (suppression.address, suppression.reason, suppression.purpose) == (address(3), "bounced", "*")
    assert not CapSlot.objects.filter(customer_id=bad.customer_id).exists()


def test_a_message_cut_after_data_is_unknown_and_is_not_repeated() -> None:
    with running(lambda s, a: "take and cut" if (s, a) == ("message", address(2)) else None) as server:
        source, _ = planned(server, 6)
        rig.send_all(source)
        assert server.received()[address(2)] == 1, "it came again"
        assert rig.ended(source) == {"sent": 5, "unknown": 1}
        assert Delivery.objects.get(state="unknown").reason == "cut"
        assert CapSlot.objects.count() == 6  # it may have arrived: it counts


def test_a_transactional_message_cut_after_data_is_tried_again_with_the_same_id() -> None:
    cut = iter(["take and cut"])
    with running(lambda s, a: next(cut, None) if s == "message" else None) as server:
        source, _ = planned(server, 1, purpose="transactional")
        with rig.worker():
            rig.wait(lambda: Delivery.objects.get().attempts == 1)
            Delivery.objects.update(due_at=now())
            rig.wait(lambda: not rig.on_the_way(source))
        assert rig.ended(source) == {"sent": 1}
        assert list(server.keys().values()) == [2]


def test_a_temporary_refusal_is_tried_again_later_and_in_the_end_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "retry_after", lambda attempts: timedelta(milliseconds=10))
    busy = {address(1): 2, address(2): 99}

    def hook(stage: str, argument: str) -> str | None:
        if stage == "rcpt" and busy.get(argument, 0) > 0:
            busy[argument] -= 1
            return "450 4.2.0 Greylisted"
        return None

    with running(hook) as server:
        source, _ = planned(server, 3)
        rig.send_all(source)
    assert rig.ended(source) == {"sent": 2, "failed": 1}
    given_up = Delivery.objects.get(state="failed")
    assert given_up.reason == "attempts"
    assert 99 - busy[address(2)] == rules.MAX_ATTEMPTS
    assert not CapSlot.objects.filter(customer_id=given_up.customer_id).exists()


def test_a_retry_that_would_be_too_late_expires() -> None:
    with running(lambda s, a: "450 4.2.0 Later" if s == "rcpt" else None) as server:
        source, _ = planned(server, 2, expires_at=now() + timedelta(seconds=20))
        rig.send_all(source)
    assert rig.ended(source) == {"expired": 2}


def test_a_server_that_is_down_burns_no_attempts_and_sending_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "open_for", lambda failures: 1.0)
    with running() as server:
        server.stop()
        source, identity = planned(server, 10)
        with rig.worker():
            rig.wait(lambda: Lane.objects.filter(failures__gte=2).exists())
            lane = Lane.objects.get(pk=identity.pk)
            assert "refused" in lane.open_reason
            assert rig.on_the_way(source) == 10
            server.start()
            rig.wait(lambda: not rig.on_the_way(source))
        assert rig.ended(source) == {"sent": 10}
        assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}, "attempts were burnt"
        assert set(server.received().values()) == {1}
    lane.refresh_from_db()
    assert (lane.failures, lane.open_reason) == (0, "")


def test_a_wrong_password_opens_the_breaker_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        source, _ = planned(server, 3, config={"username": "me"})
        with rig.worker():
            rig.wait(lambda: Lane.objects.filter(failures__gte=1).exists())
        assert "does not offer a way to sign in" in Lane.objects.get().open_reason
        assert rig.ended(source) == {"planned": 3}
        assert not server.mails


def test_a_provider_whose_answers_get_lost_is_not_given_the_whole_campaign() -> None:
    with running(lambda s, a: "take and cut" if s == "message" else None) as server:
        source, _ = planned(server, 60)
        with rig.worker():
            rig.wait(lambda: Lane.objects.filter(failures__gte=1).exists())
            time.sleep(0.5)
        assert "get lost" in Lane.objects.get().open_reason
        tally = rig.ended(source)
        assert tally["unknown"] == len(server.mails) <= 8
        assert tally["planned"] == 60 - tally["unknown"]


def test_a_provider_that_breaks_holds_the_sender_and_costs_one_message_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self, message, confirm):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("ceap.plugins.channels.smtp.SmtpSession.send", broken)
    with running() as server:
        source, _ = planned(server, 20, config={"connections": 1})
        with rig.worker():
            rig.wait(lambda: Lane.objects.filter(failures__gte=1).exists())
            rig.wait(lambda: "unknown" in rig.ended(source))
        assert "oops" in Lane.objects.get().open_reason
        assert rig.ended(source)["unknown"] <= 2
        assert rig.ended(source)["planned"] >= 18


def test_being_asked_to_slow_down_holds_everybody_and_costs_no_attempt() -> None:
    slow = iter(["421 4.7.0 Too fast, retry after 1 seconds"])
    with running(lambda s, a: next(slow, None) if s == "rcpt" else None) as server:
        source, _ = planned(server, 8)
        with rig.worker():
            rig.wait(lambda: Lane.objects.filter(pace__lt=1).exists())
            Delivery.objects.filter(state="planned").update(due_at=now())
            rig.wait(lambda: not rig.on_the_way(source))
    assert rig.ended(source) == {"sent": 8}
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}, "attempts were burnt"


def test_the_rate_is_shared_by_all_workers() -> None:
    with running() as server:
        source, _ = planned(server, 60, rate=20, burst=10)
        began = time.monotonic()
        rig.send_all(source, workers=2)
        last = max(m.at for m in server.mails)
    assert rig.ended(source) == {"sent": 60}
    # 10 at once at the first claim, then 20 a second: the last of the other 50 leaves 2.5 s after it
    assert 2.4 <= last - began < 10


def test_two_workers_send_each_message_once() -> None:
    with running() as server:
        source, _ = planned(server, 800)
        rig.send_all(source, workers=2)
        assert rig.ended(source) == {"sent": 800}
        assert set(server.received().values()) == {1}
        assert len(server.received()) == 800


def test_a_template_that_breaks_for_one_customer_fails_only_there() -> None:
    with running() as server:
        ids = people.customers(5)
        Customer.objects.filter(pk=ids[0]).update(full_name="boom")
        identity = people.smtp_sender(server.port)
        text = "{% if customer.full_name == 'boom' %}{% for i in (1..100000000) %}x{% endfor %}{% endif %}ok"
        source = people.plan(ids, identity, content_version_id=people.version(text=text).pk)
        rig.send_all(source, seconds=60)
    assert rig.ended(source) == {"sent": 4, "failed": 1}
    assert Delivery.objects.get(state="failed").reason.startswith("template_")


def test_pausing_in_the_middle_stops_and_resuming_sends_the_rest_once() -> None:
    with running(lambda s, a: time.sleep(0.01) if s == "message" else None) as server:
        source, _ = planned(server, 200)
        with rig.worker():
            rig.wait(lambda: len(server.mails) > 20)
            actions.pause("campaign", source)
            time.sleep(0.5)
            paused_at = len(server.mails)
            time.sleep(0.5)
            assert len(server.mails) == paused_at < 200, "mails went out while it was paused"
            assert set(rig.ended(source)) == {"planned", "sent"}
            actions.resume("campaign", source)
            rig.wait(lambda: not rig.on_the_way(source))
        assert rig.ended(source) == {"sent": 200}
        assert set(server.received().values()) == {1}


def test_cancelling_in_the_middle_leaves_a_sum_equal_to_the_plan() -> None:
    with running(lambda s, a: time.sleep(0.01) if s == "message" else None) as server:
        source, _ = planned(server, 200)
        with rig.worker():
            rig.wait(lambda: len(server.mails) > 20)
            actions.cancel_source("campaign", source)
            rig.wait(lambda: not rig.on_the_way(source))
            time.sleep(0.3)
        tally = rig.ended(source)
        assert set(tally) == {"sent", "cancelled"}
        assert sum(tally.values()) == 200
        assert tally["sent"] == len(server.mails)


def test_a_source_with_nothing_on_the_way_is_closed_and_opens_again() -> None:
    with running() as server:
        source, identity = planned(server, 2)
        with rig.worker():
            rig.wait(lambda: Source.objects.get().closed_at is not None)
            people.plan(people.customers(1), identity, source=source, step="2", content_version_id=people.version().pk)
            rig.wait(lambda: rig.ended(source) == {"sent": 3})


def test_a_stopped_worker_finishes_what_is_in_hand_and_gives_the_rest_back() -> None:
    with running(lambda s, a: time.sleep(0.02) if s == "message" else None) as server:
        source, _ = planned(server, 300)
        with rig.worker():
            rig.wait(lambda: len(server.mails) > 10)
        tally = rig.ended(source)
        assert set(tally) == {"planned", "sent"}
        assert tally["sent"] == len(server.mails)
    assert threading.active_count() < 20
