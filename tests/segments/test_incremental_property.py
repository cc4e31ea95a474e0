"""Incremental = rebuilt from zero, whatever happened, and whatever it misses is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM
from ceap.core import changelog
from ceap.customers import actions as customer_actions
from ceap.customers.models import Customer
from ceap.events import actions as event_actions
from ceap.events import queries as events
from ceap.kit import clock
from ceap.segments import actions, queries
from ceap.segments.actions import incremental
from ceap.segments.changes import Changes
from ceap.segments.models import Segment
from tests.counts import often
from tests.segments.following import AT, bought, buys, changed, did, inside, is_in, people, say, segment
from tests.segments.people import WHATSAPP, customers, on, rule

pytestmark = pytest.mark.req("S-11")

RULES = [
    WHATSAPP, rule(on("source", "is", "Web")), rule(bought(2)), rule(bought(1, 3)), rule(did("seen", 2)),
    rule(on("city", "is_empty"), did("seen"), join="or"),
    rule(on("created_at", "in_last", {"count": 4, "unit": "days"})),
    rule({**bought(0), "comparison": "exactly"}),
]  # fmt: skip
WHO = st.integers(0, 7)


def nested(of: list[Segment], choice: int) -> dict[str, Any]:
    """A rule that refers to others: the ones of `of`, the last one being the nearest."""
    *_, far, near = of
    return [
        rule(is_in(near), is_in(far, "not_in")), rule(is_in(far), is_in(near), join="or"), inside(near, "not_in"),
        rule(is_in(near), bought(1, 3)), rule(is_in(far, "not_in"), on("source", "is", "Web"), join="or"),
        RULES[choice],
    ][choice % 6]  # fmt: skip


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), WHO, st.sampled_from(["WhatsApp", "Web", ""])),
        st.tuples(st.just("bulk"), WHO, st.sampled_from(["WhatsApp", "Web"])),
        st.tuples(st.just("event"), WHO, st.integers(1, 3)),
        st.tuples(st.just("buy"), WHO, st.integers(0, 5)),
        st.tuples(st.just("file"), WHO, st.integers(1, 2)),
        st.tuples(st.just("merge"), WHO, WHO),
        st.tuples(st.just("erase"), WHO, WHO),
        st.tuples(st.just("rule"), st.integers(0, 4), st.sampled_from(range(len(RULES)))),
        st.tuples(st.just("unbuilt rule"), st.integers(0, 4), st.sampled_from(range(len(RULES)))),
        st.tuples(st.just("days"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("look"), st.just(0), st.just(0)),
    ),
    min_size=4, max_size=12,
)  # fmt: skip


class History:
    """Customers and segments to which things happen."""

    def __init__(self) -> None:
        self.ids = customers(*({"source": s, "full_name": s} for s in ("WhatsApp", "Web", "", "Web") * 2))
        self.segments = [segment(f"S{n}", RULES[n]) for n in (0, 2, 3)]
        for name in ("parent", "grandparent"):
            self.segments.append(segment(name, nested(self.segments, 0)))
        self.orders = 0
        actions.follow()

    def alive(self, n: int) -> int | None:
        row = Customer.objects.filter(pk=self.ids[n], merged_into=None, erased_at=None).first()
        return row.pk if row else None

    def do(self, what: str, one: int, other: Any) -> None:
        who = self.alive(one) if what in ("edit", "merge", "erase") else None
        match what:
            case "edit" if who:
                changed(who, source=other)
            case "bulk":
                rows = Customer.objects.filter(pk__in=self.ids[one:], merged_into=None, erased_at=None)
                touched = list(rows.values_list("pk", flat=True))
                rows.update(source=other)
                with connection.cursor() as cursor:
                    changelog.customers_changed(cursor, touched, connection.vendor)
            case "event":
                say(*(changelog.event("seen", self.ids[one], at=clock.now()) for _ in range(other)))
            case "buy":
                self.orders += 1
                say(buys(self.ids[one], f"o{self.orders}", clock.now() - timedelta(days=other)))
            case "file":
                numbers = range(self.orders, self.orders + other)
                self.orders += other
                size = {"quantity": [1] * other, "unit_price": [2] * other, "customer": [self.ids[one]] * other}
                made = {"order_id": [f"f{n}" for n in numbers], "at": [clock.now()] * other}
                event_actions.write_batch("purchases", pa.table(size | made))
            case "merge" if who and (survivor := self.alive(other)) and survivor != who:
                customer_actions.merge(SYSTEM, survivor, who)
            case "erase" if who:
                customer_actions.erase(SYSTEM, who)
            case "rule" | "unbuilt rule":
                edited = self.segments[one]
                wanted = nested(self.segments[:one], other) if one > 2 else RULES[other]
                actions.edit(SYSTEM, edited.pk, name=edited.name, description="", rule=wanted)
                if what == "unbuilt rule":  # a pass comes before the build that the edit asked for
                    actions.follow()
                actions.build_pending()
            case "days":
                clock.advance(timedelta(days=one))
                actions.run_if_due()
                actions.build_pending()
            case "look":
                self.compare()

    def compare(self) -> None:
        """Memberships that followed are those that a build from zero finds; moves add up to them."""
        actions.follow()
        followed = [people(one) for one in self.segments]
        numbers = [(v.size, v.total, v.email, v.whatsapp) for one in self.segments if (v := queries.current(one))]
        for one in self.segments:
            actions.recalculate(SYSTEM, one.pk)
        actions.build_pending()
        assert followed == [people(one) for one in self.segments]
        assert [n[0] for n in numbers] == [len(one) for one in followed]
        rebuilt = [queries.current(one) for one in self.segments]
        assert [v.entered for v in rebuilt if v] == [0] * len(self.segments)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block does to store and warehouse is gone afterwards."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        events.close_warehouse()
        from tests.ground import HOME

        for file in HOME.glob("warehouse.duckdb*"):
            file.unlink()


def live(steps: list[tuple[str, int, Any]]) -> None:
    with clock.frozen(AT), undone():
        history = History()
        for step in steps:
            history.do(*step)
        history.compare()


@pytest.mark.slow
@pytest.mark.django_db
def test_incremental_is_what_a_build_from_zero_finds_after_any_sequence() -> None:
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    few = settings(max_examples=often(2, 6), deadline=None, derandomize=True, suppress_health_check=checks)
    few(given(STEPS)(live))()


def nobody_leaves(old: BitMap, look: BitMap, matched: BitMap) -> BitMap:
    return old | matched


def merged_keep_their_key(changes: Changes) -> None:
    pass


def parents_stay(old: str, new: str) -> BitMap:
    return BitMap()


def files_are_overlooked(changes: Changes, entries: Any) -> None:
    taken = Changes()
    add(taken, entries)
    changes.ids, changes.doers = taken.ids, taken.doers


add = Changes.add
DEFECTS: list[tuple[Any, str, Any, list[tuple[str, int, Any]]]] = [
    (incremental, "patched", nobody_leaves, [("edit", 0, "Web")]),
    (incremental, "follow_merges", merged_keep_their_key, [("merge", 0, 1), ("look", 0, 0), ("file", 1, 1),
                                                            ("look", 0, 0), ("buy", 0, 0)]),
    (incremental, "_moved", parents_stay, [("rule", 2, 7)]),
    (Changes, "add", files_are_overlooked, [("file", 1, 2)]),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(("where", "name", "defect", "steps"), DEFECTS, ids=[str(d[2].__name__) for d in DEFECTS])
def test_planted_defects_are_found(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, defect: Any, steps: list[tuple[str, int, Any]]
) -> None:
    live(steps)
    monkeypatch.setattr(where, name, defect)
    with pytest.raises(AssertionError):
        live(steps)
