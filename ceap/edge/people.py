"""Customers as the data plane sees them: found by any identity, made when a key may, shown by one row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ceap.core import changelog
from ceap.core.sql import Vendor, moment, statement

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
_COLUMNS = ", ".join(f"c.{name}" for name in SHOWN)
BY_IDENTITY = (
    f"SELECT {_COLUMNS}, c.merged_into_id, c.erased_at FROM customers_identity i "
    "JOIN customers_customer c ON c.id = i.customer_id WHERE i.kind = %s AND i.value = %s"
)
BY_ID = f"SELECT {_COLUMNS}, c.merged_into_id, c.erased_at FROM customers_customer c WHERE c.id = %s"


# Who somebody is now, and no more.
_NAME = "c.id, c.full_name, c.merged_into_id, c.erased_at"
NAME_BY_IDENTITY = (
    f"SELECT {_NAME} FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id "
    "WHERE i.kind = %s AND i.value = %s"
)
NAME_BY_ID = f"SELECT {_NAME} FROM customers_customer c WHERE c.id = %s"


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


def shown(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `BY_IDENTITY` or `BY_ID` as the API gives it out: times with their zone, decimals as text."""
    answer = dict(zip(SHOWN, row, strict=False))
    if isinstance(answer["custom"], str):
        answer["custom"] = json.loads(answer["custom"])
    for name in ("created_at", "updated_at"):
        if isinstance(answer[name], str):
            answer[name] = f"{answer[name].replace(' ', 'T')}Z"
    for name in ("balance_available", "balance_pending", "lifetime_earned"):
        if answer[name] is not None:
            answer[name] = str(answer[name])
    if answer["marketing_opt_in"] is not None:
        answer["marketing_opt_in"] = bool(answer["marketing_opt_in"])
    return answer
