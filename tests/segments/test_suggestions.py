"""Suggestions and shares from answers that are kept: exact, as fresh as promised, and for nobody else's eyes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import SYSTEM, Level
from ceap.events.queries import warehouse
from ceap.kit import clock
from ceap.segments import actions, queries
from ceap.segments.queries import answers, unlisted
from ceap.segments.queries.suggestions import suggestions
from tests import actors
from tests.segments.following import AT
from tests.segments.people import WHATSAPP, customers

pytestmark = [pytest.mark.django_db, pytest.mark.req("S-2")]


def offered(on: str = "city", search: str = "") -> list[tuple[Any, int | None]]:
    return [(one.value, one.count) for one in suggestions(SYSTEM, on=on, search=search)]


def of_a_field_with_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module

    monkeypatch.setattr(import_module("ceap.segments.queries.suggestions"), "LISTED", 2)


def test_values_are_counted_over_all_customers_and_are_those_of_this_moment() -> None:
    customers(*({"city": city} for city in ("Kandy", "Galle", "Kandy", "", "Straße")))
    assert offered() == [("Kandy", 2), ("Galle", 1), ("Straße", 1)]
    assert offered(search="STRASS") == [("Straße", 1)]
    customers({"city": "Galle"}, {"city": "Galle"})
    assert offered() == [("Galle", 3), ("Kandy", 2), ("Straße", 1)]


def test_of_many_rows_values_may_be_late_and_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MANY", 0)
    customers({"city": "Kandy"})
    assert offered() == [("Kandy", 1)]
    customers({"city": "Galle"})
    assert offered() == [("Kandy", 1)]  # a minute long
    monkeypatch.setattr(answers, "FRESH", 0)
    started: list[Any] = []
    monkeypatch.setattr(answers.threading, "Thread", lambda **asked: started.append(asked) or Started())  # type: ignore[attr-defined]
    assert offered() == offered() == [("Kandy", 1)]  # once more, while one thread asks anew
    [asked] = started
    asked["target"](*asked["args"])
    monkeypatch.setattr(answers, "FRESH", 60)
    assert offered() == [("Galle", 1), ("Kandy", 1)]
    customers({"city": "Ella"})
    monkeypatch.setattr(answers, "FRESH", 0)
    monkeypatch.setattr(answers, "OLDEST", 0)
    assert offered() == [("Ella", 1), ("Galle", 1), ("Kandy", 1)]  # nobody is given older ones


class Started:
    def start(self) -> None:
        """The test runs it."""


def test_a_field_of_too_many_values_offers_some_that_fit_uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    of_a_field_with_many_values(monkeypatch)
    customers(*({"email": f"p{n}@example.test"} for n in range(30)), {"email": "p3@example.test"})
    assert offered("email", "P3@") == [("p3@example.test", None)]
    assert len(offered("email")) == 20
    assert offered("email", "nobody") == []


@pytest.fixture
def read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields of more than two values have too many to be listed, and what they are made of is read while one asks."""
    of_a_field_with_many_values(monkeypatch)
    monkeypatch.setattr(unlisted, "MANY", 0)

    class AtOnce:
        def __init__(self, target: Any, args: Any, daemon: bool):
            self.start = lambda: target(*args)

    monkeypatch.setattr(unlisted, "threading", SimpleNamespace(Thread=AtOnce))
    monkeypatch.setattr(unlisted, "connection", SimpleNamespace(close=lambda: None))  # it is the test's own here


def rows_that_can_hold(wanted: str) -> int:
    house = warehouse()
    return house.run(unlisted.narrowed(house.table("customers"), "email", wanted)).num_rows


@pytest.mark.usefixtures("read_at_once")
def test_a_search_without_hits_reads_no_customers_but_those_changed_since() -> None:
    with clock.frozen(AT - timedelta(days=1)):
        customers(*({"email": f"p{n}@example.test"} for n in range(30)), {"email": "Ähnlich@example.test"})
    with clock.frozen(AT):
        warehouse().sync()
        assert offered("email", "P3@") == [("p3@example.test", None)]
        assert offered("email", "ähnlich") == [("Ähnlich@example.test", None)]
        assert offered("email", "zzqqx") == []
        assert (rows_that_can_hold("zzqqx"), rows_that_can_hold("hnlich"), rows_that_can_hold("p3")) == (0, 31, 31)
    with clock.frozen(AT + timedelta(minutes=5)):
        customers({"email": "zzqqx@example.test"})
        assert offered("email", "zzqqx") == [("zzqqx@example.test", None)]
        assert rows_that_can_hold("zzqqx") == 1


@pytest.mark.usefixtures("read_at_once")
def test_what_was_read_of_another_store_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.frozen(AT - timedelta(days=1)):
        customers(*({"email": f"p{n}@example.test"} for n in range(3)))
    with clock.frozen(AT):
        warehouse().sync()
        assert rows_that_can_hold("zzqqx") == 3  # that question has it read
        assert rows_that_can_hold("zzqqx") == 0
        monkeypatch.setattr(type(warehouse()), "position", lambda self: (0, 0))
        assert rows_that_can_hold("zzqqx") == 3


def test_shares_are_those_of_this_moment_though_the_membership_stands() -> None:
    [one] = customers({"source": "WhatsApp", "province": "Western"})
    segment = actions.create(SYSTEM, name="A", rule=WHATSAPP)
    actions.build_pending()

    def provinces() -> list[tuple[str, int]]:
        return [(s.label, s.count) for s in queries.performance(SYSTEM, segment.pk).province if s.count]

    assert provinces() == provinces() == [("Western", 1)]
    from tests.segments.following import changed

    changed(one, province="Central")
    from ceap.events.queries import warehouse

    warehouse().sync()
    assert provinces() == [("Central", 1)]


@pytest.mark.req("S-14")
def test_whoever_sees_only_some_customers_is_not_answered_from_the_list_of_all() -> None:
    agent = actors.user("Bea", customers_view=Level.OWNED)
    customers({"city": "Kandy", "owner": agent}, {"city": "Kandy"}, {"city": "Galle"})
    assert offered() == [("Kandy", 2), ("Galle", 1)]
    hers = accounts.actor_of(agent)
    assert [(one.value, one.count) for one in suggestions(hers, on="city")] == [("Kandy", 1)]
    assert suggestions(hers, on="city", search="galle") == []
