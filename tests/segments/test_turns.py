"""When a condition changes by itself: the oracle says so one moment before, and at that moment, and never earlier."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from ceap.accounts.models import Organisation
from ceap.core import changelog
from ceap.kit import clock
from ceap.segments import turns, validation
from ceap.segments.conditions import Known
from ceap.segments.context import Context
from ceap.segments.queries.verdict import verdict
from ceap.segments.windows import A_MOMENT, Span, Unit, ahead, back, into_next, out_of_last
from tests import actors
from tests.segments import lake as made
from tests.segments.lake import FIELDS, Lake
from tests.segments.oracle import Oracle
from tests.segments.people import Browser, customers, on, rule
from tests.segments.test_oracle import (
    QUICK,
    SEGMENTS,
    TYPES,
    ZONES,
    behaviour_conditions,
    campaign_conditions,
    moment_conditions,
    spans,
    worlds,
)
from tests.segments.test_rule_kinds import log

pytestmark = pytest.mark.req("S-1")
UTC = ZoneInfo("UTC")
timed = st.one_of(
    st.builds(
        lambda field, operator, value: {"kind": "field", "field": field, "operator": operator, "value": value},
        st.sampled_from(["created_at", "date_of_birth", "c_my_date"]),
        st.sampled_from(["in_last", "before_last", "in_next"]), spans,
    ),
    moment_conditions().filter(lambda one: one["operator"] in ("in_last", "before_last", "in_next")),
    behaviour_conditions(), behaviour_conditions(), campaign_conditions,
)  # fmt: skip
rules = st.lists(timed, min_size=2, max_size=3).flatmap(
    lambda found: st.sampled_from(["and", "or"]).map(
        lambda join: {"join": join, "groups": [{"join": "and", "conditions": found[:1]},
                                               {"join": join, "conditions": found[1:]}]}
    )
)  # fmt: skip


def compare(world: tuple[list[dict], list[dict], list[dict]], rule: dict[str, Any], zone: str, who: int) -> int:
    """Ask of one customer; returns how many changes were foretold."""
    found_customers, purchases, events = world
    row = found_customers[who % len(found_customers)]
    lake: Any = Lake(*world)
    place = ZoneInfo(zone)
    known = Known({UUID(key): key for key in SEGMENTS})
    checked = validation.check(rule, FIELDS, None, known)
    context = Context(made.NOW, place, made.USERS, lambda key: BitMap(SEGMENTS[str(key)]))
    found = verdict(lake, checked, row["id"], context)
    assert found
    matches, seen, changes_at = found

    def says(what: dict[str, Any] | None, at: datetime) -> bool:
        oracle = Oracle(TYPES, at, place, made.USERS, SEGMENTS)
        return oracle.condition(what, row, purchases, events) if what else oracle.matches(rule, row, purchases, events)

    listed = [one for group in rule["groups"] for one in group["conditions"]]
    asked = [(None, matches, changes_at), *((one, s.holds, s.changes_at) for one, s in zip(listed, seen, strict=True))]
    for what, holds, at in asked:
        assert says(what, made.NOW) is holds, what
        last = at or made.NOW + timedelta(days=200_000)
        if at:
            assert at > made.NOW
            assert says(what, at) is not holds, (what, at, row, zone)
            assert says(what, at - A_MOMENT) is holds, (what, at, row, zone)
        between = [made.NOW + (last - made.NOW) * part / 23 for part in range(23)]
        near = [made.NOW + timedelta(hours=6 * n) for n in range(1, 200)]
        for moment in [*between, *(one for one in near if one < last)]:
            assert says(what, moment) is holds, (what, moment, at, row, zone)
    lake.connection.disconnect()
    return sum(at is not None for _, _, at in asked)


@QUICK
@given(worlds(), rules, st.sampled_from(ZONES), st.integers(0, 12))
def test_an_answer_changes_when_it_was_foretold_and_not_before(world: Any, rule: Any, zone: str, who: int) -> None:
    compare(world, rule, zone, who)


def a_day_late(day: date, span: Span) -> date:
    return out_of_last(day, span) + timedelta(days=1)


def test_a_planted_defect_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"id": 1} | dict.fromkeys(FIELDS) | {"created_at": datetime(2026, 3, 20, 9)}
    asked = rule(on("created_at", "in_last", {"count": 30, "unit": "days"}))
    assert compare(([row], [], []), asked, "Europe/Berlin", 0) == 2
    monkeypatch.setattr(turns, "out_of_last", a_day_late)
    with pytest.raises(AssertionError):
        compare(([row], [], []), asked, "Europe/Berlin", 0)


@pytest.mark.parametrize("unit", [Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS])
def test_a_day_leaves_the_last_and_enters_the_next_span_on_the_first_day_that_does_so(unit: Unit) -> None:
    span, day = Span(1, unit), date(2027, 12, 25)
    while (day := day + timedelta(days=1)) < date(2028, 4, 2):
        gone, near = out_of_last(day, span), into_next(day, span)
        assert back(gone, span) > day >= back(gone - timedelta(days=1), span)
        assert ahead(near, span) >= day > ahead(near - timedelta(days=1), span)


@pytest.mark.django_db
def test_the_test_of_a_customer_says_when_it_would_change() -> None:
    """A purchase of 1 March, 20:00 in Colombo, is in the last 30 days until 1 April begins there."""
    Organisation.objects.create(time_zone="Asia/Colombo")
    bought = {"kind": "behaviour", "behaviour": "purchased", "times": 1, "window": {"count": 30, "unit": "days"}}
    asked = rule(bought, on("source", "is", "Web"))
    with clock.frozen(datetime(2026, 3, 10, tzinfo=UTC)):
        browser = Browser(actors.user())
        [one, other] = customers({"source": "Web"}, {"source": "Web"})
        line = {"quantity": 1, "unit_price": 5, "item": "tea"}
        log(changelog.purchase("1", one, [line], at=datetime(2026, 3, 1, 14, 30, tzinfo=UTC)))
        found = browser.ask("POST", "/why", {"rule": asked, "customer": one})
        end = "2026-03-31T18:30:00Z"
        assert [seen["changes_at"] for group in found["groups"] for seen in group] == [end, None]
        assert (found["matches"], found["changes_at"]) == (True, end)
        assert browser.ask("POST", "/why", {"rule": asked, "customer": other})["changes_at"] is None
        clock.advance(datetime.fromisoformat(end) - clock.now() - A_MOMENT)
        assert browser.ask("POST", "/why", {"rule": asked, "customer": one})["matches"] is True
        clock.advance(A_MOMENT)
        assert browser.ask("POST", "/why", {"rule": asked, "customer": one})["matches"] is False
