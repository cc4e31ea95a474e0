"""Append to the change log, inside the caller's transaction: pure SQL, for Django and raw cursors alike.

Kinds and payloads:

* "event": name, customer and `event()`'s payload; `dedupe` is the client's event id.
* "purchase": customer and `purchase()`'s payload, one order with its lines.
* "customers", "items": `{"ids": [[first, last], …]}`: these rows of the store changed; readers read them as they are.
* "fields": `{}`: the custom fields changed.
* "rates": `{"since": {currency: day}}`: rates of currencies changed, from a day on (null: the organisation's currency).
* "batch": `{"file", "sha256", "rows", "table"}`: a checksummed Parquet file of the archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from ceap.kit.clock import now

TABLE = "events_entry"
_COLUMNS = "seq, at, kind, name, customer, dedupe, payload"
_ROWS_A_STATEMENT = 400  # 7 values a row, far below SQLite's 32,766 parameters
_RANGES_AN_ENTRY = 5_000
_encode = msgspec.json.Encoder(decimal_format="string").encode


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be appended. `at` is when it was accepted (aware; default: now)."""

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    customer: int | None = None
    dedupe: str | None = None
    at: datetime | None = None


def event(
    name: str,
    customer: int | None,
    *,
    at: datetime | None = None,
    item: str | None = None,
    amount: Decimal | None = None,
    campaign: str | None = None,
    props: Mapping[str, Any] | None = None,
    dedupe: str | None = None,
) -> NewEntry:
    """The entry of one event; `at` is when it happened (default: when it is accepted)."""
    payload: dict[str, Any] = {"at": at and at.isoformat(), "item": item, "amount": amount and str(amount)}
    payload |= {"campaign": campaign, "props": props}
    return NewEntry("event", {k: v for k, v in payload.items() if v is not None}, name, customer, dedupe)


def purchase(
    order_id: str,
    customer: int | None,
    lines: Sequence[Mapping[str, Any]],
    *,
    at: datetime | None = None,
    currency: str | None = None,
    outlet: str | None = None,
    props: Mapping[str, Any] | None = None,
    dedupe: str | None = None,
) -> NewEntry:
    """The entry of one order.

    A line has `quantity` and `unit_price` (exact: Decimal or text) and may have `key` (unique for ever), `item`,
    `item_name`, `category`, `amount` (default: quantity × unit_price).
    """
    payload: dict[str, Any] = {"order": order_id, "lines": list(lines), "at": at and at.isoformat()}
    payload |= {"currency": currency, "outlet": outlet, "props": props}
    return NewEntry("purchase", {k: v for k, v in payload.items() if v is not None}, "purchase", customer, dedupe)


def append(cursor: Any, entries: Iterable[NewEntry], vendor: str) -> list[int | None]:
    """Append entries in order, in the caller's transaction.

    Args:
        cursor: of Django, pysqlite3 or psycopg; on SQLite the transaction must already hold the write lock
            (`BEGIN IMMEDIATE`).
        vendor: "sqlite" or "postgresql".

    Returns:
        For each entry its `seq`, or None when an entry with the same `dedupe` key was there before (or earlier in
        `entries`). Entries become readable when the caller's transaction has been committed.
    """
    batch = list(entries)
    if not batch:
        return []
    write = _append_postgresql if vendor == "postgresql" else _append_sqlite
    return write(cursor, batch)


def insert_events(
    vendor: str, name: str, *, at: datetime, campaign: str, customer: str, prop: str, value: str
) -> tuple[str, list[Any]]:
    """SQL that appends an event for each row of the FROM clause that the caller adds, and its parameters: for many
    events that differ only in their customer and one number among their props (the columns `customer` and `value`).
    """
    head = _json({"at": at.isoformat(), "campaign": campaign, "props": {}}).removesuffix("}}") + f'"{prop}":'
    columns = f"INSERT INTO {TABLE} (at, kind, name, customer, payload) SELECT "
    if vendor == "postgresql":
        row = f"%s::timestamptz, 'event', %s::text, {customer}, (%s || {value}::text || '}}}}')::jsonb"
    else:
        row = f"%s, 'event', %s, {customer}, %s || {value} || '}}}}'"
    when = at if vendor == "postgresql" else str(at.astimezone(UTC).replace(tzinfo=None))
    return columns + row, [when, name, head]


def customers_changed(cursor: Any, ids: Iterable[int], vendor: str) -> None:
    """Say that these customers' rows were written, so that every reader reads them again."""
    _rows_changed(cursor, "customers", ids, vendor)


