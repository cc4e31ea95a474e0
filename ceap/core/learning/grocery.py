"""A synthetic grocery chain, made from a seed: 20 outlets in Sri Lanka, customers of planted segments, their purchases.

The facts are published (the outlets' cities, three categories, sales of some hundreds to ten thousand rupees a
customer); every customer and every purchase is invented. What is made here is labelled synthetic wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

CATEGORIES = ("luxury", "fresh", "dry")
DAYS = 730  # two years
OUTLETS = (
    "Batticaloa", "Colombo", "Dehiwala-Mount Lavinia", "Galle", "Gampaha", "Homagama", "Jaffna", "Kaduwela", "Kalmunai",
    "Kandy", "Katunayake", "Kelaniya", "Kotte", "Moratuwa", "Negombo", "Nuwara Eliya", "Panadura", "Peliyagoda",
    "Trincomalee", "Wattala",
)  # fmt: skip
WELL_OFF = frozenset({"Colombo", "Dehiwala-Mount Lavinia", "Kotte", "Negombo", "Kandy", "Nuwara Eliya"})
FIRST_ID = 10_000_000


@dataclass(frozen=True)
class Planted:
    """One planted segment.

    shares: of luxury, fresh, dry, adding to 1. spend: rupees in two years at an ordinary outlet (median).
    orders: mean number of orders. away: mean days since the last one. age: mean, years. part: of all customers.
    """

    name: str
    shares: tuple[float, float, float]
    spend: float
    orders: float
    away: float
    age: float
    part: float


SEGMENTS = (
    Planted("Fresh food, often", (0.06, 0.76, 0.18), 6_200, 21, 6, 41, 0.20),
    Planted("Monthly stock-up", (0.05, 0.15, 0.80), 7_600, 9, 22, 46, 0.20),
    Planted("Premium tastes", (0.66, 0.20, 0.14), 9_300, 11, 14, 38, 0.13),
    Planted("Family basket", (0.16, 0.42, 0.42), 8_600, 17, 9, 43, 0.22),
    Planted("Fresh and fine", (0.42, 0.50, 0.08), 5_600, 10, 15, 34, 0.10),
    Planted("Small top-up", (0.03, 0.47, 0.50), 1_150, 4, 60, 29, 0.15),
)


@dataclass(frozen=True)
class Chain:
    """`n` customers: shapes (n,), sales (n, 3) in rupees in the order of `CATEGORIES`; segment: index in `SEGMENTS`."""

    segment: NDArray[np.int64]
    outlet: NDArray[np.int64]
    age: NDArray[np.int64]
    sales: NDArray[np.float64]
    orders: NDArray[np.int64]
    away: NDArray[np.int64]
    seed: int

    def __len__(self) -> int:
        return len(self.segment)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The customer number of each row."""
        return FIRST_ID + np.arange(len(self))

    def table(self) -> pa.Table:
        """The ready-made shape: one row a customer with the outlet's city, sales by category, and the planted label."""
        columns: dict[str, Any] = {"Customer_ID": self.ids, "outlet_city": np.array(OUTLETS)[self.outlet]}
        columns |= {f"{name}_sales": self.sales[:, n] for n, name in enumerate(CATEGORIES)}
        return pa.table(columns | {"cluster_category": self.segment + 1})

    def customers(self) -> pa.Table:
        """One row a customer: number, outlet, age, planted segment by name."""
        names = np.array([one.name for one in SEGMENTS])[self.segment]
        return pa.table(
            {"customer": self.ids, "outlet": np.array(OUTLETS)[self.outlet], "age": self.age, "segment": names}
        )

    def purchases(self, end: date, chunk: int = 50_000) -> Iterator[pa.Table]:
        """Every line bought in the two years up to `end`: order, customer, outlet, category, amount, at.

        Comes in tables of `chunk` customers each, so that a million customers need no more memory than those. The
        amounts of a customer and category add up to `sales`.
        """
        for start in range(0, len(self), chunk):
            yield _lines(self, start, min(start + chunk, len(self)), end)


