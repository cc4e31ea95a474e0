"""Webhooks: who enters and leaves a segment is told to a real server, signed, again until it has taken it (S-16)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from pyroaring import BitMap
from standardwebhooks import WebhookVerificationError

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import AuditEntry
from ceap.connectors import actions, calls, sending
from ceap.connectors.models import Call, Notice, Webhook
from ceap.customers.actions import limit_field
from ceap.customers.models import Customer, Identity
from ceap.kit import clock
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, Invalid
from ceap.kit.seal import CannotUnseal
from tests import actors
from tests.connectors.receiver import Receiver, Verifier, receiving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("S-16")]
SEGMENT = str(uuid4())


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("CEAP_OUTBOUND_PRIVATE", "true")
    with receiving() as found:
        yield found


def hook(receiver: Receiver, **more: Any) -> tuple[Webhook, str]:
    return actions.create_webhook(SYSTEM, url=receiver.url, **{"events": ["segment.entered", "segment.left"], **more})


def people(count: int) -> list[int]:
    at = now()
    rows = Customer.objects.bulk_create(
        [Customer(full_name=f"Person {n}", email=f"p{n}@example.test", created_at=at, updated_at=at)
         for n in range(count)]
    )  # fmt: skip
    Identity.objects.bulk_create(
        [Identity(customer=row, kind="email", value=row.email, primary=True, created_at=at) for row in rows]
    )
    return sorted(row.pk for row in rows)


def moved(came: list[int], went: list[int] = [], segment: str = SEGMENT) -> int:  # noqa: B006
    with transaction.atomic():
        return actions.notify_moves(segment, "Loyal", 3, BitMap(came), BitMap(went))


def send(row: Webhook) -> int:
    return sending.send_to(row.pk, seconds=20)


def later(seconds: float) -> Any:
    return clock.frozen(now() + timedelta(seconds=seconds))


def test_who_entered_and_left_is_told_with_identities_and_a_signature_that_the_library_verifies(
    receiver: Receiver,
) -> None:
    row, secret = hook(receiver, identities=True)
    a, b, c = people(3)
    Customer.objects.filter(pk=c).update(erased_at=now())
    Identity.objects.filter(customer=c).delete()
    assert moved([a, b], [c]) == 2
    assert send(row) == 2
    entered, left = receiver.bodies()
    assert entered["type"] == "segment.entered"
    assert entered["data"] == {
        "segment": {"id": SEGMENT, "name": "Loyal", "version": 3},
        "customers": [
            {"id": a, "identities": [{"kind": "email", "value": "p0@example.test"}]},
            {"id": b, "identities": [{"kind": "email", "value": "p1@example.test"}]},
        ],
        "total": 2, "part": 1, "parts": 1,
    }  # fmt: skip
    assert left["type"] == "segment.left"
    assert left["data"]["customers"] == [{"id": c, "identities": []}]
    for headers, body in receiver.came:
        Verifier(secret).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify(body + b" ", headers)
    assert set(Call.objects.values_list("state", "status", "tries")) == {("sent", 204, 1)}


def test_without_asking_for_identities_customers_are_told_by_their_number_alone(receiver: Receiver) -> None:
    row, _ = hook(receiver, events=["segment.entered"])
    [a] = people(1)
    moved([a])
    assert send(row) == 1
    assert receiver.bodies()[0]["data"]["customers"] == [{"id": a}]
    assert b"example.test" not in receiver.came[0][1]


@pytest.mark.parametrize("field", ["email", "usernames"])
def test_who_may_not_see_an_identity_cannot_have_it_sent_away(receiver: Receiver, field: str) -> None:
    mine, _ = hook(receiver, identities=True)
    limit_field(SYSTEM, field, [actors.user("Ada").role.key])
    bob = actors.actor("Bob")
    given: dict[str, Any] = {"url": receiver.url, "events": ["segment.left"]}
    for act in (
        lambda: actions.create_webhook(bob, **given, identities=True),
        lambda: actions.edit_webhook(bob, mine.pk, **given, identities=True),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert [error.field for error in refusal.value.errors] == ["identities"]
    mine.refresh_from_db()
    assert (Webhook.objects.count(), mine.identities, len(mine.events)) == (1, True, 2)
    actions.edit_webhook(bob, mine.pk, **given)
    mine.refresh_from_db()
    assert not mine.identities


def test_planted_a_signature_over_another_body_is_found(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    row, secret = hook(receiver)
    moved([1])
    real = sending.headers
    monkeypatch.setattr(sending, "headers", lambda call, body: real(call, body.replace("Loyal", "loyal")))
    send(row)
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(receiver.came[0][1], receiver.came[0][0])


def test_only_subscribed_events_and_segments_are_told_and_nothing_of_a_rolled_back_publish(receiver: Receiver) -> None:
    row, _ = hook(receiver, events=["segment.left"], segments=[SEGMENT])
    assert moved([1], [2], segment=str(uuid4())) == 0
    assert moved([1]) == 0
    assert moved([1], [2]) == 1
    with transaction.atomic():
        moved([], [3])
        transaction.set_rollback(True)
    assert send(row) == 1
    assert [body["type"] for body in receiver.bodies()] == ["segment.left"]


def test_a_large_move_is_one_row_and_told_in_parts_of_five_hundred(receiver: Receiver) -> None:
    row, _ = hook(receiver, events=["segment.entered"])
    ids = people(3) + list(range(1_000_000, 2_000_000))
    started = time.monotonic()
    moved(ids)
    assert time.monotonic() - started < 5
    assert (Notice.objects.count(), Call.objects.count()) == (1, 1)
    call = Call.objects.get()
    assert call.parts == 2001
    assert len(bytes(Notice.objects.get().customers or b"")) < 200_000
    Call.objects.update(parts=3)
    assert send(row) == 3
    told = [[each["id"] for each in body["data"]["customers"]] for body in receiver.bodies()]
    assert [len(part) for part in told] == [500, 500, 500]
    assert [*told[0], *told[1], *told[2]] == ids[:1500]
    assert receiver.ids() == [f"msg_{call.pk.hex}_{n}" for n in range(3)]


def test_what_fails_is_tried_again_with_the_same_id_until_it_is_taken(receiver: Receiver) -> None:
    row, _ = hook(receiver)
    receiver.answer = lambda n: (500, {}, b"not now") if n < 2 else (200, {}, b"thanks")
    moved([1])
    assert send(row) == 1
    call = Call.objects.get()
    assert (call.state, call.status, call.answer, call.attempts) == ("waiting", 500, "not now", 1)
    assert send(row) == 0  # not before its time
    with later(7):
        assert send(row) == 1
    with later(7 + 400):
        assert send(row) == 1
    call.refresh_from_db()
    assert (call.state, call.status, call.answer, call.tries) == ("sent", 200, "thanks", 3)
    assert len(set(receiver.ids())) == 1
    assert len({body["timestamp"] for body in receiver.bodies()}) == 1


def test_a_server_that_asks_to_wait_is_left_alone_for_so_long(receiver: Receiver) -> None:
    row, _ = hook(receiver)
    receiver.answer = lambda n: (429, {"retry-after": "120"}, b"")
    moved([1])
    send(row)
    wait = Call.objects.get().due_at - now()
    assert timedelta(seconds=110) < wait <= timedelta(seconds=120)


def test_a_server_that_wants_no_more_switches_its_webhook_off(receiver: Receiver) -> None:
    row, _ = hook(receiver)
    receiver.answer = lambda n: (410, {}, b"")
    moved([1], [2])
    assert send(row) == 1
    row.refresh_from_db()
    assert row.state == "gone"
    assert set(Call.objects.values_list("state", flat=True)) == {"stopped"}
    assert moved([3]) == 0
    with pytest.raises(Conflict):
        actions.resend(SYSTEM, Call.objects.order_by("pk")[0].pk)


def test_after_failures_in_a_row_the_server_rests_and_attempts_are_not_used_up(receiver: Receiver) -> None:
    row, _ = hook(receiver)
    receiver.answer = lambda n: (503, {}, b"")
    for n in range(10):
        moved([n])
    assert send(row) == 5
    assert len(receiver.came) == 5
    assert Call.objects.filter(tries=0).count() == 5
    with later(40):
        assert send(row) == 1  # one probe, and the rest is longer
    receiver.answer = lambda n: (200, {}, b"")
    with later(40 + 100):
        assert send(row) > 5
    row.refresh_from_db()
    assert (row.failures, row.resting_until) == (0, None)


def test_what_nobody_takes_is_given_up_visibly_and_can_be_sent_again(receiver: Receiver) -> None:
    row, _ = hook(receiver)
    receiver.answer = lambda n: (500, {}, b"")
    moved([1])
    passed = 0.0
    for _ in range(12):
        with later(passed):
            sending.send_to(row.pk, seconds=5)
            call = Call.objects.get()
            if call.state != "waiting":
                break
            Webhook.objects.update(resting_until=None)
            passed += (call.due_at - now()).total_seconds() + 1
    assert (call.state, call.tries) == ("given_up", 10)
    assert 75 * 3600 < passed < 75 * 3600 * 1.25
    receiver.answer = lambda n: (200, {}, b"")
    actions.resend(SYSTEM, call.pk)
    assert send(row) == 1
    call.refresh_from_db()
    assert call.state == "sent"
    assert len(set(receiver.ids())) == 1


def test_after_a_rotation_both_secrets_verify_for_a_day(receiver: Receiver) -> None:
    row, old = hook(receiver)
    _, new = actions.rotate_secret(SYSTEM, row.pk)
    moved([1])
    send(row)
    for secret in (old, new):
        Verifier(secret).verify(receiver.came[0][1], receiver.came[0][0])
    Webhook.objects.update(former_until=now())
    moved([2])
    send(row)
    Verifier(new).verify(receiver.came[1][1], receiver.came[1][0])
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(receiver.came[1][1], receiver.came[1][0])
    assert old.encode() not in bytes(Webhook.objects.get().secret)


def test_redirects_are_not_followed_and_long_answers_not_kept(receiver: Receiver) -> None:
    row, _ = hook(receiver)
    receiver.answer = lambda n: (302, {"location": receiver.url}, b"")
    moved([1])
    send(row)
    assert len(receiver.came) == 1
    assert "redirects are not followed" in Call.objects.get().error
    receiver.answer = lambda n: (200, {}, b"x" * 3_000_000)
    with later(10):
        send(row)
    call = Call.objects.get()
    assert (call.state, len(call.answer)) == ("sent", 1000)


def test_a_lost_lease_cannot_write(receiver: Receiver) -> None:
    row, _ = hook(receiver)
    moved([1])
    taken = calls.take(row.pk)
    assert taken
    assert calls.take(row.pk) is None
    token, call = taken
    with later(120):
        again = calls.take(row.pk)
        assert again
    assert not calls.acknowledged(call, token, 200, "", 1)
    assert not calls.failed(call, token, error="late")
    assert calls.acknowledged(call, again[0], 200, "", 1)
    assert not calls.acknowledged(call, again[0], 200, "", 1)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/x", "https://", "http://a:b@example.org/", "http://127.0.0.1/", "http://[::1]:80/",
     "http://10.1.2.3/", "http://169.254.169.254/latest", "http://localhost:9/", "http://0x7f.1/", "http://2130706433/",
     "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://0/", "http://192.168.1.1./", "x", "",
     "https://[", "https://a]b/", "https://example.org:99999/", "https://example.org:\u0664\u0664/",
     "https://example.org:0/", "https://example.org/a b", "http://[fe80::1%25eth0]/", "http://224.0.0.1/"],
)  # fmt: skip
def test_addresses_that_may_not_be_called_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEAP_OUTBOUND_PRIVATE", "")
    with pytest.raises(Invalid) as refused:
        actions.create_webhook(SYSTEM, url=url, events=["segment.entered"])
    assert [e.field for e in refused.value.errors] == ["url"]
    assert not Webhook.objects.exists()


def test_a_name_that_leads_into_a_private_network_is_refused_when_it_is_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, _ = hook(receiver)
    url = f"http://localhost.example.test:{receiver.port}/"
    row, _ = actions.edit_webhook(SYSTEM, row.pk, url=url, events=row.events)
    monkeypatch.setenv("CEAP_OUTBOUND_PRIVATE", "")
    import asyncio

    async def resolved(self: Any, host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolved)
    moved([1])
    send(row)
    call = Call.objects.get()
    assert "private network" in call.error
    assert (receiver.came, call.state, call.status) == ([], "waiting", 0)


def test_switching_off_stops_what_waits_and_everything_is_in_the_audit_trail(receiver: Receiver) -> None:
    row, secret = hook(receiver)
    moved([1])
    values = {"url": row.url, "events": row.events}
    actions.edit_webhook(SYSTEM, row.pk, **values, on=False)
    assert send(row) == 0
    assert moved([2]) == 0
    with pytest.raises(Conflict):
        actions.send_test(SYSTEM, row.pk)
    actions.edit_webhook(SYSTEM, row.pk, **values, on=True)
    actions.send_test(SYSTEM, row.pk)
    actions.resend(SYSTEM, Call.objects.filter(state="stopped").get().pk)
    assert send(row) == 2
    assert sorted(body["type"] for body in receiver.bodies()) == ["segment.entered", "webhook.test"]
    actions.rotate_secret(SYSTEM, row.pk)
    actions.delete_webhook(SYSTEM, row.pk)
    verbs = list(AuditEntry.objects.filter(object_kind="webhook").order_by("seq").values_list("verb", flat=True))
    assert verbs == [
        f"webhooks.{verb}" for verb in ("create", "edit", "edit", "test", "resend", "rotate_secret", "delete")
    ]
    trail = str(list(AuditEntry.objects.values_list("before", "after")))
    assert secret not in trail
    assert "whsec_" not in trail


def test_a_slow_server_does_not_hold_up_another(receiver: Receiver) -> None:
    slow, _ = hook(receiver)
    with receiving() as second:
        quick, _ = hook(second)
        receiver.answer = lambda n: (time.sleep(1.5), (200, {}, b""))[1]
        moved([1])
        assert sending.send_due() == 2
        assert sending.send_due() == 0  # both are at work
        until_sent(quick, 1.2)
        assert Call.objects.get(webhook=slow).state == "waiting"
        until_sent(slow, 10)
        deadline = time.monotonic() + 5
        while sending._busy and time.monotonic() < deadline:
            time.sleep(0.02)


def until_sent(row: Webhook, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while Call.objects.get(webhook=row).state != "sent":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_old_calls_and_notices_are_forgotten(receiver: Receiver) -> None:
    row, _ = hook(receiver)
    moved([1])
    send(row)
    assert calls.forget() == 0
    with later(31 * 86400):
        assert calls.forget() == 1
    assert not Notice.objects.exists()


def test_a_webhook_pointed_at_another_server_signs_with_a_new_secret(receiver: Receiver) -> None:
    row, secret = hook(receiver)
    same, none = actions.edit_webhook(SYSTEM, row.pk, url=f"{row.url}/other/path", events=["segment.entered"])
    assert none == ""
    assert sending.secrets(same) == [secret]
    actions.rotate_secret(SYSTEM, row.pk)
    moved, new = actions.edit_webhook(SYSTEM, row.pk, url="https://other.example.org/", events=["segment.entered"])
    assert new.startswith("whsec_")
    assert sending.secrets(Webhook.objects.get()) == [new]  # neither the secret nor the one before it
    assert moved.former is None
    moved.url = "https://third.example.org/"
    with pytest.raises(CannotUnseal, match="another destination"):
        sending.secrets(moved)