def items_changed(cursor: Any, ids: Iterable[int], vendor: str) -> None:
    """Say that these catalogue items' rows were written."""
    _rows_changed(cursor, "items", ids, vendor)


def fields_changed(cursor: Any, vendor: str) -> None:
    """Say that the custom fields changed."""
    append(cursor, [NewEntry("fields")], vendor)


def rates_changed(cursor: Any, since: Mapping[str, str | None], vendor: str) -> None:
    """Say that rates of these currencies changed, each from a day (ISO) on; None: all of them."""
    append(cursor, [NewEntry("rates", {"since": dict(since)})], vendor)


def ranges(ids: Iterable[int]) -> list[list[int]]:
    """Ids as sorted inclusive ranges: {1, 2, 3, 7} → [[1, 3], [7, 7]]."""
    found: list[list[int]] = []
    for i in sorted(set(ids)):
        if found and found[-1][1] == i - 1:
            found[-1][1] = i
        else:
            found.append([i, i])
    return found


def _rows_changed(cursor: Any, kind: str, ids: Iterable[int], vendor: str) -> None:
    found = ranges(ids)
    parts = [found[i : i + _RANGES_AN_ENTRY] for i in range(0, len(found), _RANGES_AN_ENTRY)]
    append(cursor, [NewEntry(kind, {"ids": part}) for part in parts], vendor)


def _json(payload: Mapping[str, Any]) -> str:
    text = _encode(payload).decode()
    if "\\u0000" in text:  # PostgreSQL's JSON refuses NUL characters
        text = _encode(_without_nul(payload)).decode()
    return text


def _text(value: str | None) -> str | None:
    return value.replace("\0", "") if value else value


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, Mapping):
        return {_without_nul(k): _without_nul(v) for k, v in value.items()}
    return [_without_nul(v) for v in value] if isinstance(value, list | tuple) else value


def _append_sqlite(cursor: Any, batch: list[NewEntry]) -> list[int | None]:
    raw = type(cursor).__module__.partition(".")[0] in ("pysqlite3", "sqlite3", "_sqlite3")
    mark = "?" if raw else "%s"
    cursor.execute(f"SELECT seq FROM sqlite_sequence WHERE name = '{TABLE}'")
    last = cursor.fetchone()
    seq, moment = (last[0] if last else 0), now()
    kept: set[int] = set()
    row = "(" + ", ".join([mark] * 7) + ")"
    result: list[int | None] = []
    for start in range(0, len(batch), _ROWS_A_STATEMENT):
        part = batch[start : start + _ROWS_A_STATEMENT]
        values: list[Any] = []
        for e in part:
            seq += 1
            at = str((e.at or moment).astimezone(UTC).replace(tzinfo=None))
            values += (seq, at, e.kind, _text(e.name), e.customer, _text(e.dedupe), _json(e.payload))
            result.append(seq)
        cursor.execute(
            f"INSERT INTO {TABLE} ({_COLUMNS}) VALUES {', '.join([row] * len(part))} "
            "ON CONFLICT (dedupe) DO NOTHING RETURNING seq",
            values,
        )
        kept.update(r[0] for r in cursor.fetchall())
    return [s if s in kept else None for s in result]


def _append_postgresql(cursor: Any, batch: list[NewEntry]) -> list[int | None]:
    cursor.execute(
        f"SELECT nextval(pg_get_serial_sequence('{TABLE}', 'seq')) FROM generate_series(1, %s)", [len(batch)]
    )
    seqs = [int(r[0]) for r in cursor.fetchall()]
    moment = now()
    # Sorted by key: two batches with the same keys wait for each other instead of locking each other out.
    rows = sorted(zip(seqs, batch, strict=True), key=lambda pair: (pair[1].dedupe or "", pair[0]))
    cursor.execute(
        f"INSERT INTO {TABLE} ({_COLUMNS}) SELECT s, a, k, n, c, d, p::jsonb FROM unnest(%s::bigint[], "
        "%s::timestamptz[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[]) AS u(s, a, k, n, c, d, p) "
        "ON CONFLICT (dedupe) DO NOTHING RETURNING seq",
        [
            [s for s, _ in rows], [e.at or moment for _, e in rows], [e.kind for _, e in rows],
            [_text(e.name) for _, e in rows], [e.customer for _, e in rows], [_text(e.dedupe) for _, e in rows],
            [_json(e.payload) for _, e in rows],
        ],
    )  # fmt: skip
    kept = {int(r[0]) for r in cursor.fetchall()}
    return [s if s in kept else None for s in seqs]
