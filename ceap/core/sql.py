"""How values are written in raw SQL on either store, the way Django writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

Vendor = Literal["sqlite", "postgresql"]

# Whoever takes away a permission to send holds this PostgreSQL advisory lock exclusively, whoever moves deliveries to
# `sending` holds it shared: the two never overlap. SQLite has one writer at a time anyway.
SEND_LOCK = 7_230_002


@lru_cache(maxsize=1_024)  # the same text each time: its hash, which drivers look statements up by, is worked out once
def statement(vendor: str, sql: str) -> str:
    """`sql` (placeholders `%s`) as the driver of `vendor` takes it."""
    return sql.replace("%s", "?") if vendor == "sqlite" else sql


def moment(vendor: str, at: datetime | None) -> Any:
    """An aware datetime as a parameter."""
    if at is None or vendor != "sqlite":
        return at
    return str(at.astimezone(UTC).replace(tzinfo=None))


def read_moment(value: Any) -> datetime | None:
    """A datetime column of a raw row, aware in UTC."""
    if value is None or value == "":
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def uid(vendor: str, value: UUID | str) -> Any:
    """A UUID as a parameter."""
    value = value if isinstance(value, UUID) else UUID(value)
    return value.hex if vendor == "sqlite" else value


def id_list(vendor: str, ids: Iterable[int]) -> Any:
    """Whole numbers as one parameter for `id_rows`."""
    return json.dumps(list(ids)) if vendor == "sqlite" else list(ids)


def id_rows(vendor: str) -> str:
    """A FROM item with one column `value`: the numbers of one `id_list` parameter."""
    if vendor == "sqlite":
        return "(SELECT value FROM json_each(%s))"
    return "(SELECT unnest(%s::bigint[]) AS value)"


def text_list(vendor: str, texts: Iterable[str]) -> Any:
    """Texts as one parameter for `text_rows`."""
    return json.dumps(list(texts)) if vendor == "sqlite" else list(texts)


def text_rows(vendor: str) -> str:
    """A FROM item with one column `value`: the texts of one `text_list` parameter."""
    if vendor == "sqlite":
        return "(SELECT value FROM json_each(%s))"
    return "(SELECT unnest(%s::text[]) AS value)"


def exclude_senders(cursor: Any, vendor: str) -> None:
    """Hold off every move to `sending` until this transaction ends (PostgreSQL; SQLite has one writer anyway)."""
    if vendor == "postgresql":
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEND_LOCK])


def exclude_withdrawals(cursor: Any, vendor: str) -> None:
    """Hold off opt-outs, suppressions, pauses and cancels until this transaction ends; must be its first statement."""
    if vendor == "postgresql":
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [SEND_LOCK])


def pair_list(vendor: str, pairs: Iterable[tuple[int, str]]) -> Any:
    """(number, text) pairs as one parameter for `pair_rows`."""
    return json.dumps([list(pair) for pair in pairs])


def pair_rows(vendor: str) -> str:
    """A FROM item with the columns `a` (number) and `b` (text) of one `pair_list` parameter."""
    if vendor == "sqlite":
        return "(SELECT value ->> 0 AS a, value ->> 1 AS b FROM json_each(%s))"
    return "(SELECT (p ->> 0)::bigint AS a, p ->> 1 AS b FROM jsonb_array_elements(%s::jsonb) AS p)"


def insert_many(
    cursor: Any,
    vendor: str,
    table: str,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    constants: Mapping[str, Any] | None = None,
) -> None:
    """Insert rows the fastest way the store has: COPY, or executemany with what is the same in every row written into
    the statement (binding a parameter costs SQLite more than storing it). The cursor is Django's.
    """
    same = constants or {}
    listed = ", ".join([*names, *same])
    if vendor == "postgresql":
        with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
            rest = tuple(same.values())
            for row in rows:
                copy.write_row((*row, *rest))
        return
    values = ", ".join([*["%s"] * len(names), *(literal(value) for value in same.values())])
    cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({values})", rows)


def literal(value: str | int | None) -> str:
    """A value as text of a Django statement for SQLite."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(int(value))
    if "\0" in value:
        raise ValueError("text with a NUL character cannot be written into a statement")
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"
