"""Nothing is handed over after an opt-out was acknowledged: at every interleaving, and with the guards taken out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections, transaction

from ceap.accounts.contracts import SYSTEM
from ceap.channels.actions import acknowledging, arming, claiming
from ceap.channels.contracts import State
from ceap.channels.models import Delivery, Sender
from ceap.consent import actions as consent
from ceap.consent.actions import permission
from ceap.consent.models import ConsentRecord, Suppression
from ceap.core import optout
from ceap.core.ports import Answer, Outcome
from ceap.customers.models import Customer
from ceap.events.models import Entry
from tests.channels import people, rig
from tests.channels.smtp_server import running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


def pipeline(sender: Sender, handed: list[float]) -> Iterator[str]:
    """The sender's steps for one delivery, stopping before each."""
    yield "before the claim"
    rows = claiming.claim(sender, 10)
    yield "after the claim"
    address = Customer.objects.get().email
    armed = arming.arm([(row, address) for row in rows])
    yield "after the last check"
    for row in rows:
        if row.id in armed:
            handed.append(time.monotonic())
            yield "after the hand-over"
            acknowledging.acknowledge([(row, Answer(Outcome.SENT))])
    yield "after the acknowledgement"


STEPS = [
    "before the claim",
    "after the claim",
    "after the last check",
    "after the hand-over",
    "after the acknowledgement",
]


def opt_out_at(step: str, opt_out: Callable[[int], object]) -> tuple[float | None, list[float]]:
    """Run the pipeline for one customer and opt out at `step`: when it was acknowledged, and what was handed over."""
    (customer,) = people.customers(1)
    sender = people.sender()
    people.plan([customer], sender)
    handed: list[float] = []
    acknowledged: list[float] = []

    def out() -> None:
        opt_out(customer)
        acknowledged.append(time.monotonic())
        connections["default"].close()

    thread = threading.Thread(target=out)
    for at in pipeline(sender, handed):
        if at == step:
            thread.start()
            thread.join(0.3)  # it may have to wait for what is in hand
    if thread.ident:
        thread.join(10)
    return (acknowledged[0] if acknowledged else None), handed


def withdraw(customer: int) -> None:
    consent.withdraw(SYSTEM, customer, channel="email")


def held(step: str) -> None:
    """Opt out at `step`: once acknowledged nothing is handed over, and what was in hand before arrives."""
    acknowledged, handed = opt_out_at(step, withdraw)
    assert acknowledged is not None, f"the pipeline never came to “{step}”"
    early = step in STEPS[:2]
    assert len(handed) == (0 if early else 1)
    assert all(at < acknowledged for at in handed)
    assert Delivery.objects.get().state == (State.SUPPRESSED if early else State.SENT)


@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_handed_over_after_the_acknowledgement(step: str) -> None:
    held(step)


@pytest.mark.parametrize("step", STEPS[2:])
def test_planted_a_pipeline_that_hands_nothing_over_is_found(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "claim", lambda sender, limit: [])
    with pytest.raises(AssertionError):
        held(step)


