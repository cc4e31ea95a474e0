"""Whom conditions hold for is kept between questions, and always says what a scan would say."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ceap.accounts.contracts import SYSTEM, Level
from ceap.core import changelog
from ceap.customers import actions as customer_actions
from ceap.customers.models import Customer
from ceap.kit import clock
from ceap.segments import queries, sources
from ceap.segments.conditions import OnField
from ceap.segments.queries import holding
from tests import actors
from tests.segments.people import WHATSAPP, customers, on, rule

pytestmark = [pytest.mark.django_db, pytest.mark.req("S-2")]


@pytest.fixture(autouse=True)
def scans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing is kept yet; which units are scanned whole ("scan") and at how many customers one looks again."""
    seen: list[str] = []
    scan, look = holding._Finder._scan, holding._Finder._look

    def scanned(self: Any, unit: Any, *rest: Any) -> Any:
        seen.append(type(unit).__name__ if not isinstance(unit, OnField) else unit.field.key)
        return scan(self, unit, *rest)

    def looked(self: Any, units: Any, ids: Any, *rest: Any) -> Any:
        seen.append(f"look at {len(ids)}")
        return look(self, units, ids, *rest)

    monkeypatch.setattr(holding, "known", holding.Known())
    monkeypatch.setattr(holding._Finder, "_scan", scanned)
    monkeypatch.setattr(holding._Finder, "_look", looked)
    return seen


def changed(*ids: int, **values: Any) -> None:
    Customer.objects.filter(pk__in=ids).update(**values)
    with connection.cursor() as cursor:
        changelog.customers_changed(cursor, list(ids), connection.vendor)
    sources.warehouse().sync()


def matched(*conditions: Any, actor: Any = SYSTEM) -> int:
    return queries.preview(actor, rule(*conditions)).matched


def test_a_changed_condition_is_the_only_one_scanned_whoever_asks(scans: list[str]) -> None:
    customers({"source": "Web", "city": "Galle"}, {"source": "Web", "city": "Kandy"}, {"source": "Store"})
    assert matched(on("source", "is", "Web"), on("city", "is", "Galle")) == 1
    assert sorted(scans) == ["Everyone", "city", "source"]
    scans.clear()
    assert matched(on("source", "is", "Web"), on("city", "is", "Kandy")) == 1
    assert scans == ["city"]
    scans.clear()
    assert matched(on("city", "is", "Galle"), on("city", "is", "Kandy"), actor=actors.actor("Manager")) == 0
    assert queries.waterfall_of_rule(SYSTEM, rule(on("source", "is", "Web"))).steps[0].count == 2
    assert scans == []


def test_everybody_is_told_of_the_customers_they_may_see_alone_also_from_what_is_kept(scans: list[str]) -> None:
    ada, ben = (actors.actor(name, customers_view=Level.OWNED) for name in ("Ada", "Ben"))
    nobody = actors.actor("Cleo", customers_view=Level.DISABLED)
    rows = [{"source": "WhatsApp", "owner_id": owner} for owner in (ada.user_id, ada.user_id, ben.user_id, None)]
    keys = customers(*rows, {"source": "Web", "owner_id": ada.user_id})

    def told(actor: Any) -> tuple[int, int, list[list[int]], list[int], str]:
        found = queries.preview(actor, WHATSAPP)
        return found.total, found.matched, found.conditions, [one.pk for one in found.sample], found.of

    for _ in range(2):  # scanned, then kept
        assert told(SYSTEM) == (5, 4, [[4]], keys[:4], "all")
        assert told(ada) == (3, 2, [[2]], keys[:2], "owned")
        assert told(ben) == (1, 1, [[1]], [keys[2]], "owned")
        assert told(nobody) == (0, 0, [[0]], [], "none")
    assert sorted(scans) == ["Everyone", "Owned", "Owned", "source"]
    changed(keys[0], owner_id=ben.user_id)  # what is kept follows a new owner
    assert told(ada) == (2, 1, [[1]], [keys[1]], "owned")
    assert told(ben) == (2, 2, [[2]], [keys[0], keys[2]], "owned")


