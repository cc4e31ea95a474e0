"""The report of a campaign and the first page: the same numbers everywhere."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from ceap.accounts.contracts import Level
from ceap.campaigns import actions
from ceap.campaigns import queries as campaigns
from ceap.channels.models import Delivery
from ceap.kit.live import PROVIDERS
from ceap.kit.problem import NotFound
from ceap.measurement import home, live, queries
from ceap.segments.contracts import Build
from tests.actors import actor
from tests.campaigns.setting import draft, fresh, launched, membership, run_planning, segment
from tests.channels import people

pytestmark = pytest.mark.django_db


def steps(found: list[Any]) -> dict[str, int]:
    return {one["key"]: one["count"] for one in found}


def test_the_waterfall_is_the_same_before_and_after_the_launch() -> None:
    me = actor()
    ids = [
        *people.customers(5), *people.customers(2, consent=False), *people.customers(3, consent=None),
        *people.customers(4, email=""), *people.customers(1, email="not an address"),
    ]  # fmt: skip
    made = draft(me, ids, exclusions=[segment(ids[:1], "Out").pk])
    assert made.segment_id
    before = campaigns.audience(me, made.segment_id, [one.pk for one in made.exclusions.all()], "email")
    actions.launch(me, made.pk, 1)
    run_planning(made.pk)
    after = queries.campaign_report(me, made.pk)
    shown = {step.key: step.count for step in before["steps"]}  # type: ignore[attr-defined]
    assert steps(after["waterfall"]) == shown
    assert list(shown.values()) == [14, 9, 4, 4, 4]
    assert before["will_receive"] == after["states"]["planned"] == 4


def test_the_states_add_up_to_what_was_planned_whatever_becomes_of_each() -> None:
    me = actor()
    made = launched(me, people.customers(11))
    for state, row in zip(queries.channels.tally("campaign", made.pk), Delivery.objects.all(), strict=True):  # type: ignore[attr-defined]
        Delivery.objects.filter(pk=row.pk).update(state=state, reason="bounced" if state == "failed" else "")
    report = queries.campaign_report(me, made.pk)
    assert set(report["states"].values()) == {1}
    assert sum(report["states"].values()) == report["planned"] == fresh(made.pk).planned == 11
    assert report["open"] == 3
    (only,) = report["reasons"]
    assert (only["state"], only["reason"], only["count"]) == ("failed", "bounced", 1)
    assert "suppressed from now on" in only["words"]
    assert report["waterfall"][0]["count"] == 11


def test_the_keys_of_a_report_stay_as_they_are() -> None:
    report = queries.campaign_report(actor(), draft(actor("Bob")).pk)
    assert set(report) == {
        "id", "name", "objective", "type", "segment", "email", "subject", "launched_at", "completed_at", "budget",
        "status", "status_reason", "planned", "planning", "states", "open", "reasons", "waterfall", "delivered",
        "opened", "clicked", "unsubscribed", "bounced", "orders", "converted", "revenue", "cost", "profit", "roi",
        "currency", "apart", "conversion_days", "as_of", "timeline",
    }  # fmt: skip


def test_the_live_topic_gives_the_numbers_to_those_who_may_see_the_campaign() -> None:
    made = launched(actor())
    topic = PROVIDERS["campaign"]
    assert topic is live.campaign
    assert topic(actor("Bob"), str(made.pk))["planned"] == 3
    for who, key in ((actor("Eve", campaigns_view=Level.OWNED), str(made.pk)), (actor("Ann"), "nonsense")):
        with pytest.raises(NotFound):
            topic(who, key)
    with pytest.raises(NotFound):
        topic(actor("Zoe"), str(uuid4()))


def test_home_says_what_waits_what_is_held_and_what_is_sent_today() -> None:
    me, boss = actor(campaigns_approve=Level.DISABLED), actor("Boss")
    asked = draft(me, name="Big one")
    actions.request_approval(me, asked.pk)
    held = launched(me, name="Held")
    actions.pause(boss, held.pk)
    running = launched(me, name="Running")
    Delivery.objects.filter(source_id=running.pk, pk=Delivery.objects.filter(source_id=running.pk)[0].pk).update(
        state="sent"
    )
    broken = segment([1], "Broken")
    membership(broken, [], 2, Build.FAILED)
    for who in (me, boss):
        said = home.of(who)
        assert [one["name"] for one in said["awaiting"]] == ["Big one"]
        assert {one["name"]: one["message"] for one in said["trouble"] if one["kind"] != "system"} == {
            "Held": "Paused by Boss", "Broken": "Its recalculation failed: ",
        }  # fmt: skip
        assert {one["name"]: one["planned"] for one in said["today"]} == {"Running": 3, "Held": 3}
        assert said["sent_today"] == 1


def test_home_says_nothing_to_those_who_may_see_nothing() -> None:
    launched(actor())
    nobody = actor("Nobody", level=Level.DISABLED)
    assert home.of(nobody) == {
        "setup": [], "customers": None, "segments": None, "recent": [], "awaiting": [], "trouble": [], "today": [],
        "sent_today": 0,
    }  # fmt: skip
