"""Sums over some customers, which add, and what is said from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceap.segments.queries.discovered.filters import Filters
from ceap.segments.queries.discovered.people import FIRST_DAYS, UNITS, UNKNOWN, Members, People
from ceap.segments.queries.discovered.shapes import Band, CategoryPart, Kpis, OutletPart, Portrait
from ceap.segments.shares import BANDS, percentages

DAYS_BANDS = ("0–7 days", "8–30 days", "31–60 days", "61–90 days", "91–180 days", "181 and more days")
NOT_KNOWN = "Unknown"
assert len(DAYS_BANDS) == len(FIRST_DAYS) + 1

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sums:
    """Of some customers; money in `UNITS`. The sums of two groups add to those of both.

    ordering, ordered: customers whose number of orders is known, and what they spent. dated, days: customers whose last
    purchase is known, and the days since then. bought: customers who bought of each category. The last of each of
    outlets and bands is "unknown".
    """

    customers: int
    sales: int
    orders: int
    ordering: int
    ordered: int
    dated: int
    days: int
    spent: Whole
    bought: Whole
    at_outlet: Whole
    spent_at: Whole
    by_age: Whole
    by_days: Whole

    def __add__(self, other: Sums) -> Sums:
        return Sums(**{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)})


def sums(people: People, outlets: int) -> Sums:
    """The sums over `people`, who buy at so many known outlets."""
    known, dated = people.orders > 0, people.days != UNKNOWN
    return Sums(
        len(people),
        int(people.spend.sum()),
        int(people.orders.sum(dtype=np.int64)),
        int(known.sum()),
        int(people.spend[known].sum()) if not known.all() else int(people.spend.sum()),
        int(dated.sum()),
        int(people.days.sum(where=dated, dtype=np.int64)),
        people.amounts.sum(axis=1).astype(np.int64),
        (people.amounts > 0).sum(axis=1),
        np.bincount(people.outlet, minlength=outlets + 1),
        np.bincount(people.outlet, people.spend, outlets + 1).astype(np.int64),
        np.bincount(people.age_band, minlength=len(BANDS) + 1),
        np.bincount(people.days_band, minlength=len(DAYS_BANDS) + 1),
    )


def matching(filters: Filters, found: Members) -> NDArray[np.bool_] | None:
    """Which of the members match; None: all."""
    people = found.people
    tests: list[NDArray[np.bool_]] = []
    if filters.age_from is not None:
        tests.append(people.age >= max(filters.age_from, 0))
    if filters.age_to is not None:
        tests.append((people.age <= filters.age_to) & (people.age != UNKNOWN))
    if filters.outlets:
        chosen = np.isin([*found.outlets, ""], filters.outlets)
        tests.append(chosen[people.outlet])
    if filters.categories:
        rows = [n for n, name in enumerate(found.categories) if name in filters.categories]
        tests.append(np.any(people.amounts[rows] > 0, axis=0))
    if filters.last_within is not None:
        tests.append((people.days <= filters.last_within) & (people.days != UNKNOWN))
    if filters.last_over is not None:
        tests.append(people.days > filters.last_over)
    return np.asarray(np.logical_and.reduce(tests)) if tests else None


def portrait(total: Sums, found: Members, *, ages: bool) -> Portrait:
    """What is said from sums. ages: whether the reader may see them."""
    shares = percentages([int(n) for n in total.spent])
    categories = tuple(
        CategoryPart(name, _money(total.spent[n]), shares[n], int(total.bought[n]))
        for n, name in enumerate(found.categories)
    )
    return Portrait(
        _kpis(total, found.has),
        categories,
        _outlets(total, found.outlets) if "outlet" in found.has else None,
        _bands(DAYS_BANDS, total.by_days) if "days" in found.has else None,
        _bands(BANDS, total.by_age) if ages and "age" in found.has else None,
    )


def _money(units: Any) -> float:
    return round(int(units) / UNITS, 2)


def _kpis(total: Sums, has: frozenset[str]) -> Kpis:
    return Kpis(
        customers=total.customers,
        sales=_money(total.sales),
        each=_money(total.sales / total.customers) if total.customers else None,
        basket=_money(total.ordered / total.orders) if total.orders else None,
        orders=total.orders if "orders" in has else None,
        frequency=round(total.orders / total.ordering, 2) if total.ordering else None,
        recency=round(total.days / total.dated, 1) if total.dated else None,
    )


def _outlets(total: Sums, names: Sequence[str]) -> tuple[OutletPart, ...]:
    shares = percentages([int(n) for n in total.at_outlet])
    return tuple(
        OutletPart(name, int(total.at_outlet[n]), shares[n], _money(total.spent_at[n]))
        for n, name in enumerate((*names, ""))
    )


def _bands(labels: Sequence[str], counts: Whole) -> tuple[Band, ...]:
    shares = percentages([int(n) for n in counts])
    return tuple(
        Band(label, int(counts[n]), shares[n], label != NOT_KNOWN) for n, label in enumerate((*labels, NOT_KNOWN))
    )