def test_planted_an_acknowledgement_that_does_not_wait_is_found() -> None:
    def hasty(customer: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            from ceap.kit.clock import now

            optout.withdraw(
                cursor, connection.vendor, customer_id=customer, channel="email", source="t", evidence={}, at=now()
            )

    acknowledged, handed = opt_out_at("after the last check", hasty)
    assert acknowledged is not None
    assert any(at > acknowledged for at in handed)


def test_planted_a_last_check_that_trusts_the_plan_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_the_state(customer: int) -> None:  # an opt-out whose cancelling of open rows was forgotten
        withdraw(customer)
        Delivery.objects.filter(state="suppressed").update(state="planned", reason="", finished_at=None)

    acknowledged, handed = opt_out_at("before the claim", only_the_state)
    assert acknowledged is not None
    assert not handed  # the last check alone holds
    Delivery.objects.all().delete()
    Customer.objects.all().delete()

    def trusting(ids, **_):
        addresses = dict(Customer.objects.values_list("pk", "email"))
        return [arming.Verdict(i, "", addresses[i], "") for i in ids]  # type: ignore[attr-defined]

    monkeypatch.setattr(arming.consent, "verdicts", trusting)  # type: ignore[attr-defined]
    acknowledged, handed = opt_out_at("before the claim", only_the_state)
    assert acknowledged is not None
    assert any(at > acknowledged for at in handed)


class Slowed:
    """A last check that stops between its question and its move to `sending`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.asked, self.go = threading.Event(), threading.Event()
        verdicts = arming._verdicts

        def slow(*args):
            found = verdicts(*args)
            self.asked.set()
            self.go.wait(5)
            return found

        monkeypatch.setattr(arming, "_verdicts", slow)


def race(monkeypatch: pytest.MonkeyPatch) -> tuple[bool, str]:
    """Opt out exactly between the question and the move. Returns: opted out in that moment, state afterwards."""
    (customer,) = people.customers(1)
    sender = people.sender()
    people.plan([customer], sender)
    slowed = Slowed(monkeypatch)
    (row,) = claiming.claim(sender, 1)
    committed = threading.Event()

    def check() -> None:
        arming.arm([(row, Customer.objects.get().email)])
        connections["default"].close()

    def out() -> None:  # by address: it touches no row that the last check has locked
        monkeypatch.setattr(permission, "wait_for_hand_over", lambda *_: None)
        consent.suppress(SYSTEM, channel="email", address=Customer.objects.get().email)
        committed.set()
        connections["default"].close()

    threads = [threading.Thread(target=check), threading.Thread(target=out)]
    threads[0].start()
    assert slowed.asked.wait(5)
    threads[1].start()
    early = committed.wait(0.5)
    slowed.go.set()
    for thread in threads:
        thread.join(10)
    return early, Delivery.objects.get().state


def test_an_opt_out_waits_for_a_last_check_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    early, state = race(monkeypatch)
    assert not early
    assert state == "sending"  # it came before the opt-out, whose acknowledgement waits for it


def test_planted_without_the_lock_an_opt_out_slips_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time by itself")
    monkeypatch.setattr(arming, "exclude_withdrawals", lambda cursor, vendor: None)
    early, state = race(monkeypatch)
    assert early
    assert state == "sending"  # a suppressed address is about to be written to


def test_an_address_suppressed_through_another_customer_is_not_written_to() -> None:
    first, second = [people.customers(1, email="Same@Example.test")[0] for _ in range(2)]
    with running() as server:
        source = people.plan([first, second], people.smtp_sender(server.port), content_version_id=people.version().pk)
        withdraw(first)
        rig.send_all(source)
        assert not server.mails
    assert sorted(Delivery.objects.values_list("reason", flat=True)) == ["suppressed", "unsubscribed"]


def test_opt_outs_during_a_running_campaign_are_kept() -> None:
    with running() as server:
        ids = people.customers(150)
        emails = dict(Customer.objects.values_list("pk", "email"))
        identity = people.smtp_sender(server.port, rate_per_second=40, burst=10)
        source = people.plan(ids, identity, content_version_id=people.version().pk)
        out: dict[str, float] = {}
        with rig.worker(2):
            rig.wait(lambda: len(server.mails) > 5)
            for customer in reversed(ids[20::3]):
                withdraw(customer)
                out[emails[customer]] = time.monotonic()
            rig.wait(lambda: not rig.on_the_way(source))
        late = [mail.recipient for mail in server.mails if mail.at > out.get(mail.recipient, float("inf"))]
        assert not late
        tally = rig.ended(source)
        assert sum(tally.values()) == 150
        assert tally["sent"] == len(server.mails)
        assert tally["suppressed"] > 5


def test_a_hand_over_that_was_kept_waiting_asks_again() -> None:
    """The server takes its time over the envelope; meanwhile the customer opts out and has it acknowledged."""
    (customer,) = people.customers(1)
    waiting = threading.Event()

    def hook(stage: str, argument: str) -> None:
        if stage == "rcpt":
            waiting.set()
            time.sleep(3)

    with running(hook) as server:
        identity = people.smtp_sender(server.port, config={"timeout": 10})
        source = people.plan([customer], identity, content_version_id=people.version().pk)
        with rig.worker():
            assert waiting.wait(10)
            withdraw(customer)  # acknowledged after two seconds at most, before the envelope is through
            rig.wait(lambda: not rig.on_the_way(source))
        assert not server.mails
    assert rig.ended(source) == {"suppressed": 1}


def test_an_opt_out_twice_is_one_and_leaves_its_traces() -> None:
    (customer,) = people.customers(1)
    assert consent.withdraw(SYSTEM, customer, channel="email", evidence={"page": "/u"}) is True
    before = ConsentRecord.objects.count(), Suppression.objects.count(), Entry.objects.count()
    assert consent.withdraw(SYSTEM, customer, channel="email") is False
    assert (ConsentRecord.objects.count(), Suppression.objects.count(), Entry.objects.count()) == before
    assert Customer.objects.get().marketing_opt_in is True  # the answer for every channel: only email was taken back
    assert Suppression.objects.get().address == Customer.objects.get().email
    assert ConsentRecord.objects.get().evidence["page"] == "/u"


def test_giving_consent_again_with_evidence_lifts_the_unsubscription_and_nothing_else() -> None:
    (customer,) = people.customers(1)
    email = Customer.objects.get().email
    withdraw(customer)
    consent.grant(SYSTEM, customer, channel="email", source="form", evidence={"form": "fair"})
    from ceap.consent import queries
    from ceap.kit.clock import now

    assert customer in queries.gate([customer], channel="email", at=now()).allowed
    consent.suppress(SYSTEM, channel="email", address=email.upper(), reason="complained")
    consent.grant(SYSTEM, customer, channel="email", source="form", evidence={"form": "fair"})
    assert customer not in queries.gate([customer], channel="email", at=now()).allowed