def test_what_is_kept_follows_every_change_without_another_scan(scans: list[str]) -> None:
    keys = customers({"source": "WhatsApp"}, {"source": "WhatsApp"}, {"source": "Web"})
    assert queries.preview(SYSTEM, WHATSAPP).matched == 2
    scans.clear()
    changed(keys[2], source="WhatsApp")
    assert queries.preview(SYSTEM, WHATSAPP).matched == 3
    assert scans == ["look at 1"]
    customers({"source": "WhatsApp"}, {"source": "Store"})
    found = queries.preview(SYSTEM, WHATSAPP)
    assert (found.total, found.matched) == (5, 4)
    customer_actions.erase(SYSTEM, keys[0])
    sources.warehouse().sync()
    found = queries.preview(SYSTEM, WHATSAPP)
    assert (found.total, found.matched) == (4, 3)
    assert {one.split(" at ")[0] for one in scans} == {"look"}


def test_a_warehouse_made_anew_and_changed_fields_are_scanned_again(scans: list[str]) -> None:
    customers({"source": "WhatsApp"}, {"source": "Web"})
    assert queries.preview(SYSTEM, WHATSAPP).matched == 1
    scans.clear()
    sources.warehouse().rebuild()  # type: ignore[attr-defined]
    assert queries.preview(SYSTEM, WHATSAPP).matched == 1
    assert sorted(scans) == ["Everyone", "source"]
    scans.clear()
    customer_actions.add_field(SYSTEM, "Shoe size", "number")
    sources.warehouse().sync()
    assert queries.preview(SYSTEM, WHATSAPP).matched == 1
    assert sorted(scans) == ["Everyone", "source"]


def test_time_alone_is_followed_within_a_minute_and_at_midnight(scans: list[str]) -> None:
    recent = on("last_activity_at", "in_last", {"count": 2, "unit": "hours"})
    with clock.frozen(clock.now().replace(hour=12)):
        customers({"last_activity_at": clock.now() - timedelta(minutes=90)}, {})
        assert matched(recent) == 1
        scans.clear()
        clock.advance(timedelta(seconds=59))
        assert (matched(recent), scans) == (1, [])
        clock.advance(timedelta(minutes=30))
        assert (matched(recent), scans) == (0, ["last_activity_at"])
    with clock.frozen(clock.now().replace(hour=23, minute=59, second=30)):
        assert matched(recent) == 0
        scans.clear()
        clock.advance(timedelta(seconds=31))
        assert (matched(recent), scans) == (0, ["last_activity_at"])  # another day


def test_what_does_not_fit_is_forgotten_the_least_used_first(monkeypatch: pytest.MonkeyPatch, scans: list[str]) -> None:
    customers({"source": "Web", "city": "Galle"})
    monkeypatch.setattr(holding.known, "most", 1)
    assert [matched(on("source", "is", "Web")), matched(on("source", "is", "Web"))] == [1, 1]
    assert len(scans) == 3  # two, of which one was forgotten


@pytest.mark.req("S-1")
def test_after_random_changes_the_answers_are_those_of_a_scan() -> None:
    draw = random.Random(8)
    sources_, cities = ("WhatsApp", "Web", "Store"), ("Galle", "Kandy", "")
    keys = customers(*({"source": draw.choice(sources_), "city": draw.choice(cities)} for _ in range(60)))
    of = [on("source", "is", one) for one in sources_] + [on("city", "is_not", one) for one in cities[:2]]
    of += [on("city", "is_empty"), {"kind": "behaviour", "behaviour": "purchased", "times": 1}]
    for _ in range(12):
        some = draw.sample(keys, draw.randrange(0, 5))
        if some:
            changed(*some, source=draw.choice(sources_), city=draw.choice(cities))
        asked = {"join": draw.choice(("and", "or")), "groups": [
            {"join": draw.choice(("and", "or")), "conditions": draw.sample(of, draw.randrange(1, 4))} for _ in range(2)
        ]}  # fmt: skip
        kept = queries.preview(SYSTEM, asked)
        holding.known, before = holding.Known(), holding.known
        anew = queries.preview(SYSTEM, asked)
        holding.known = before
        assert (kept.total, kept.matched, kept.conditions) == (anew.total, anew.matched, anew.conditions)
