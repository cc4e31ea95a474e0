"""What may be done to a campaign, and that what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry
from ceap.campaigns import actions
from ceap.campaigns.contracts import Status
from ceap.campaigns.models import Campaign
from ceap.channels.models import Delivery, Source
from ceap.channels.queries import tally
from ceap.kit.ids import uuid7
from ceap.kit.problem import Conflict, Forbidden, Invalid, NotFound
from ceap.segments.contracts import Build
from tests.actors import actor
from tests.campaigns.setting import Quiet, draft, email, fresh, launched, membership, run_planning, segment
from tests.channels import people

pytestmark = pytest.mark.django_db


def everything() -> list[Any]:
    """All that a verb of campaigns could change."""
    return [list(model.objects.order_by("pk").values()) for model in (Campaign, Delivery, Source, AuditEntry)]


def refused(why: type[Exception], act: Callable[[], object]) -> Exception:
    """What `act` was refused with, once it is seen to have changed nothing."""
    before = everything()
    with pytest.raises(why) as refusal:
        act()
    assert everything() == before
    return refusal.value


def test_a_draft_is_made_changed_and_each_change_is_in_the_audit_trail() -> None:
    me = actor()
    made = actions.create(me, name="Spring", budget=Decimal("12.50"))
    assert (made.status, made.version, made.created_by_id) == (Status.DRAFT, 1, me.user_id)
    left_out = segment([1], "Left out")
    actions.update(me, made.pk, 1, name="Summer", exclusions=[left_out.pk])
    row = fresh(made.pk)
    assert (row.name, row.version, row.budget, list(row.exclusions.all())) == (
        "Summer",
        2,
        Decimal("12.50"),
        [left_out],
    )
    entry = AuditEntry.objects.order_by("-seq").first()
    assert entry
    assert (entry.verb, entry.before, entry.after) == ("campaigns.update", {"name": "Spring"}, {"name": "Summer"})


def test_an_edit_of_a_version_that_has_passed_is_refused_and_changes_nothing() -> None:
    me = actor()
    made = draft(me)
    actions.update(me, made.pk, 1, name="Summer")
    said = refused(Conflict, lambda: actions.update(me, made.pk, 1, name="Winter"))
    assert "Somebody else changed this campaign meanwhile" in str(said)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"type": "war"}, "type"),
        ({"budget": Decimal(-1)}, "budget"),
        ({"conversion_days": 0}, "conversion_days"),
        ({"send_within_hours": 10_000}, "send_within_hours"),
        ({"segment_id": uuid7()}, "segment_id"),
        ({"content_version_id": uuid7()}, "content_version_id"),
        ({"sender_id": uuid7()}, "sender_id"),
        ({"exclusions": [uuid7()]}, "exclusions"),
        ({"schedule": {"kind": "at", "local": "soon"}}, "schedule.local"),
        ({"status": "running"}, "status"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name_and_changes_nothing(changes: dict[str, Any], field: str) -> None:
    me = actor()
    made = draft(me)
    said = refused(Invalid, lambda: actions.update(me, made.pk, 1, **changes))
    assert [error.field for error in said.errors] == [field]  # type: ignore[attr-defined]


def test_a_duplicate_is_a_new_draft_with_the_same_content() -> None:
    me = actor()
    made = launched(me, exclusions=[segment([], "Out").pk], budget=Decimal(9))
    copy = actions.duplicate(me, made.pk)
    assert (copy.name, copy.status, copy.budget, copy.version) == ("Copy of Spring", Status.DRAFT, Decimal(9), 1)
    assert (copy.segment_id, copy.content_version_id) == (made.segment_id, made.content_version_id)
    assert [one.name for one in copy.exclusions.all()] == ["Out"]
    assert (copy.launched_at, copy.pinned, copy.job_id) == (None, None, None)


def test_a_draft_is_deleted_and_what_was_launched_is_kept() -> None:
    me = actor()
    made = draft(me)
    actions.delete(me, made.pk)
    assert not Campaign.objects.exists()
    kept = launched(me)
    refused(Conflict, lambda: actions.delete(me, kept.pk))


def test_a_campaign_of_somebody_else_is_not_there_for_who_sees_only_own_ones() -> None:
    made = draft(actor("Ada"))
    bob = actor("Bob", campaigns_view=Level.OWNED)
    for act in (actions.delete, actions.duplicate, actions.request_approval, actions.pause, actions.cancel):
        refused(NotFound, partial(act, bob, made.pk))
    eve = actor("Eve", campaigns_launch=Level.OWNED)
    refused(Forbidden, lambda: actions.launch(eve, made.pk, 1))


@pytest.mark.req("C-12")
def test_more_contacts_than_the_setting_need_an_approval_and_an_edit_voids_it() -> None:
    me, boss = actor("Ada", campaigns_approve=Level.DISABLED), actor("Boss")
    made = draft(me, people.customers(1001))
    said = refused(actions.NotLaunchable, lambda: actions.launch(me, made.pk, 1))
    assert "Approval is needed: it targets 1,001 contacts, more than 1,000." in str(said)
    actions.request_approval(me, made.pk)
    refused(Forbidden, lambda: actions.approve(me, made.pk, 1))
    actions.approve(boss, made.pk, 1)
    actions.update(me, made.pk, 1, name="Another")
    refused(actions.NotLaunchable, lambda: actions.launch(me, made.pk, 2))
    refused(Conflict, lambda: actions.approve(boss, made.pk, 1))
    actions.approve(boss, made.pk, 2)
    actions.launch(me, made.pk, 2)
    assert fresh(made.pk).status == Status.RUNNING


@pytest.mark.req("C-12")
def test_the_eleventh_active_campaign_is_refused() -> None:
    me = actor()
    ids, version, sender = people.customers(1), email().pk, people.sender().pk
    for _ in range(10):
        launched(me, ids, content_version_id=version, sender_id=sender, plan=False)
    one_more = draft(me, ids, content_version_id=version, sender_id=sender)
    said = refused(actions.NotLaunchable, lambda: actions.launch(me, one_more.pk, 1))
    assert "10 campaigns are active already, the limit is 10; end one first." in str(said)
    actions.cancel(me, Campaign.objects.filter(status=Status.RUNNING).first().pk)  # type: ignore[union-attr]
    actions.launch(me, one_more.pk, 1)


@pytest.mark.req("S-11")
@pytest.mark.parametrize("which", ["segment", "exclusion"])
def test_a_segment_that_is_not_ready_is_refused_with_its_sentence(which: str) -> None:
    me, ids = actor(), people.customers(3)
    waiting = segment(ids, "Waiting")
    membership(waiting, [], 2, Build.BUILDING)
    chosen = {"segment_id": waiting.pk} if which == "segment" else {"exclusions": [waiting.pk]}
    made = draft(me, ids, **chosen)
    said = refused(actions.NotLaunchable, lambda: actions.launch(me, made.pk, 1))
    assert str(said) == "Segment is still being recalculated, please wait"


def test_everything_that_stands_in_the_way_is_said_at_once() -> None:
    me = actor()
    made = actions.create(me, name="Empty")
    said = refused(actions.NotLaunchable, lambda: actions.launch(me, made.pk, 1))
    assert {error.field for error in said.errors} == {"segment", "content", "sender", "postal_address"}  # type: ignore[attr-defined]


def test_a_launch_pins_the_audience_and_plans_everybody_once_with_the_reason_of_who_is_left_out() -> None:
    me = actor()
    good, refusing, out = people.customers(4), people.customers(2, consent=False), people.customers(2)
    made = launched(me, [*good, *refusing, *out], exclusions=[segment(out, "Out").pk])
    assert (made.status, made.planned) == (Status.RUNNING, 6)
    assert made.planned_at
    counts = tally("campaign", made.pk)
    assert (counts["planned"], counts["suppressed"], sum(counts.values())) == (4, 2, 6)
    assert set(Delivery.objects.values_list("customer_id", flat=True)) == {*good, *refusing}
    refused(Conflict, lambda: actions.launch(me, made.pk, made.version))


def test_the_audience_is_the_one_of_the_launch_whatever_the_segment_becomes() -> None:
    me, ids = actor(), people.customers(5)
    made = launched(me, ids[:3], plan=False)
    one = made.segment
    assert one
    one.current = membership(one, ids, 2)
    one.save()
    run_planning(made.pk)
    assert set(Delivery.objects.values_list("customer_id", flat=True)) == set(ids[:3])


def test_a_planning_killed_half_way_and_run_again_plans_the_same_rows() -> None:
    me, ids = actor(), people.customers(4_100)
    made = draft(me, ids)
    actions.approve(me, made.pk, 1)
    actions.launch(me, made.pk, 1)

    class Killed(Quiet):
        def step(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
            if done:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.plan(made.pk, Killed())
    half = set(Delivery.objects.values_list("pk", "customer_id", "token"))
    assert 0 < len(half) < 4_100
    assert fresh(made.pk).planned_at is None
    run_planning(made.pk)
    assert half <= set(Delivery.objects.values_list("pk", "customer_id", "token"))
    assert sorted(Delivery.objects.values_list("customer_id", flat=True)) == sorted(ids)
    assert fresh(made.pk).planned == 4_100
