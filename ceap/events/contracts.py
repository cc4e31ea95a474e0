"""What other packages may see of events: entries, tables of the warehouse, freshness."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from ceap.kit.problem import Conflict, Problem

EVENTS = pa.schema(
    [
        ("seq", pa.int64()),
        ("key", pa.string()),
        ("customer", pa.int64()),
        ("name", pa.string()),
        ("at", pa.timestamp("us")),
        ("item", pa.string()),
        ("amount", pa.decimal128(18, 4)),
        ("campaign", pa.string()),
        ("props", pa.string()),
    ]
)
PURCHASES = pa.schema(
    [
        ("key", pa.string()),
        ("order_id", pa.string()),
        ("customer", pa.int64()),
        ("item", pa.string()),
        ("item_name", pa.string()),
        ("category", pa.string()),
        ("outlet", pa.string()),
        ("quantity", pa.decimal128(18, 3)),
        ("unit_price", pa.decimal128(18, 4)),
        ("amount", pa.decimal128(18, 4)),
        ("currency", pa.string()),
        ("at", pa.timestamp("us")),
        ("props", pa.string()),
    ]
)
# In the warehouse "amount" is in the organisation's currency, null where there is no rate; "original" is in `currency`.
PRICED = PURCHASES.append(pa.field("original", pa.decimal128(18, 4)))
ITEMS = pa.schema(
    [
        ("id", pa.int64()),
        ("kind", pa.string()),
        ("key", pa.string()),
        ("name", pa.string()),
        ("category", pa.string()),
        ("price", pa.decimal128(18, 4)),
    ]
)
BATCH_TABLES = {"events": EVENTS, "purchases": PURCHASES}  # what `actions.write_batch` takes


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the change log as a reader gets it. `tx` orders commits on PostgreSQL and is 0 on SQLite."""

    seq: int
    tx: int
    at: datetime
    kind: str
    name: str
    customer: int | None
    dedupe: str | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lag:
    """How far one consumer is behind: entries not read yet, and the age in seconds of the oldest of them."""

    consumer: str
    entries: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order; quantities and money are exact."""

    key: str
    item: str | None
    item_name: str | None
    category: str | None
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing a customer did: an event (kind "event"), or an order with its lines (kind "order")."""

    kind: str
    key: str
    at: datetime
    name: str
    item: str | None = None
    amount: Decimal | None = None
    campaign: str | None = None
    currency: str | None = None
    outlet: str | None = None
    props: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Summary:
    """Purchases in figures; `total` is exact, in the organisation's currency, without the `apart` lines, which have no
    rate."""

    lines: int
    orders: int
    customers: int
    total: Decimal
    apart: int


@dataclass(frozen=True, slots=True)
class NewRate:
    """What one unit of `currency` was worth in the organisation's currency from `day` on; None takes it back."""

    day: date
    currency: str
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Apart:
    """Lines of purchases in a currency without a rate on their day: they count, but add nothing to any amount."""

    currency: str
    lines: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """The archive in figures; `damaged` names files that are missing or not what was written."""

    files: int
    rows: int
    damaged: list[str]


class ArchiveDamaged(Problem):
    """A file of the archive is missing or not what was written; `file` names it."""

    status = 500
    title = "The event archive is damaged"


class WarehouseBusy(Conflict):
    """Another process holds the warehouse file."""

    title = "The warehouse is in use by another process"


class Interrupted(Exception):
    """A question to the warehouse was stopped because nobody wants the answer any more."""


class WarehouseNotReady(Problem):
    """The tables are being filled from the beginning; no partial result is ever shown."""

    status = 503
    title = "The warehouse is not ready yet"
