"""Purchases of the warehouse are brought together part by part as they would be at once."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from django.db import transaction

from ceap.core.learning import grocery
from ceap.events.actions import write_batch
from ceap.learning import queries
from ceap.learning.queries import bought


@pytest.mark.django_db
def test_purchases_in_parts_are_the_purchases_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = pa.concat_tables(grocery.chain(400).purchases(date(2026, 11, 20)))
    key = pa.array([f"{n}" for n in range(made.num_rows)])
    category = pa.array([None if n % 97 == 0 else name for n, name in enumerate(made["category"].to_pylist())])
    lines = made.set_column(made.column_names.index("category"), "category", category)
    lines = lines.rename_columns(["order_id" if name == "order" else name for name in lines.column_names])
    with transaction.atomic():
        write_batch("purchases", lines.append_column("key", key))
    whole = queries.of_purchases()
    assert whole.data.sheet.table.num_rows == 400
    monkeypatch.setattr(bought, "AT_ONCE", made.num_rows // 7)
    for before in (None, whole.data.roles):
        parts = queries.of_purchases(before)
        assert parts.data.roles == whole.data.roles
        assert parts.data.sheet.table.combine_chunks().equals(whole.data.sheet.table)
        assert (parts.data.findings, parts.known.last) == (whole.data.findings, whole.known.last)
