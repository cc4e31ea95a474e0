"""Conditions on amounts, moments, other segments and campaigns, over HTTP on the real store and warehouse."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from ceap.core import changelog
from ceap.events.queries import warehouse
from ceap.kit.clock import now
from ceap.segments import actions
from tests import actors
from tests.segments.people import WHATSAPP, Browser, customers, on, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    return Browser(actors.user())


def purchased(**more: Any) -> dict[str, Any]:
    return {"kind": "behaviour", "behaviour": "purchased"} | more


def did(event: str, **more: Any) -> dict[str, Any]:
    return {"kind": "behaviour", "behaviour": "did", "event": event, "times": 1} | more


def log(*entries: Any) -> None:
    with connection.cursor() as cursor:
        changelog.append(cursor, entries, connection.vendor)
    warehouse().sync()


def event(name: str, customer: int, days: float = 1, **more: Any) -> Any:
    return changelog.event(name, customer, at=now() - timedelta(days=days), **more)


def count(browser: Browser, condition: dict[str, Any]) -> tuple[int, str]:
    found = browser.ask("POST", "/preview", {"rule": rule(condition)})
    return found["matched"], found["sentence"]


def error(browser: Browser, condition: dict[str, Any]) -> dict[str, str]:
    refused = browser.ask("POST", "/preview", {"rule": rule(condition)}, 422)
    return {e["field"].removeprefix("groups.0.conditions.0."): e["message"] for e in refused["errors"]}


@pytest.mark.req("S-3", "S-5")
def test_events_are_measured_by_amount_and_narrowed_by_their_properties(browser: Browser) -> None:
    a, b, c = customers({}, {}, {})
    log(
        event("paid", a, amount=Decimal("60.10"), props={"level": "A2", "size": 42, "vip": True}),
        event("paid", a, amount=Decimal("39.90"), props={"level": "a2", "size": "7"}),
        event("paid", b, amount=Decimal("99.99"), props={"level": "B1", "size": 12345678901234567890}),
        event("paid", c, days=400, props={"level": "100%_'\""}),
    )
    amount = {"measure": "amount", "comparison": "exactly", "value": 100, "times": None}
    assert count(browser, did("paid", **amount)) == (1, "did “paid” for exactly 100 in all")
    assert count(browser, did("paid", **amount | {"comparison": "between", "value": [99.99, 100]}))[0] == 2
    assert count(browser, did("paid", filters=[{"on": "prop:level", "operator": "is", "value": "A2"}], times=2)) == (
        1, "did “paid” with level “A2” at least twice",
    )  # fmt: skip
    for operator, value, expected in (
        ("greater", 7, 2), ("equals", 7, 1), ("between", [40, 50], 1), ("is_empty", None, 1), ("is_not_empty", None, 2),
    ):  # fmt: skip
        filters = [{"on": "prop:size", "operator": operator, "value": value}]
        assert count(browser, did("paid", filters=filters))[0] == expected, operator
    assert count(browser, did("paid", filters=[{"on": "prop:level", "operator": "contains", "value": "%_'\""}]))[0] == 1
    assert count(browser, did("paid", filters=[{"on": "prop:vip", "operator": "is", "value": "true"}]))[0] == 1
    last_month = did("paid", comparison="exactly", times=0, window={"count": 30, "unit": "days"})
    assert count(browser, last_month) == (1, "did not do “paid” in the last 30 days")
    today = now().date()
    fixed = did("paid", window={"from": str(today - timedelta(days=410)), "to": str(today - timedelta(days=390))})
    assert count(browser, fixed)[0] == 1


@pytest.mark.req("S-3")
def test_a_moment_is_the_first_or_the_last_and_compared_as_a_date_is(browser: Browser) -> None:
    a, b, _ = customers({}, {}, {})
    log(event("seen", a, days=50), event("seen", a, days=2), event("seen", b, days=40))
    moment = {"kind": "moment", "behaviour": "did", "event": "seen", "operator": "in_last"}
    month = {"count": 30, "unit": "days"}
    assert count(browser, moment | {"which": "last", "value": month}) == (1, "last “seen” is in the last 30 days")
    assert count(browser, moment | {"which": "first", "value": month})[0] == 0
    assert count(browser, moment | {"which": "first", "operator": "before_last", "value": month})[0] == 2
    assert count(browser, moment | {"which": "last", "operator": "is_empty"})[0] == 1


@pytest.mark.req("S-3", "S-10")
def test_a_segment_is_part_of_another_and_a_circle_is_refused_with_its_names(browser: Browser) -> None:
    customers({"source": "WhatsApp", "city": "Galle"}, {"source": "WhatsApp"}, {"source": "Web"})
    fans = browser.ask("POST", "", {"name": "Fans", "rule": WHATSAPP}, 201)
    inside = {"kind": "segment", "segment": fans["id"], "operator": "in"}
    waiting = browser.ask("POST", "/preview", {"rule": rule(inside)}, 409)
    assert "still being calculated" in waiting["detail"]
    actions.build_pending()
    assert count(browser, inside) == (2, "is in the segment “Fans”")
    assert count(browser, inside | {"operator": "not_in"}) == (1, "is not in the segment “Fans”")
    body = {"name": "Galle fans", "rule": rule(inside, on("city", "is", "Galle"))}
    galle = browser.ask("POST", "", body, 201)
    actions.build_pending()
    assert browser.ask("GET", f"/{galle['id']}")["size"] == 1
    back = {"name": "Fans", "rule": rule({"kind": "segment", "segment": galle["id"]})}
    refused = browser.ask("PUT", f"/{fans['id']}", back, 422)
    assert refused["errors"][0]["field"] == "groups.0.conditions.0.segment"
    assert "“Fans” → “Galle fans” → “Fans”" in refused["detail"]
    itself = {"name": "Fans", "rule": rule({"kind": "segment", "segment": fans["id"]})}
    assert "“Fans” → “Fans”" in browser.ask("PUT", f"/{fans['id']}", itself, 422)["detail"]
    assert browser.ask("GET", f"/{fans['id']}")["rule_version"] == 1
    assert "does not exist" in error(browser, {"kind": "segment", "segment": "0" * 32})["segment"]
    assert "no such segment" in error(browser, {"kind": "segment", "segment": "x"})["segment"]


@pytest.mark.req("S-3")
def test_who_opened_a_campaign_is_known_and_machines_do_not_count(browser: Browser) -> None:
    a, b, c, _ = customers({}, {}, {}, {})
    log(
        *(event("message_sent", key, campaign="7", props={"delivery": key}) for key in (a, b, c)),
        event("message_opened", a, campaign="7", props={"verdict": "person"}),
        event("message_opened", b, campaign="7", props={"verdict": "machine"}),
        event("message_opened", c, campaign="8"),
    )
    campaign = {"kind": "campaign", "campaign": "7"}
    expected = {"was_sent": 3, "was_not_sent": 1, "opened": 1, "not_opened": 2, "clicked": 0, "not_clicked": 3}
    assert {mark: count(browser, campaign | {"operator": mark})[0] for mark in expected} == expected
    window = {"count": 30, "unit": "days"}
    words = "opened any campaign in the last 30 days"
    assert count(browser, {"kind": "campaign", "operator": "opened", "window": window}) == (2, words)
    assert "Choose one of" in error(browser, campaign | {"operator": "loved"})["operator"]


@pytest.mark.req("S-3")
@pytest.mark.parametrize(
    ("condition", "field", "words"),
    [
        (purchased(times=1, measure="joy"), "measure", "Input should be"),
        (did("x", measure="average", value=1, times=None), "measure", "is measured by one of count, amount"),
        (purchased(times=3, measure="amount", value=3), "times", "leave “times” out"),
        (purchased(times=3, value=3), "value", "leave this out"),
        (purchased(measure="amount", value="3"), "value", "not text"),
        (purchased(measure="amount", comparison="between", value=[5, 1]), "value", "wrong way round"),
        (purchased(comparison="between", value=[1, 2.5]), "value", "whole numbers"),
        (purchased(times=1, window={"from": "2026-02-01", "to": "2026-01-01"}), "window", "wrong way round"),
        (purchased(times=1, window={"from": "2026-02-30"}), "window.from", "YYYY-MM-DD"),
        (purchased(times=1, window={"from": None}), "window", "Give a date"),
        (purchased(times=1, filters=[{"on": "mood", "value": "x"}]), "filters.0.on", "can be narrowed by item"),
        (
            purchased(times=1, filters=[{"on": "prop:a\\b", "value": "x"}]),
            "filters.0.on",
            "characters that can be seen",
        ),
        (
            purchased(times=1, filters=[{"on": "amount", "operator": "is", "value": 1}]),
            "filters.0.operator",
            "cannot be compared",
        ),
        (purchased(times=1, filters=[{"on": "item", "value": "a\0"}]), "filters.0.value", "cannot be kept"),
        (did("segment_entered"), "event", "condition on another segment"),
        (did("x" * 10_000), "event", "at most 1000"),
        ({"kind": "mood"}, "", "A condition is of one of the kinds"),
    ],
)
def test_a_wrong_condition_is_refused_with_its_path_and_a_remedy(
    browser: Browser, condition: dict[str, Any], field: str, words: str
) -> None:
    found = error(browser, condition)
    found = {key.removeprefix("rule.").removeprefix("groups.0.conditions.0"): said for key, said in found.items()}
    found = {key.removeprefix("."): said for key, said in found.items()}
    assert words in found[field], found


@pytest.mark.req("S-3")
def test_the_menu_offers_recency_frequency_and_monetary_ready_to_use(browser: Browser) -> None:
    customers({})
    found = browser.ask("GET", "/menu")["rfm"]
    assert [one["label"].partition(":")[0] for one in found] == ["Recency", "Frequency", "Monetary", "Monetary"]
    for one in found:
        assert count(browser, one["condition"])[0] == 0
