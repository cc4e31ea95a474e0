"""The real purchases, through the product's own import."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from tests.connectors.bringing import bring, receipt

FILE = Path(__file__).parents[2] / "demo" / "online_retail.parquet"
MAPPING = {
    "InvoiceNo": "order_id", "StockCode": "item", "Description": "item_name", "Quantity": "quantity",
    "InvoiceDate": "at", "UnitPrice": "unit_price", "CustomerID": "customer", "Country": "outlet",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_published_counts_come_out_of_the_import_to_the_cent() -> None:
    row = bring(FILE.read_bytes(), MAPPING, target="purchases", name=FILE.name, unknown_customer="create")
    assert receipt(row) == ("done", 541_909, 0, 0, 0)
    assert Customer.objects.count() == 4_372
    house = warehouse()
    house.sync()
    lines = house.table("purchases")
    bought = lines.filter(
        ~lines.order_id.startswith("C"), lines.quantity > 0, lines.unit_price > 0, lines.customer.notnull()
    )
    told = [
        house.run(
            t.aggregate(n=t.count(), customers=t.customer.nunique(), orders=t.order_id.nunique(), s=t.amount.sum())
        )
        for t in (lines, bought)
    ]
    [all_lines], [sales] = (t.to_pylist() for t in told)
    assert (all_lines["n"], all_lines["customers"], all_lines["orders"]) == (541_909, 4_372, 25_900)
    assert str(all_lines["s"]) == "9747747.9340"
    assert (sales["n"], sales["customers"]) == (397_884, 4_338)
    assert str(sales["s"]) == "8911407.9040"
    again = bring(FILE.read_bytes(), MAPPING, target="purchases", name=FILE.name, unknown_customer="create")
    assert receipt(again) == ("done", 0, 0, 541_909, 0)
