"""Rows of the store as Arrow: customers and catalogue items, straight from the tables, in chunks of flat memory."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from ceap.customers.contracts import DEFAULT_FIELDS, FieldType
from ceap.events.contracts import ITEMS

log = logging.getLogger("ceap.events")
CHUNK = 20_000
TYPES: dict[FieldType, pa.DataType] = dict.fromkeys(FieldType, pa.string()) | {
    FieldType.MULTIPLE: pa.list_(pa.string()),
    FieldType.NUMBER: pa.float64(),
    FieldType.DATE: pa.date32(),
    FieldType.DATETIME: pa.timestamp("us"),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.USER: pa.int64(),
}
_COLUMNS: dict[str, FieldType] = {f.column: f.type for f in DEFAULT_FIELDS} | {
    "bsuid": FieldType.TEXT,
    "chatroom": FieldType.BOOLEAN,
}


@dataclass(frozen=True)
class Chunk:
    """Some customers as they are now.

    rows: those who are customers (table "customers"); merged: [(key, key of the one merged into)]; erased: keys.
    """

    rows: pa.Table
    merged: list[tuple[int, int]]
    erased: list[int]


def custom_fields() -> dict[str, FieldType]:
    """Key → type of every custom field, retired ones too: their columns stay, so that taking one back loses nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, type FROM customers_customfield")
        return {key: FieldType(type) for key, type in cursor.fetchall()}


def customers_schema(fields: dict[str, FieldType]) -> pa.Schema:
    """The columns of the warehouse's table "customers"."""
    own = [(f"c_{key}", TYPES[type]) for key, type in sorted(fields.items())]
    return pa.schema([("id", pa.int64()), *((name, TYPES[type]) for name, type in _COLUMNS.items()), *own])


def has_values(key: str) -> bool:
    """Whether any customer has a value of custom field `key`."""
    if connection.vendor == "postgresql":
        sql, value = "SELECT 1 FROM customers_customer WHERE jsonb_exists(custom, %s) LIMIT 1", key
    else:
        sql = "SELECT 1 FROM customers_customer WHERE json_type(custom, %s) IS NOT NULL LIMIT 1"
        value = f'$."{key}"'
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        return cursor.fetchone() is not None


def customers(ids: Sequence[int] | None, fields: dict[str, FieldType]) -> Iterator[Chunk]:
    """The customers `ids` (None: everybody) as they are now; keys that do not exist are left out."""
    names = list(_COLUMNS)
    picked = [_expression(f"{n}_id" if t is FieldType.USER else n, t) for n, t in _COLUMNS.items()]
    sql = f"SELECT id, merged_into_id, {_iso('erased_at')}, custom, {', '.join(picked)} FROM customers_customer"
    for rows in _rows(sql, ids):
        live = [r for r in rows if r[1] is None and r[2] is None]
        columns: dict[str, pa.Array] = {"id": pa.array([r[0] for r in live], pa.int64())}
        for i, name in enumerate(names, 4):
            columns[name] = _column([r[i] for r in live], _COLUMNS[name])
        if fields:
            own = [msgspec.json.decode(r[3]) if r[3] and r[3] != "{}" else {} for r in live]
            for key, type in fields.items():
                columns[f"c_{key}"] = _custom(key, type, own)
        yield Chunk(
            pa.table(columns),
            [(r[0], r[1]) for r in rows if r[1] is not None],
            [r[0] for r in rows if r[1] is None and r[2] is not None],
        )


def items(ids: Sequence[int] | None) -> Iterator[pa.Table]:
    """The catalogue's items `ids` (None: all) as they are now."""
    price = "price::text" if connection.vendor == "postgresql" else "iif(price IS NULL, NULL, printf('%%.4f', price))"
    sql = f"SELECT id, kind, key, name, category, {price} FROM catalog_item"
    for rows in _rows(sql, ids):
        columns = [pa.array(column) if any(column) else None for column in zip(*rows, strict=True)]
        arrays = [
            pa.nulls(len(rows), f.type) if values is None else _nulled(values).cast(f.type)
            for f, values in zip(ITEMS, columns, strict=True)
        ]
        yield pa.table(arrays, schema=ITEMS)


