"""Customers as the data plane sees them: found by any identity, made when a key may, shown by one row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ceap.core import changelog
from ceap.core.sql import Vendor, moment, statement
from ceap.edge.requests import encode

_MERGES = 10  # a customer merged into one that was merged … this often at most


def resolve(cursor: Any, vendor: Vendor, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The customers that these identities name now (after merges); unknown and erased ones are left out."""
    wanted: dict[str, list[str]] = {}
    for kind, value in set(identities):
        wanted.setdefault(kind, []).append(value)
    found: dict[tuple[str, str], int] = {}
    merged: dict[int, int] = {}
    for kind, values in wanted.items():
        marks = ", ".join(["%s"] * len(values))
        if kind == "id":
            sql = f"SELECT id, id, merged_into_id, erased_at FROM customers_customer WHERE id IN ({marks})"
        else:
            sql = (
                "SELECT i.value, c.id, c.merged_into_id, c.erased_at FROM customers_identity i "
                f"JOIN customers_customer c ON c.id = i.customer_id WHERE i.kind = '{kind}' AND i.value IN ({marks})"
            )
        cursor.execute(statement(vendor, sql), [int(v) for v in values] if kind == "id" else values)
        given = {str(int(value)): value for value in values} if kind == "id" else {}
        for value, id, into, erased in cursor.fetchall():
            if into is not None:
                merged[id] = into
            if erased is None:
                found[kind, given.get(str(value), str(value))] = id
    return {who: follow(cursor, vendor, id, merged) for who, id in found.items()}


def follow(cursor: Any, vendor: Vendor, id: int, merged: dict[int, int] | None = None) -> int:
    """The customer that `id` is now, after merges."""
    for _ in range(_MERGES):
        if merged is not None:
            if id not in merged:
                return id
            id = merged[id]
        cursor.execute(statement(vendor, "SELECT merged_into_id FROM customers_customer WHERE id = %s"), [id])
        row = cursor.fetchone()
        if row is None or row[0] is None:
            return id
        id, merged = row[0], None
    return id


_EMPTY_TEXT = (
    "full_name", "phone", "email", "usernames", "job_title", "sex", "street", "city", "province", "postal_code",
    "country", "time_zone", "language", "source", "status", "bsuid", "marketing_opt_in_business", "current_tier",
    "reward_name", "reward_status",
)  # fmt: skip


def create(cursor: Any, vendor: Vendor, kind: str, value: str, *, added_by: str, at: datetime) -> int:
    """A new customer with one identity; the change log says so. Returns the customer's id."""
    row: dict[str, Any] = dict.fromkeys(_EMPTY_TEXT, "")
    row |= {"chatroom": False, "custom": "{}", "version": 1, "added_by": added_by[:120]}
    row["created_at"] = row["updated_at"] = moment(vendor, at)
    if kind in ("email", "phone"):
        row[kind] = value
    if kind == "customer_id":
        row["customer_id"] = value[:120]
    marks = ", ".join("%s::jsonb" if name == "custom" and vendor == "postgresql" else "%s" for name in row)
    cursor.execute(
        statement(vendor, f"INSERT INTO customers_customer ({', '.join(row)}) VALUES ({marks}) RETURNING id"),
        list(row.values()),
    )
    id = int(cursor.fetchone()[0])
    field = kind in ("email", "phone", "customer_id")  # the identity is the value of the field of that name
    cursor.execute(
        statement(
            vendor,
            'INSERT INTO customers_identity (customer_id, kind, value, "primary", created_at) '
            "VALUES (%s, %s, %s, %s, %s)",
        ),
        [id, kind, value, field, moment(vendor, at)],
    )
    cursor.execute(
        statement(vendor, "INSERT INTO customers_searchtext (customer_id, text) VALUES (%s, %s)"),
        [id, value.lower() if field else ""],
    )
    changelog.customers_changed(cursor, [id], vendor)
    return id


# What a site may know about its customer: no notes, no owners, no evidence.
SHOWN = (
    "id", "customer_id", "full_name", "email", "phone", "language", "time_zone", "city", "province", "country",
    "source", "status", "current_tier", "reward_name", "reward_status", "balance_available", "balance_pending",
    "lifetime_earned", "marketing_opt_in", "custom", "created_at", "updated_at",
)  # fmt: skip
_MOMENTS = ("created_at", "updated_at")
_AMOUNTS = ("balance_available", "balance_pending", "lifetime_earned")


def _in_json(name: str) -> str:
    """A column as SQLite writes it into the answer's JSON, which takes half as long as 22 values and an encoder."""
    column = f"c.{name}"
    if name in _MOMENTS:
        return f"replace({column}, ' ', 'T') || 'Z'"
    if name in _AMOUNTS:  # 15 digits, or 17 where they are not enough
        text = f"CAST({column} AS TEXT)"
        return (
            f"CASE WHEN {column} IS NULL THEN NULL WHEN CAST({text} AS REAL) = {column} THEN {text} "
            f"ELSE printf('%!.17g', {column}) END"
        )
    if name == "marketing_opt_in":
        return f"json(CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
    return f"json({column})" if name == "custom" else column


def _by(columns: str) -> tuple[str, str]:
    """The questions for columns of a customer: by number, and by kind and value of an identity. After the columns come
    merged_into_id and erased_at."""
    columns = f"{columns}, c.merged_into_id, c.erased_at"
    by_identity = "customers_identity i JOIN customers_customer c ON c.id = i.customer_id WHERE i.kind = %s"
    return (
        f"SELECT {columns} FROM customers_customer c WHERE c.id = %s",
        f"SELECT {columns} FROM {by_identity} AND i.value = %s",
    )


_PAIRS = ", ".join(f"'{name}', {_in_json(name)}" for name in SHOWN)
SHOWN_BY: dict[Vendor, tuple[str, str]] = {
    "sqlite": _by(f"json_object({_PAIRS})"),
    "postgresql": _by(", ".join(f"c.{name}" for name in SHOWN)),
}


# Who somebody is now, and no more.
NAME_BY = _by("c.id, c.full_name")


def unknown(kind: str, value: str) -> str:
    """What is said when an identity names nobody."""
    return f"There is no customer with the {kind} “{value}”."


def names(cursor: Any, vendor: Vendor, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
    """The id and name of the customers that these identities name now; unknown and erased ones are left out."""
    found = resolve(cursor, vendor, identities)
    if not found:
        return {}
    ids = sorted(set(found.values()))
    marks = ", ".join(["%s"] * len(ids))
    sql = f"SELECT id, full_name FROM customers_customer WHERE id IN ({marks}) AND erased_at IS NULL"
    cursor.execute(statement(vendor, sql), ids)
    named = dict(cursor.fetchall())
    return {who: (id, named[id]) for who, id in found.items() if id in named}


def shown(row: tuple[Any, ...]) -> bytes:
    """A row of `SHOWN_BY` as the API gives it out, JSON: times with their zone, decimals as text."""
    if isinstance(row[0], str):
        return row[0].encode()
    answer = dict(zip(SHOWN, row, strict=False))
    for name in _AMOUNTS:
        if answer[name] is not None:
            answer[name] = str(answer[name])
    return encode(answer)
