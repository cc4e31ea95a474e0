"""The purchases of the warehouse brought together to one row a customer, some millions of lines at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from ceap.core.learning import purchases, roles
from ceap.core.learning.cleaning import Finding
from ceap.core.learning.lifecycle import Data
from ceap.core.learning.roles import Given, Roles
from ceap.core.learning.table import Sheet
from ceap.events.queries import Warehouse
from ceap.kit.problem import Conflict

LINES = {name: name for name in ("customer", "category", "amount", "at")} | {"order": "order_id"}
AT_ONCE = 2_000_000  # lines in memory at a time, about 500 bytes each


def gathered(warehouse: Warehouse, every: ibis.Table, zone: str, ages: pa.Table, before: Roles | None) -> Data:
    """One row for each customer with purchases, by customer.

    Args:
        every: the lines that count. zone: days are its. ages: as of `purchases.gather`. before: the columns of a
            training, whose categories are taken.

    Raises:
        Conflict: there are no lines.
    """
    asked = every.aggregate(
        lines=every.count(), first=every.customer.min(), last=every.customer.max(), at=every["at"].max()
    )
    [whole] = warehouse.run(asked).to_pylist()
    if not whole["lines"]:
        raise Conflict("There are no purchases to learn from: import purchases first.")
    until = local(pa.chunked_array([[whole["at"]]]), zone)[0].as_py().date()
    parts = -(-whole["lines"] // AT_ONCE)
    categories = tuple(before.amounts) if before else _categories(warehouse, every, until) if parts > 1 else ()
    step = -(-(whole["last"] - whole["first"] + 1) // parts)
    made = []
    for start in range(whole["first"], whole["last"] + 1, step):
        part = every.filter(every.customer >= start, every.customer < start + step)
        lines = part.select(*LINES.values(), "outlet").order_by("customer", "at", "order_id", "category")
        table = warehouse.run(lines)
        if table.num_rows:
            table = table.set_column(table.column_names.index("at"), "at", local(table["at"], zone))
            made.append(purchases.gather(Sheet(table), LINES, categories, ages, until))
    table = pa.concat_tables([one.sheet.table for one in made], promote_options="default")
    found = max((one.roles for one in made), key=lambda one: (one.outlet is not None, len(one.numbers)))
    if before:
        found = roles.like(table, before, Given())
    return Data(Sheet(table), found, _together([each for one in made for each in one.findings]))


def local(at: pa.ChunkedArray, zone: str) -> pa.ChunkedArray:
    """Moments in UTC as the clock of `zone` shows them."""
    return pc.local_timestamp(pc.assume_timezone(at, "UTC").cast(pa.timestamp("us", zone)))


def _categories(warehouse: Warehouse, every: ibis.Table, until: date) -> Sequence[str]:
    """The categories that all lines together would be told apart by, largest first."""
    sums = warehouse.run(every.group_by("category").aggregate(amount=every.amount.sum()).order_by("category"))
    n = sums.num_rows
    lines = {"customer": ["x"] * n, "order_id": ["x"] * n, "at": pa.array([until] * n, pa.date32())}
    table = pa.table({**lines, "category": sums["category"], "amount": sums["amount"]})
    return tuple(purchases.gather(Sheet(table), LINES).roles.amounts)


def _together(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings of the same kind as one, with the first examples."""
    found: dict[tuple[str, str], Finding] = {}
    for one in findings:
        before = found.get((one.column, one.what))
        found[one.column, one.what] = replace(before, rows=before.rows + one.rows) if before else one
    return tuple(found.values())