def merges() -> dict[int, int]:
    """Merged customer → the one it was merged into (one step)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, merged_into_id FROM customers_customer WHERE merged_into_id IS NOT NULL")
        return dict(cursor.fetchall())


def erased() -> list[int]:
    """Erased customers who were not merged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM customers_customer WHERE erased_at IS NOT NULL AND merged_into_id IS NULL")
        return [row[0] for row in cursor.fetchall()]


def _rows(sql: str, ids: Sequence[int] | None) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of `sql` (first column: id) in chunks, by key."""
    values: list[Any]
    postgresql, last, start = connection.vendor == "postgresql", 0, 0
    while True:
        if ids is None:
            where, values = "id > %s ORDER BY id LIMIT %s", [last, CHUNK]
        else:
            part, start = list(ids[start : start + CHUNK]), start + CHUNK
            if not part:
                return
            where = "id = ANY(%s)" if postgresql else "id IN (SELECT value FROM json_each(%s))"
            where, values = f"{where} ORDER BY id", [part] if postgresql else [json.dumps(part)]
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} WHERE {where}", values)
            rows = cursor.fetchall()
        if rows:
            last = rows[-1][0]
            yield rows
        elif ids is None:
            return


def _iso(column: str) -> str:
    """A moment as text in UTC (and no Python conversion for each value on SQLite)."""
    if connection.vendor == "postgresql":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"CAST({column} AS TEXT)"


def _expression(column: str, type: FieldType) -> str:
    if type is FieldType.DATETIME:
        return _iso(column)
    if type is FieldType.DATE:
        return f"CAST({column} AS TEXT)"
    if type is FieldType.NUMBER:
        return f"CAST({column} AS DOUBLE PRECISION)"
    return f"+{column}" if type is FieldType.BOOLEAN and connection.vendor == "sqlite" else column


def _column(values: list[Any], type: FieldType) -> pa.Array:
    """A default field's values, as the store keeps them."""
    if type is FieldType.BOOLEAN:
        return pa.array([None if v is None else bool(v) for v in values], pa.bool_())
    if type in (FieldType.DATE, FieldType.DATETIME):
        return pa.array(values, pa.string()).cast(TYPES[type])
    return _nulled(pa.array(values, TYPES[type]))


def _nulled(values: pa.Array) -> pa.Array:
    """Text "" as null."""
    if not pa.types.is_string(values.type):
        return values
    return pc.if_else(pc.equal(values, ""), None, values)


def _custom(key: str, type: FieldType, rows: Iterable[dict[str, Any]]) -> pa.Array:
    """A custom field's values; what is not of its type becomes null, and the log says how often."""
    read: Callable[[Any], Any] = _READERS.get(type, _text)
    values = [row.get(key) for row in rows]
    if read is _text:
        with suppress(pa.ArrowTypeError):  # not all of them are texts
            return _nulled(pa.array(values, pa.string()))
    found: list[Any] = []
    bad = 0
    for value in values:
        try:
            found.append(None if value is None or value in ("", [], {}) else read(value))
        except (ValueError, TypeError, OverflowError):
            found.append(None)
            bad += 1
    if bad:
        log.warning("custom field %s: %d values are not of type %s and are empty in the warehouse", key, bad, type)
    return pa.array(found, TYPES[type])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _signature(value: Any) -> str:
    """A signature as text; one without a picture or a moment of signing is none."""
    if not (isinstance(value, dict) and value.get("file") and value.get("signed_at")):
        raise ValueError
    return _text(value)


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value):
        raise TypeError
    return int(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _texts(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [_text(value)]


_READERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: lambda value: date.fromisoformat(value[:10]),
    FieldType.DATETIME: _moment,
    FieldType.MULTIPLE: _texts,
    FieldType.USER: _whole,
    FieldType.SIGNATURE: _signature,
}
