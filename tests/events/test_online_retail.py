"""The UCI Online Retail purchases come out of the API to the last tenth of a penny."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.db import transaction
from django.test import Client

from ceap.customers.models import Customer
from ceap.events import actions
from ceap.events.queries import warehouse
from ceap.kit.clock import now
from tests import actors
from tests.counts import FULL

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
PLACES = [
    *ROOT.glob("ceap/**/online_retail.parquet"),
    *(parent / "shared/data/online_retail/online_retail.parquet" for parent in ROOT.parents),
]


def online_retail() -> pa.Table:
    """The file: shipped with the demo, or beside the project."""
    for place in PLACES:
        if place.is_file():
            return pq.read_table(place)
    raise AssertionError(f"online_retail.parquet is missing; looked for it at {', '.join(map(str, PLACES))}")


def as_purchases(data: pa.Table, customers: dict[int, int]) -> pa.Table:
    """Its columns by their names here, each customer by the key it got."""
    return pa.table(
        {
            "order_id": data["InvoiceNo"],
            "customer": pa.array([customers.get(c) for c in data["CustomerID"].to_pylist()], pa.int64()),
            "item": data["StockCode"],
            "item_name": data["Description"],
            "quantity": data["Quantity"],
            "unit_price": data["UnitPrice"],
            "at": data["InvoiceDate"],
        }
    )


def summary(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/events/purchases/summary{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.slow
def test_every_published_figure_is_reproduced_and_loading_again_changes_nothing(client: Client) -> None:
    client.force_login(actors.user())
    data = online_retail()
    known = [c for c in pc.unique(data["CustomerID"]).to_pylist() if c is not None]
    made = Customer.objects.bulk_create(Customer(customer_id=str(c), created_at=now(), updated_at=now()) for c in known)
    purchases = as_purchases(data, {int(str(c.customer_id)): c.pk for c in made})
    everything = {"lines": 541_909, "orders": 25_900, "customers": 4_372, "total": "9747747.934", "apart": 0}
    for _ in range(2):
        with transaction.atomic():
            file = actions.write_batch("purchases", purchases)
        assert file.rows == 541_909
        warehouse().sync()
        assert summary(client) == everything
    valid = summary(client, "?valid=true")
    assert (valid["lines"], valid["customers"]) == (397_884, 4_338)
    assert f"{float(valid['total']):,.2f}" == "8,911,407.90"
    if FULL:
        warehouse().rebuild()
        assert summary(client) == everything
    december = summary(client, "?from=2010-12-01&to=2010-12-01")
    days = [d for d in data["InvoiceDate"].to_pylist() if d.date().isoformat() == "2010-12-01"]
    assert december["lines"] == len(days)
