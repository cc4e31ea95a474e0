"""Purchases of the synthetic grocery chain in an installation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction

from ceap.core.learning import grocery
from ceap.events import actions as events
from tests.segments.people import customers


def bought(made: grocery.Chain, born: Sequence[date | None] = (None,)) -> tuple[list[int], list[dict[str, Any]]]:
    """Customers of the chain with their purchases: their keys, in its order, and the lines. born: taken in turn."""
    people = [{"source": "Web"} | ({"date_of_birth": day} if day else {}) for day, _ in _in_turn(born, len(made))]
    keys = np.array(customers(*people))
    lines = pa.concat_tables(made.purchases(date(2026, 11, 20)))
    lines = lines.rename_columns(["order_id", "customer", "outlet", "category", "amount", "at"])
    own = keys[lines["customer"].to_numpy() - grocery.FIRST_ID]
    price, one = lines["amount"], pa.array(np.ones(len(own), np.int64))
    lines = (
        lines.set_column(1, "customer", pa.array(own)).append_column("unit_price", price).append_column("quantity", one)
    )
    with transaction.atomic():
        events.write_batch("purchases", lines)
    return [int(key) for key in keys], lines.to_pylist()


def _in_turn(born: Sequence[date | None], n: int) -> list[tuple[date | None, int]]:
    return [(born[at % len(born)], at) for at in range(n)]
