"""Numbers of discovered segments are those of a plain reading of table, memberships and filters, and add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from ceap.segments.queries.discovered import Filters
from ceap.segments.queries.discovered import people as columns
from ceap.segments.queries.discovered.people import members, only
from ceap.segments.queries.discovered.sums import DAYS_BANDS, NOT_KNOWN, matching, portrait, sums
from ceap.segments.shares import BANDS
from tests.counts import often
from tests.segments import scored
from tests.segments.scored import CATEGORIES, Shopper

pytestmark = pytest.mark.req("O-4")
TODAY = date(2026, 11, 21)
OUTLETS = ("Colombo", "Galle", "Kandy")
KEYS = [UUID(int=n) for n in range(3)]
IDS = range(12)
DAYS = [-2, 0, 7, 8, 30, 31, 60, 61, 90, 91, 180, 181]  # few values, so that filters meet customers at their bounds
AGES = [0, 20, 21, 30, 31, 40, 41, 50, 51, 90]


def shoppers(customer: int) -> st.SearchStrategy[Shopper]:
    return st.builds(
        Shopper,
        customer=st.just(customer),
        outlet=st.sampled_from([None, "", *OUTLETS]),
        age=st.sampled_from([None, *AGES]),
        last=st.sampled_from([None, *(TODAY - timedelta(days) for days in DAYS)]),
        orders=st.sampled_from([None, 1, 2, 30]),
        amounts=st.tuples(*[st.sampled_from([0, 1, 10**7]) | st.integers(0, 10**7)] * 3),
    )


def for_each(choice: Callable[[int], st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[int, Any]]:
    """A value for each customer, or none."""
    drawn = st.tuples(*[st.none() | choice(one) for one in IDS])
    return drawn.map(lambda values: {one: value for one, value in zip(IDS, values, strict=True) if value is not None})


tables = for_each(shoppers).map(lambda found: list(found.values()))
memberships = for_each(lambda _: st.sampled_from(KEYS))
days, ages = st.sampled_from([None, None, *DAYS[1:]]), st.sampled_from([None, None, *AGES])
every_filter = st.builds(
    Filters,
    age_from=ages, age_to=ages, outlets=st.lists(st.sampled_from(OUTLETS), max_size=2).map(tuple),
    categories=st.lists(st.sampled_from(CATEGORIES), max_size=2).map(tuple), last_within=days, last_over=days,
)  # fmt: skip


def age_band(age: int | None) -> str:
    if age is None:
        return NOT_KNOWN
    return BANDS[sum(age >= first for first in (21, 31, 41, 51))]


def ago(one: Shopper) -> int | None:
    return None if one.last is None else max((TODAY - one.last).days, 0)


def days_band(one: Shopper) -> str:
    found = ago(one)
    return NOT_KNOWN if found is None else DAYS_BANDS[sum(found > last for last in (7, 30, 60, 90, 180))]


def fits(one: Shopper, wanted: Filters) -> bool:
    since = ago(one)
    bought = {name for name, cents in zip(CATEGORIES, one.amounts, strict=True) if cents > 0}
    tests = [
        wanted.age_from is None or (one.age is not None and one.age >= wanted.age_from),
        wanted.age_to is None or (one.age is not None and one.age <= wanted.age_to),
        not wanted.outlets or one.outlet in wanted.outlets,
        not wanted.categories or bool(bought & set(wanted.categories)),
        wanted.last_within is None or (since is not None and since <= wanted.last_within),
        wanted.last_over is None or (since is not None and since > wanted.last_over),
    ]
    return all(tests)


def same(got: object, who: Sequence[Shopper], names: Sequence[str], has: frozenset[str]) -> None:
    """A portrait says of `who` what counting them one by one does."""
    kpis = got.kpis  # type: ignore[attr-defined]
    cents = sum(one.cents for one in who)
    assert (kpis.customers, kpis.sales) == (len(who), cents / 100)
    ordering = [one for one in who if one.orders]
    orders = sum(one.orders or 0 for one in ordering)
    assert kpis.orders == (orders if "orders" in has else None)
    assert kpis.basket == (
        pytest.approx(sum(one.cents for one in ordering) / orders / 100, abs=0.006) if orders else None
    )
    dated = [ago(one) for one in who if one.last]
    assert kpis.recency == (pytest.approx(sum(filter(None, dated)) / len(dated), abs=0.051) if dated else None)
    for n, part in enumerate(got.categories):  # type: ignore[attr-defined]
        assert (part.name, part.spend) == (CATEGORIES[n], sum(one.amounts[n] for one in who) / 100)
        assert part.customers == sum(one.amounts[n] > 0 for one in who)
    if got.outlets is not None:  # type: ignore[attr-defined]
        placed = Counter(one.outlet or "" for one in who)
        assert [(part.name, part.customers) for part in got.outlets] == [(name, placed[name]) for name in (*names, "")]  # type: ignore[attr-defined]
        assert sum(round(part.spend * 100) for part in got.outlets) == cents  # type: ignore[attr-defined]
    for bands, of in ((got.ages, [age_band(one.age) for one in who]), (got.recency, [days_band(one) for one in who])):  # type: ignore[attr-defined]
        if bands is not None:
            assert [band.customers for band in bands] == [of.count(band.label) for band in bands]
            assert sum(band.customers for band in bands) == len(who)
            assert sum(round(10 * band.share) for band in bands) == (1000 if who else 0)


@settings(max_examples=often(30, 120), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables, memberships, every_filter, st.none() | st.sets(st.sampled_from(IDS)))
def test_sums_are_those_of_counting_one_by_one(tmp_path: Path, rows, belongs, wanted, visible) -> None:
    table = scored.write(tmp_path / "scored.parquet", [*rows, Shopper(None, amounts=(5, 5, 5))])
    held = [(key, key, BitMap([who for who, of in belongs.items() if of == key])) for key in KEYS]
    found = members(table, held, TODAY)
    if visible is not None:
        found = only(found, BitMap(visible))
    known = {one.customer: one for one in rows}
    mask = matching(wanted, found)
    totals = []
    for key, _, bits in held:
        part = found.bounds[key]
        people = found.people.take(part)
        totals.append(sums(people if mask is None else people.take(mask[part]), len(found.outlets)))
        who = [known.get(one, Shopper(one)) for one in bits if visible is None or one in visible]
        same(
            portrait(totals[-1], found, ages=True), [one for one in who if fits(one, wanted)], found.outlets, found.has
        )
    everyone = [known.get(one, Shopper(one)) for one in belongs if visible is None or one in visible]
    whole = portrait(reduce(add, totals), found, ages=True)
    same(whole, [one for one in everyone if fits(one, wanted)], found.outlets, found.has)


def test_the_columns_are_read_again_when_table_membership_or_day_is_another_one(tmp_path: Path) -> None:
    table = scored.write(tmp_path / "scored.parquet", [Shopper(1, amounts=(100, 0, 0))])
    one, other = [(KEYS[0], UUID(int=8), BitMap([1]))], [(KEYS[0], UUID(int=9), BitMap([1, 2]))]
    first = members(table, one, TODAY)
    assert members(table, one, TODAY) is first
    assert members(table, one, TODAY + timedelta(1)) is not first
    assert len(members(table, other, TODAY).people) == 2
    scored.write(tmp_path / "scored.parquet", [Shopper(1, amounts=(300, 0, 0))])
    assert members(table, one, TODAY).people.spend[0] == 3 * columns.UNITS
