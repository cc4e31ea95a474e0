"""The synthetic chain: repeatable, and its purchases add up to its table."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from ceap.core.learning import grocery

END = date(2026, 11, 20)


def test_the_chain_is_the_same_for_the_same_seed_only() -> None:
    assert grocery.chain(500).table().equals(grocery.chain(500).table())
    assert not grocery.chain(500).table().equals(grocery.chain(500, seed=8).table())
    assert set(grocery.chain(2_000).table()["outlet_city"].to_pylist()) == set(grocery.OUTLETS)
    assert len(grocery.OUTLETS) == 20


def test_the_purchases_add_up_to_the_sales_of_the_table_whatever_the_chunks() -> None:
    made = grocery.chain(300)
    lines = pa.concat_tables(made.purchases(END, chunk=100))
    sums = lines.group_by(["customer", "category"]).aggregate([("amount", "sum")])
    found = {(row["customer"], row["category"]): row["amount_sum"] for row in sums.to_pylist()}
    for n, category in enumerate(grocery.CATEGORIES):
        assert np.allclose([found[(int(one), category)] for one in made.ids], made.sales[:, n], atol=0.001)
    latest = lines.group_by("customer").aggregate([("at", "max")]).sort_by("customer")["at_max"].to_numpy()
    away = (np.datetime64("2026-11-19") - latest.astype("datetime64[D]")).astype(int)
    assert np.array_equal(away, made.away)
    orders = lines.group_by("customer").aggregate([("order", "count_distinct")]).sort_by("customer")
    assert (orders["order_count_distinct"].to_numpy() <= made.orders).all()
    assert lines["order"].to_numpy(zero_copy_only=False).shape[0] == lines.num_rows
