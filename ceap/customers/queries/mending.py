"""Which customers hold values that the one reader of values would keep in another form."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ceap.customers.contracts import Field
from ceap.customers.models import Customer
from ceap.customers.queries.fields import fields, reading
from ceap.customers.rules.mending import READ, mended

BATCH = 500


@dataclass(frozen=True)
class Unmended:
    """How many customers were looked at, of how many, and how many of them hold such a value."""

    looked: int
    of: int
    odd: int


def mendable() -> dict[str, Field]:
    """The fields that are looked at, by key."""
    return {one.key: one for one in fields() if one.editable and one.type in READ}


def stored(row: Customer, known: Mapping[str, Field]) -> dict[str, Any]:
    """A customer's values of these fields as they are stored."""
    return {key: row.custom.get(key) if one.custom else getattr(row, key) for key, one in known.items()}


def batches() -> Iterator[list[Customer]]:
    """Every customer who is neither merged nor erased, by key."""
    last = 0
    alive = Customer.objects.filter(merged_into=None, erased_at=None).order_by("pk")
    while rows := list(alive.filter(pk__gt=last)[:BATCH]):
        yield rows
        last = rows[-1].pk


def unmended(seconds: float) -> Unmended:
    """Look at customers, the oldest first, for about so long."""
    known, context, looked, odd = mendable(), reading(), 0, 0
    until = time.monotonic() + seconds
    for rows in batches():
        odd += sum(bool(mended(stored(row, known), known, context)) for row in rows)
        looked += len(rows)
        if time.monotonic() > until:
            break
    return Unmended(looked, Customer.objects.filter(merged_into=None, erased_at=None).count(), odd)