def chain(customers: int = 100_000, seed: int = 7) -> Chain:
    """The chain's customers; the same seed gives the same chain."""
    rng = np.random.default_rng([seed, customers])
    segment = rng.choice(len(SEGMENTS), customers, p=[one.part for one in SEGMENTS])
    outlet = rng.integers(0, len(OUTLETS), customers)
    centre = np.log(np.array([one.shares for one in SEGMENTS]))[segment]
    shares = np.exp(centre + 0.16 * _within(rng, (customers, 3)))
    shares /= shares.sum(axis=1, keepdims=True)
    rich = np.where(np.isin(np.array(OUTLETS)[outlet], sorted(WELL_OFF)), 1.28, 1.0)
    spend = np.array([one.spend for one in SEGMENTS])[segment] * rich * np.exp(0.2 * _within(rng, (customers,)))
    orders = 1 + rng.poisson(np.array([one.orders for one in SEGMENTS])[segment])
    away = np.minimum(rng.exponential(np.array([one.away for one in SEGMENTS])[segment]).astype(int), DAYS - 1)
    age = np.clip(rng.normal(np.array([one.age for one in SEGMENTS])[segment], 10), 18, 90).astype(int)
    return Chain(segment, outlet, age, np.round(shares * spend[:, None], 2), orders, away, seed)


def _within(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Normal draws, those beyond 2.5 drawn again: segments keep a gap between them."""
    found = rng.normal(size=shape)
    while (far := np.abs(found) > 2.5).any():
        found[far] = rng.normal(size=int(far.sum()))
    return found


def _lines(made: Chain, start: int, stop: int, end: date) -> pa.Table:
    rng = np.random.default_rng([made.seed, 1, start])
    orders = made.orders[start:stop]
    who = np.repeat(np.arange(start, stop), orders)  # customer of each order
    first = np.concatenate([[0], np.cumsum(orders)[:-1]])
    day = made.away[who] + (rng.random(len(who)) * (DAYS - made.away[who])).astype(int)  # days before the end
    day[first] = made.away[start:stop]  # the first order of each customer is the last one in time
    weight = rng.gamma(2.0, size=(len(who), 3)) * (rng.random((len(who), 3)) < 0.8)
    weight[first] += 0.5  # what is bought at all is bought in this order too
    whole = np.add.reduceat(weight, first)
    cents = np.round(made.sales[start:stop] * 100).astype(np.int64)
    part = np.floor(weight / np.repeat(whole, orders, axis=0) * np.repeat(cents, orders, axis=0)).astype(np.int64)
    part[first] += cents - np.add.reduceat(part, first)
    order, category = np.nonzero(part)
    elsewhere = rng.random(len(who)) < 0.06
    outlet = np.where(elsewhere, rng.integers(0, len(OUTLETS), len(who)), made.outlet[who])
    outlet[first] = made.outlet[start:stop]
    second = rng.integers(8 * 3600, 21 * 3600, len(who))
    at = np.datetime64(end - timedelta(days=1), "s") - day.astype("timedelta64[D]") + second.astype("timedelta64[s]")
    number = np.arange(len(who))
    return pa.table(
        {
            "order": pa.array([f"G{start}-{n}" for n in number], pa.string()).take(pa.array(order)),
            "customer": FIRST_ID + who[order],
            "outlet": pa.array(np.array(OUTLETS)).take(pa.array(outlet[order])),
            "category": pa.array(np.array(CATEGORIES)).take(pa.array(category)),
            "amount": part[order, category] / 100,
            "at": at[order],
        }
    )


def soiled(table: pa.Table, seed: int = 7, part: float = 0.004) -> pa.Table:
    """The ready-made shape as such files come: every column text, `part` of the rows with each kind of dirt.

    Cities in other cases and spellings, "nul", money in words and with signs, labels out of range or with a stray mark,
    rows that come twice.
    """
    rng = np.random.default_rng([seed, 2])
    columns = {name: [str(cell) for cell in table[name].to_pylist()] for name in table.column_names}
    n = table.num_rows
    some = [rng.choice(n, max(1, int(part * n)), replace=False) for _ in range(9)]
    city, label = columns["outlet_city"], columns["cluster_category"]
    for row in some[0]:
        city[row] = city[row].swapcase()
    for row in some[1]:
        city[row] = city[row][:-1] if len(city[row]) > 7 else f" {city[row].lower()} "
    for row in some[2]:
        columns["luxury_sales"][row] = "nul"
    for row in some[3][:5]:
        columns["fresh_sales"][row] = "One thousand four hundread ruppes"
    for row in some[4]:
        columns["dry_sales"][row] = f"Rs. {float(columns['dry_sales'][row]):,.2f}"
    for row in some[5][:3]:
        columns["dry_sales"][row] = "-" + columns["dry_sales"][row].lstrip("Rs. ")
    for row in some[6][:3]:
        label[row] = "99"
    for row in some[7][:20]:
        label[row] += "\\"
    made = pa.table(columns)
    return pa.concat_tables([made, made.take(pa.array(some[8][:50]))])
