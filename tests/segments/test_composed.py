"""The expression of a scan is composed once and kept, and always says what one composed anew would say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pytest
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import Organisation, User
from ceap.core import changelog, engine
from ceap.customers.models import CustomField
from ceap.events import queries as events
from ceap.kit import clock
from ceap.segments import actions, composed, expressions, validation
from ceap.segments.conditions import CheckedRule, Known
from ceap.segments.context import Context, Parameters
from tests import actors
from tests.conformance import ground
from tests.conformance.ground import SEGMENTS, USERS, WORLDS, Asked, world
from tests.segments.following import AT, bought, buys, changed, people, say, segment
from tests.segments.lake import FIELDS
from tests.segments.people import WHATSAPP, customers, on, rule

pytestmark = pytest.mark.req("S-11")
LISTS = re.compile(r'"(looked|people_\d+|ibis_\w*memtable_\w+)"')
Scenario = Callable[[], None]


# --- the same text


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    duckdb = engine.connect("duckdb://")
    yield Asked(duckdb, world(*WORLDS[0]))
    duckdb.close()


def many_sorts_of_rules(asked: Asked) -> list[CheckedRule]:
    """A rule for each sort of condition that looks at a clock, and for some of the others, with one of its values."""
    seen: dict[Any, dict[str, Any]] = {}
    for one in ground.conditions(asked.world):
        kind = {key: value for key, value in one.items() if key not in ("value", "times", "segment")}
        span = one.get("value") if isinstance(one.get("value"), dict) else None
        seen.setdefault(repr((kind, span and span["unit"], one.get("segment"))), one)
    known = Known({UUID(key): key for key in SEGMENTS})
    some = [one for n, one in enumerate(seen.values()) if n % 7 == 0 or ground.looks_at_a_clock(one)]
    wrap = ({"join": "and", "groups": [{"join": "and", "conditions": [one]}]} for one in some)
    return [validation.check(rule, FIELDS, None, known) for rule in wrap]


@pytest.mark.parametrize("look", [None, BitMap([1, 4, 40, 4_000_000_000])], ids=["everybody", "some"])
def test_what_is_kept_becomes_the_sql_that_is_composed_anew_at_each_moment(asked: Asked, look: BitMap | None) -> None:
    backend, kept = asked.engine.backend(), engine.given.KeptSQL()
    rules, zone = many_sorts_of_rules(asked), asked.world.zone
    assert len(rules) > 100
    parameters = Parameters(zone, USERS)
    found = flags(asked, rules, parameters, look)
    for passed in (timedelta(microseconds=1), timedelta(days=366, hours=20)):
        now = asked.world.now + passed
        context = Context(now, zone, USERS, lambda key: BitMap(SEGMENTS[str(key)]))
        given, anew = parameters.given(context, look), flags(asked, rules, context, look)
        wanted = plain(backend.compile(anew))
        assert plain(kept.sql(backend, found, given.values)) == wanted
    assert plain(backend.compile(given.written(found))) == wanted


def flags(asked: Asked, rules: list[CheckedRule], context: Any, look: BitMap | None) -> ir.Table:
    return expressions.flags(expressions.scan(asked, rules, context, look), {})


def plain(sql: str) -> str:
    """With one name for all lists of customers."""
    return LISTS.sub('"LIST"', sql)


# --- never a stale one


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composed, "_kept", type(composed._kept)())


def an_edited_rule() -> None:
    a, b = customers({"source": "WhatsApp"}, {"source": "Web"})
    one = segment("A", WHATSAPP)
    assert people(one) == {a}
    actions.edit(SYSTEM, one.pk, name="A", description="", rule=rule(on("source", "is", "Web")))
    actions.build_pending()
    assert people(one) == {b}


def another_zone() -> None:
    late = AT.replace(day=20, hour=22)  # the 21st in Colombo
    [a] = customers({"created_at": late})
    one = segment("A", rule(on("created_at", "on", "2026-03-20")))
    assert people(one) == {a}
    Organisation.objects.update_or_create(pk=1, defaults={"time_zone": "Asia/Colombo"})
    again(one)
    assert people(one) == set()


def a_renamed_user() -> None:
    ann = actors.user("Ann")
    [a] = customers({"created_by": ann})
    one = segment("A", rule(on("created_by", "contains", "ann")))
    assert people(one) == {a}
    User.objects.filter(pk=ann.pk).update(name="Bea")
    again(one)
    assert people(one) == set()


def a_field_that_is_added_renamed_and_removed() -> None:
    [a] = customers({"source": "Web"})
    shoe = field("shoe", "Shoe")
    one = segment("A", rule(bought(1)))
    field("hat", "Hat")
    say(buys(a, "1"))
    actions.follow()
    assert people(one) == {a}
    CustomField.objects.filter(pk=shoe.pk).update(label="Boot")
    say(changelog.NewEntry("fields"))
    [b] = customers({"custom": {"hat": 7}})
    say(buys(b, "2"))
    actions.follow()
    assert people(one) == {a, b}
    CustomField.objects.filter(pk=shoe.pk).delete()
    say(changelog.NewEntry("fields"), buys(customers({})[0], "3"))
    actions.follow()
    assert len(people(one)) == 3


def a_field_of_another_type_under_the_same_key() -> None:
    [a] = customers({"custom": {"shoe": "9"}})
    shoe = field("shoe", "Shoe", "text")
    one = segment("A", rule(on("c_shoe", "is_not_empty")))
    changed(a, source="Web")
    actions.follow()
    assert people(one) == {a}
    CustomField.objects.filter(pk=shoe.pk).delete()
    say(changelog.NewEntry("fields"))
    events.warehouse().sync()
    field("shoe", "Shoe", "number")
    [b] = customers({"custom": {"shoe": 10}})
    actions.follow()
    assert people(one) == {a, b}


def some_and_then_everybody() -> None:
    [a] = customers({"source": "WhatsApp"})
    one = segment("A", WHATSAPP)
    actions.follow()
    composed._kept.clear()
    [b] = customers({"source": "WhatsApp"})
    actions.follow()
    assert people(one) == {a, b}
    again(one)
    assert people(one) == {a, b}


def a_day_that_turns() -> None:
    """Of a date, of a moment, and of what is counted."""
    with clock.frozen(AT.replace(hour=23, minute=30)):
        [a] = customers({"created_at": clock.now(), "date_of_birth": clock.now().date()})
        say(buys(a, "1"))
        days = {"count": 1, "unit": "days"}
        rules = [rule(on(name, "in_last", days)) for name in ("created_at", "date_of_birth")] + [rule(bought(1, 1))]
        many = [segment(f"A{n}", one) for n, one in enumerate(rules)]
        for passed, expected in ((0, {a}), (1, {a}), (24, set())):
            clock.advance(timedelta(hours=passed))
            changed(a, source=f"{passed}")
            actions.follow()
            assert [people(one) for one in many] == [expected] * 3, passed


def a_warehouse_made_anew() -> None:
    a, b = customers({"source": "WhatsApp"}, {"source": "Web"})
    one = segment("A", WHATSAPP)
    actions.follow()
    events.warehouse().renew()
    changed(b, source="WhatsApp")
    actions.follow()
    assert people(one) == {a, b}


def field(key: str, label: str, type: str = "number") -> CustomField:
    made = CustomField.objects.create(key=key, label=label, type=type, created_at=clock.now())
    say(changelog.NewEntry("fields"))
    events.warehouse().sync()
    return made


def again(one: Any) -> None:
    actions.recalculate(SYSTEM, one.pk)
    assert actions.build_pending() == {"ready": 1, "failed": 0, "dropped": 0}


SCENARIOS: list[Scenario] = [
    an_edited_rule, another_zone, a_renamed_user, a_field_that_is_added_renamed_and_removed,
    a_field_of_another_type_under_the_same_key, some_and_then_everybody, a_day_that_turns, a_warehouse_made_anew,
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)
def test_what_is_kept_is_not_used_for_something_else(nothing_kept: None, scenario: Scenario) -> None:
    actions.follow()
    scenario()


KEY = ["rules", "zone", "users", "columns", "everybody"]
NEEDS = {"rules": an_edited_rule, "zone": another_zone, "users": a_renamed_user,
         "columns": a_field_that_is_added_renamed_and_removed, "everybody": some_and_then_everybody}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("part", KEY)
def test_a_key_without_one_of_its_parts_is_found_out(
    nothing_kept: None, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    real, left_out = composed.key_of, KEY.index(part)
    monkeypatch.setattr(composed, "key_of", lambda *args: tuple(p for n, p in enumerate(real(*args)) if n != left_out))
    actions.follow()
    with pytest.raises(AssertionError):
        NEEDS[part]()


@pytest.mark.django_db
def test_a_moment_that_stands_still_is_found_out(nothing_kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real, first = Parameters.given, Context(AT, ZoneInfo("UTC"), {})
    monkeypatch.setattr(Parameters, "given", lambda self, context, look: real(self, first, look))
    actions.follow()
    with pytest.raises(AssertionError):
        a_day_that_turns()


@pytest.mark.django_db
def test_passes_and_builds_compose_each_set_of_rules_once(
    nothing_kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    seen, real = [], expressions.scan
    monkeypatch.setattr(expressions, "scan", lambda *args: seen.append(len(args[1])) or real(*args))
    [a] = customers({"source": "Web"})
    one, _ = segment("A", WHATSAPP), segment("B", rule(on("source", "is", "Web")))
    actions.follow()
    seen.clear()
    for source in ("WhatsApp", "Web", "WhatsApp"):
        changed(a, source=source)
        actions.follow()
    again(one)
    again(one)
    assert seen == [2]  # both, of some; "A" alone, of everybody, is known since it was made
