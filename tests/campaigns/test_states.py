"""Pausing, resuming, cancelling, completing: in every state, while planning, over budget, at once from two sides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connections

from ceap.accounts.contracts import Actor
from ceap.accounts.models import AuditEntry
from ceap.campaigns import actions, queries
from ceap.campaigns.actions import launching
from ceap.campaigns.contracts import Status
from ceap.campaigns.models import Campaign
from ceap.channels.models import Delivery, Source
from ceap.channels.queries import tally
from ceap.jobs import actions as jobs
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.segments.contracts import Build
from tests.actors import actor
from tests.campaigns.setting import draft, fresh, launched, membership, run_planning
from tests.channels import people, rig

pytestmark = pytest.mark.django_db
LATER = {"kind": "at", "local": "2031-01-01T10:00"}
VERBS: dict[str, Callable[..., object]] = {"pause": actions.pause, "resume": actions.resume, "cancel": actions.cancel}
ALLOWED = {
    Status.DRAFT: set(),
    Status.SCHEDULED: {"pause", "cancel"},
    Status.RUNNING: {"pause", "cancel"},
    Status.PAUSED: {"resume", "cancel"},
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("verb", list(VERBS))
def test_each_verb_works_in_its_states_and_is_refused_in_the_others(status: Status, verb: str) -> None:
    me = actor()
    made = launched(me)
    Campaign.objects.filter(pk=made.pk).update(status=status)
    before = Campaign.objects.values().get(pk=made.pk)
    if verb in ALLOWED[status]:
        VERBS[verb](me, made.pk)
        assert fresh(made.pk).status != status
    else:
        with pytest.raises(Conflict, match=status):
            VERBS[verb](me, made.pk)
        assert Campaign.objects.values().get(pk=made.pk) == before


def test_paused_while_it_is_being_planned_nothing_moves_until_it_is_resumed() -> None:
    me = actor()
    made = launched(me, plan=False)
    actions.pause(me, made.pk)
    run_planning(made.pk)
    assert Source.objects.get().paused_at
    assert tally("campaign", made.pk)["planned"] == 3
    actions.resume(me, made.pk)
    assert not Source.objects.get().paused_at
    assert fresh(made.pk).status == Status.RUNNING


def test_cancelled_while_it_is_being_planned_everybody_ends_as_cancelled() -> None:
    me = actor()
    made = launched(me, plan=False)
    actions.cancel(me, made.pk)
    run_planning(made.pk)
    counts = tally("campaign", made.pk)
    assert (counts["cancelled"], sum(counts.values())) == (3, 3)
    assert fresh(made.pk).status == Status.CANCELLED


def test_cancelled_before_its_time_it_never_starts() -> None:
    me = actor()
    made = launched(me, plan=False, schedule=LATER)
    assert made.status == Status.SCHEDULED
    actions.cancel(me, made.pk)
    Campaign.objects.update(starts_at=now() - timedelta(hours=1))
    actions.tick()
    assert (fresh(made.pk).status, Delivery.objects.count()) == (Status.CANCELLED, 0)


def test_a_scheduled_campaign_starts_when_its_time_has_come_and_pins_the_segment_as_it_is_then() -> None:
    me, ids = actor(), people.customers(4)
    made = launched(me, ids[:2], plan=False, schedule=LATER)
    actions.tick()
    assert (fresh(made.pk).status, fresh(made.pk).pinned) == (Status.SCHEDULED, None)
    one = made.segment
    assert one
    one.current = membership(one, ids, 2)
    one.save()
    Campaign.objects.update(starts_at=now())
    actions.tick()
    actions.tick()
    run_planning(made.pk)
    assert (fresh(made.pk).status, fresh(made.pk).pinned, fresh(made.pk).planned) == (Status.RUNNING, one.current, 4)
    assert Job.objects.filter(kind="campaigns.plan").count() == 1


@pytest.mark.parametrize(("build", "status"), [(Build.BUILDING, Status.SCHEDULED), (Build.FAILED, Status.PAUSED)])
def test_a_start_waits_for_a_segment_in_the_making_and_is_held_by_one_that_failed(build: str, status: str) -> None:
    made = launched(actor(), plan=False, schedule=LATER)
    assert made.segment
    newest = membership(made.segment, [], 2, build)
    Campaign.objects.update(starts_at=now())
    actions.tick()
    row = fresh(made.pk)
    assert row.status == status
    assert row.status_reason
    newest.delete()
    if status == Status.PAUSED:
        actions.resume(actor("Bob"), made.pk)
    actions.tick()
    assert (fresh(made.pk).status, fresh(made.pk).status_reason) == (Status.RUNNING, "")


def test_it_is_complete_when_nothing_is_on_the_way_any_more() -> None:
    made = launched(actor(), plan=False)
    actions.tick()
    assert fresh(made.pk).status == Status.RUNNING, "nothing is planned yet"
    run_planning(made.pk)
    actions.tick()
    assert fresh(made.pk).status == Status.RUNNING, "three are on the way"
    Delivery.objects.update(state="sent")
    actions.tick()
    assert fresh(made.pk).status == Status.COMPLETED
    assert fresh(made.pk).completed_at
    assert AuditEntry.objects.filter(verb="campaigns.complete").count() == 1


@pytest.mark.req("C-12")
def test_over_budget_it_pauses_and_goes_on_once_the_budget_is_raised() -> None:
    me = actor()
    made = launched(me, people.customers(10), budget=Decimal("1.00"), cost_per_message=Decimal("0.25"))
    some = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=some[:3]).update(state="sent")
    actions.tick()
    assert fresh(made.pk).status == Status.RUNNING, "a fourth message is within the budget"
    Delivery.objects.filter(pk__in=some[3:4]).update(state="unknown")
    actions.tick()
    row = fresh(made.pk)
    assert (row.status, row.status_reason) == (Status.PAUSED, "Its budget is used up")
    with pytest.raises(Conflict, match="Its budget is used up"):
        actions.resume(me, made.pk)
    actions.update(me, made.pk, row.version, budget=Decimal("1.25"))
    with pytest.raises(Conflict, match="cannot be edited"):
        actions.update(me, made.pk, row.version + 1, name="Other")
    actions.resume(me, made.pk)
    assert fresh(made.pk).status == Status.RUNNING


def test_when_its_planning_fails_it_is_held_with_the_reason_and_resuming_plans_again() -> None:
    me = actor()
    made = launched(me, plan=False)
    Job.objects.update(state="failed", message="the disk is full")
    actions.tick()
    row = fresh(made.pk)
    assert (row.status, row.status_reason) == (
        Status.PAUSED,
        "Its deliveries could not be planned: the disk is full",
    )
    actions.resume(me, made.pk)
    run_planning(made.pk)
    actions.tick()
    assert (fresh(made.pk).status, fresh(made.pk).planned) == (Status.RUNNING, 3)


def test_after_a_restore_what_was_active_is_held_for_a_person() -> None:
    me = actor()
    running, later = launched(me), launched(me, schedule=LATER, plan=False)
    assert actions.after_restore() == 2
    assert {fresh(one.pk).status for one in (running, later)} == {Status.PAUSED}
    assert Source.objects.filter(paused_at=None).count() == 0


# --- two at once: real threads, each with its own connection


def at_once(count: int, act: Callable[[], object]) -> list[str]:
    """What came of `act` in `count` threads that start together: "done" or the refusal."""
    gate, answers = threading.Barrier(count), list[str]()

    def one() -> None:
        try:
            gate.wait(10)
            act()
            answers.append("done")
        except Conflict as refusal:
            answers.append(refusal.detail)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(answers)


@pytest.mark.django_db(transaction=True)
def test_of_launches_at_the_same_moment_exactly_one_wins() -> None:
    me = actor()
    made = draft(me)
    answers = at_once(6, lambda: actions.launch(me, made.pk, 1))
    assert answers.count("done") == 1, f"launched {answers.count('done')} times"
    assert set(answers) == {"done", "This campaign is running already."}
    assert Job.objects.filter(kind="campaigns.plan").count() == 1
    assert AuditEntry.objects.filter(verb="campaigns.launch").count() == 1
    run_planning(made.pk)
    assert Delivery.objects.count() == 3


@pytest.mark.req("C-12")
@pytest.mark.django_db(transaction=True)
def test_of_two_campaigns_that_would_be_the_last_one_allowed_only_one_is_launched() -> None:
    from ceap.accounts.models import Organisation

    me = actor()
    Organisation.objects.update_or_create(defaults={"settings": {"active_campaigns": 1}})
    drafts = [draft(me, name=f"C{n}") for n in range(4)]
    left = iter(drafts)
    answers = at_once(4, lambda: actions.launch(me, next(left).pk, 1))
    assert answers.count("done") == 1, f"{answers.count('done')} were launched"
    assert Campaign.objects.exclude(status=Status.DRAFT).count() == 1


@pytest.mark.django_db(transaction=True)
def test_planted_a_launch_that_trusts_what_it_read_before_its_turn_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[UUID, Campaign] = {}

    def not_locked(actor: Actor, campaign_id: UUID, permission: str) -> Campaign:
        return copy(read.setdefault(campaign_id, Campaign.objects.get(pk=campaign_id)))

    monkeypatch.setattr(launching, "locked", not_locked)
    with pytest.raises(AssertionError, match=r"launched [2-6] times"):
        test_of_launches_at_the_same_moment_exactly_one_wins()


@pytest.mark.django_db(transaction=True)
def test_planted_a_count_of_active_campaigns_from_before_ones_turn_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "active", Campaign.objects.none)
    with pytest.raises(AssertionError, match=r"[2-4] were launched"):
        test_of_two_campaigns_that_would_be_the_last_one_allowed_only_one_is_launched()


@pytest.mark.django_db(transaction=True)
def test_a_campaign_is_really_sent_and_completes_and_the_states_add_up() -> None:
    from tests.channels.smtp_server import running

    me = actor()
    with running() as server:
        sender = people.smtp_sender(server.port)
        ids, refusing = people.customers(8), people.customers(2, consent=False)
        made = launched(me, [*ids, *refusing], sender_id=sender.pk)
        rig.send_all(made.pk)
    actions.tick()
    counts = tally("campaign", made.pk)
    assert (counts["sent"], counts["suppressed"], sum(counts.values())) == (8, 2, fresh(made.pk).planned)
    assert fresh(made.pk).status == Status.COMPLETED


def test_the_watchdog_brings_back_a_planning_whose_process_died() -> None:
    made = launched(actor(), plan=False)
    Job.objects.update(state="running", lease_token="dead", lease_until=now() - timedelta(seconds=1))
    assert jobs.rescue() == 1
    run_planning(UUID(str(made.pk)))
    assert fresh(made.pk).planned == 3
