"""Values of fields that have too many different ones to list them: which customers can have one with some text in it.

What a column of many customers is made of (`core.trigrams`) is read in the background and kept, a few megabytes a
column. Customers changed since are looked at whatever it says, so an answer is as fresh as the warehouse.
"""

from __future__ import annotations

import functools
import logging
import operator as op
import threading
import time
from dataclasses import dataclass
from datetime import UTC, timedelta
from weakref import WeakKeyDictionary

import ibis
import ibis.expr.types as ir
from django.db import connection

from ceap.core.trigrams import Trigrams, joined
from ceap.segments import sources
from ceap.segments.queries.answers import MANY, OLDEST

log = logging.getLogger("ceap.segments")
CHUNK = 200_000  # values read at once
RANGES = 40  # of keys that a question is narrowed to; with more of them it reads everything
LONGEST = timedelta(minutes=10)  # from the stamp on a changed customer to the end of the transaction


@dataclass
class _Made:
    """`trigrams`: None while they are being read, and where there are few customers. `changed`: who was changed since
    is not in them; `place`, `at`: when they were read."""

    changed: ibis.Value
    place: tuple[int, int]
    at: float
    trigrams: Trigrams | None = None
    reading: bool = True


_known: WeakKeyDictionary[sources.Warehouse, dict[str, _Made]] = WeakKeyDictionary()
_lock = threading.Lock()


def narrowed(customers: ir.Table, column: str, wanted: str) -> ir.Table:
    """Those rows of `customers` that can have `wanted` (folded) in `column`; all of them while that is not known."""
    made = _made(column)
    blocks = made.trigrams.blocks(wanted) if made and made.trigrams else None
    ranges = joined(blocks) if blocks is not None else []
    if made is None or blocks is None or len(ranges) > RANGES:
        return customers
    fits = [customers.id.between(*each) for each in ranges]
    return customers.filter(functools.reduce(op.or_, [customers.updated_at >= made.changed, *fits]))


def _made(column: str) -> _Made | None:
    """What is known of the column; it is read in a thread when nothing is, or when that is old."""
    warehouse = sources.warehouse()
    place = warehouse.position()
    with _lock:
        columns = _known.setdefault(warehouse, {})
        known = columns.get(column)
        if known and place < known.place:  # another store: none of it need be so
            del columns[column]
            known = None
        old = known is not None and place != known.place and time.monotonic() - known.at > OLDEST
        reading = None
        if known is None or (old and not known.reading):
            reading = columns[column] = known or _Made(ibis.literal(None), place, time.monotonic())
            reading.reading = True
    if reading:
        threading.Thread(target=_read, args=(warehouse, column, reading), daemon=True).start()
    return known


def _read(warehouse: sources.Warehouse, column: str, before: _Made) -> None:
    try:
        place, at = warehouse.position(), time.monotonic()
        since = (warehouse.as_of - LONGEST).astimezone(UTC).replace(tzinfo=None)
        made = _Made(ibis.literal(since), place, at, _trigrams(warehouse, column), reading=False)
        with _lock:
            columns = _known.setdefault(warehouse, {})
            if columns.get(column) is before:
                columns[column] = made
    except Exception:
        log.exception("the values of %s could not be read; searches in them read all customers", column)
    finally:
        before.reading = False
        connection.close()


def _trigrams(warehouse: sources.Warehouse, column: str) -> Trigrams | None:
    customers = warehouse.table("customers")
    keys = customers.aggregate(rows=customers.count(), least=customers.id.min(), greatest=customers.id.max())
    [found] = warehouse.run(keys).to_pylist()
    if found["rows"] <= MANY:
        return None
    trigrams = Trigrams()
    step = max(1, CHUNK * (found["greatest"] - found["least"] + 1) // found["rows"])
    for least in range(found["least"], found["greatest"] + 1, step):
        part = customers.filter(customers.id.between(least, least + step - 1), customers[column] != "")
        rows = warehouse.run(part.select("id", value=part[column])).combine_chunks()
        if rows.num_rows:
            rows = rows.sort_by("id").combine_chunks()
            trigrams.add(rows["id"].chunk(0), rows["value"].chunk(0))
    return trigrams
