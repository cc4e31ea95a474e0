"""The real purchases, through the product's own import."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from tests.connectors.bringing import bring, receipt
from tests.counts import often

FILE = Path(__file__).parents[2] / "demo" / "online_retail.parquet"
MAPPING = {
    "InvoiceNo": "order_id", "StockCode": "item", "Description": "item_name", "Quantity": "quantity",
    "InvoiceDate": "at", "UnitPrice": "unit_price", "CustomerID": "customer", "Country": "outlet",
}  # fmt: skip
LINES = often(30_000, 541_909)  # a beginning of the file, or all of it
WHOLE = 541_909


def expected(table: pa.Table) -> dict[str, tuple[Any, ...]]:
    """Counts and sums of the file itself: all lines, and what was bought by somebody for money."""
    bought = pc.and_(pc.greater(table["Quantity"], 0), pc.greater(table["UnitPrice"], 0))
    bought = pc.and_(
        bought, pc.and_(pc.is_valid(table["CustomerID"]), pc.invert(pc.starts_with(table["InvoiceNo"], "C")))
    )
    return {"all": counted(table), "bought": counted(table.filter(bought))}


def counted(table: pa.Table) -> tuple[Any, ...]:
    pairs = zip(table["UnitPrice"].to_pylist(), table["Quantity"].to_pylist(), strict=True)
    total = sum((Decimal(str(price)) * quantity for price, quantity in pairs), Decimal(0))
    people, orders = (pc.count_distinct(table[name]).as_py() for name in ("CustomerID", "InvoiceNo"))
    return table.num_rows, people, orders, total


HOW: dict[str, Any] = {"unknown_customer": "create", "no_customer": "anonymous"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_published_counts_come_out_of_the_import_to_the_cent(tmp_path: Path) -> None:
    table, file = pq.read_table(FILE).slice(0, LINES), tmp_path / FILE.name
    pq.write_table(table, file)
    known = expected(table)
    if LINES == WHOLE:  # as published
        assert known["all"] == (541_909, 4_372, 25_900, Decimal("9747747.9340"))
        assert known["bought"][:2] == (397_884, 4_338)
        assert known["bought"][3] == Decimal("8911407.9040")
    row = bring(file.read_bytes(), MAPPING, target="purchases", name=FILE.name, **HOW)
    assert receipt(row) == ("done", LINES, 0, 0, 0)
    assert Customer.objects.count() == known["all"][1]
    house = warehouse()
    house.sync()
    lines = house.table("purchases")
    bought = lines.filter(
        ~lines.order_id.startswith("C"), lines.quantity > 0, lines.unit_price > 0, lines.customer.notnull()
    )
    for name, found in (("all", lines), ("bought", bought)):
        [told] = house.run(
            found.aggregate(
                n=found.count(),
                customers=found.customer.nunique(),
                orders=found.order_id.nunique(),
                s=found.amount.sum(),
            )
        ).to_pylist()
        assert tuple(told.values()) == known[name], name
    again = bring(file.read_bytes(), MAPPING, target="purchases", name=FILE.name, **HOW)
    assert receipt(again) == ("done", 0, 0, LINES, 0)
