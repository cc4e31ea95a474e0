"""Writing many customers' rows: executemany on SQLite, COPY on PostgreSQL. Values are what the driver takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.core import consents
from ceap.core.optout import opt_out
from ceap.core.sql import id_list, id_rows, moment, read_moment
from ceap.customers.actions.values import search_text
from ceap.customers.contracts import IDENTITY_FIELDS
from ceap.customers.models import Customer

_KEPT = (
    "version",
    "erased_at",
    "merged_into_id",
    "created_at",
    "updated_at",
    "created_by_id",
    "updated_by_id",
    "added_by",
)
_USERS = ("owner", "assignee")
DEFAULTS: dict[str, Any] = {
    f.name: None if f.null else False if f.name == "chatroom" else "{}" if f.name == "custom" else ""
    for f in Customer._meta.concrete_fields
    if f.attname not in (*_KEPT, "id")
}
NAMES = tuple(DEFAULTS)
COLUMNS = tuple(f"{name}_id" if name in _USERS else name for name in NAMES)


def owners(cursor: Any, vendor: str, kind: str, values: Sequence[str | None]) -> dict[str, int]:
    """Whom these identities of one kind name, of those that name somebody."""
    asked = [value for value in values if value]
    if not asked:
        return {}
    if vendor == "sqlite":
        cursor.execute(
            "SELECT value, customer_id FROM customers_identity WHERE kind = %s AND value IN "
            "(SELECT value FROM json_each(%s))",
            [kind, json.dumps(asked)],
        )
    else:
        cursor.execute(
            "SELECT value, customer_id FROM customers_identity WHERE kind = %s AND value = ANY(%s)", [kind, asked]
        )
    return dict(cursor.fetchall())


def present(cursor: Any, vendor: str, ids: Iterable[int], names: Iterable[str]) -> dict[int, dict[str, Any]]:
    """The customers' present values of `names`, identity and consent fields always among them; rows are held."""
    asked = sorted(ids)
    if not asked:
        return {}
    wanted = [
        name for name in NAMES
        if name in {*names, *IDENTITY_FIELDS, "custom", "marketing_opt_in", "marketing_opt_in_at", "full_name"}
    ]  # fmt: skip
    selected = ", ".join("custom::text" if n == "custom" and vendor == "postgresql" else column(n) for n in wanted)
    lock = " FOR UPDATE" if vendor == "postgresql" else ""
    cursor.execute(
        f"SELECT id, {selected} FROM customers_customer WHERE id IN {id_rows(vendor)}{lock}",
        [id_list(vendor, asked)],
    )
    return {row[0]: dict(zip(wanted, row[1:], strict=True)) for row in cursor.fetchall()}


def column(name: str) -> str:
    return f"{name}_id" if name in _USERS else name


def custom_over(old: str, new: str) -> str:
    """Custom values `new` over `old`, both JSON text; `old` itself when that changes nothing."""
    before, given = json.loads(old), json.loads(new)
    after = before | given
    return old if after == before else json.dumps(after, ensure_ascii=False)


class Changes:
    """Rows to be created and updated, written all at once by `write`."""

    def __init__(self, vendor: str, at: datetime, actor: Actor, source: str):
        self.vendor, self.at, self.actor, self.source = vendor, at, actor, source
        self.stamp = moment(vendor, at)
        self.created: list[tuple[Any, ...]] = []
        self.updated: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}

    def create_rows(self, given: dict[str, list[Any]], rows: Sequence[int]) -> None:
        """Create a customer for each of `rows` of the given columns."""
        picked = []
        for name in NAMES:
            default, source = DEFAULTS[name], given.get(name)
            if name == "marketing_opt_in_at":
                picked.append(self._consent_times(given, rows))
            elif source is None:
                picked.append([default] * len(rows))
            elif default is None:
                picked.append([source[row] for row in rows])
            else:
                picked.append([default if source[row] is None else source[row] for row in rows])
        self.created += zip(*picked, strict=True)

    def _consent_times(self, given: dict[str, list[Any]], rows: Sequence[int]) -> list[Any]:
        asked, times = given.get("marketing_opt_in"), given.get("marketing_opt_in_at")
        return [(times and times[row]) or (self.stamp if asked and asked[row] is not None else None) for row in rows]

    def create_people(self, people: Sequence[dict[str, Any]]) -> None:
        """Create customers from their values by name."""
        given = {name: [person.get(name) for person in people] for name in NAMES}
        self.create_rows(given, range(len(people)))

    def update(self, customer: int, before: dict[str, Any], after: dict[str, Any]) -> None:
        answered = after.get("marketing_opt_in") != before.get("marketing_opt_in")
        if answered and after.get("marketing_opt_in_at") == before.get("marketing_opt_in_at"):
            after["marketing_opt_in_at"] = self.stamp
        self.updated[customer] = (before, after)

    def write(self, cursor: Any) -> list[int]:
        """Write everything.

        Returns:
            The keys of all customers written.
        """
        ids = self._insert(cursor)
        self._update(cursor)
        return [*ids, *self.updated]

    def _insert(self, cursor: Any) -> list[int]:
        ids = _allocate(cursor, self.vendor, len(self.created))
        user, added_by = self.actor.user_id, self.source[:120]
        kept = (1, None, None, self.stamp, self.stamp, user, user, added_by)
        copy_in(
            cursor, self.vendor, "customers_customer", ("id", *COLUMNS, *_KEPT),
            ((key, *row, *kept) for key, row in zip(ids, self.created, strict=True)),
        )  # fmt: skip
        name = {
            each: NAMES.index(each)
            for each in ("full_name", *IDENTITY_FIELDS, "marketing_opt_in", "marketing_opt_in_at")
        }
        for kind in IDENTITY_FIELDS:
            at = name[kind]
            lower = kind == "email"
            identities = [
                (kind, row[at].lower() if lower else row[at], key, self.stamp, True)
                for key, row in zip(ids, self.created, strict=True)
                if row[at]
            ]
            identities.sort()  # in the order of the index: neighbours share its pages
            self._identities(cursor, identities)
        parts = [name["full_name"], name["email"], name["phone"], name["customer_id"]]
        copy_in(
            cursor, self.vendor, "customers_searchtext", ("customer_id", "text"),
            ((key, search_text(row[part] for part in parts)) for key, row in zip(ids, self.created, strict=True)),
        )  # fmt: skip
        opt, opt_at = name["marketing_opt_in"], name["marketing_opt_in_at"]
        said = [
            (key, bool(row[opt]), row[opt_at])
            for key, row in zip(ids, self.created, strict=True)
            if row[opt] is not None
        ]
        self._evidence(cursor, said)
        return ids

    def _when(self, value: Any) -> datetime:
        found = read_moment(value)
        return found.astimezone(UTC) if found else self.at

    def _evidence(self, cursor: Any, said: Sequence[tuple[int, bool, Any]]) -> None:
        if said:
            evidence = {"import": self.source, "by": self.actor.name, "at": self.at.isoformat()}
            consents.record(cursor, self.vendor, said, source="import", evidence=evidence)

    def _identities(self, cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
        names = ("kind", "value", "customer_id", "created_at", '"primary"')
        copy_in(cursor, self.vendor, "customers_identity", names, rows)

    def _update(self, cursor: Any) -> None:
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        removed, added, texts, said, withdrawn = [], [], [], [], []
        for customer, (before, after) in self.updated.items():
            changed = tuple(name for name, value in after.items() if before.get(name) != value)
            for kind in set(changed) & set(IDENTITY_FIELDS):
                removed.append((customer, kind))
                added.append(
                    (kind, after[kind].lower() if kind == "email" else after[kind], customer, self.stamp, True)
                )
            if set(changed) & {"full_name", *IDENTITY_FIELDS}:
                parts = (after[name] for name in ("full_name", "email", "phone", "customer_id"))
                texts.append((search_text(parts), customer))
            if "marketing_opt_in" in changed:
                if after["marketing_opt_in"] or before["marketing_opt_in"] is None:
                    said.append((customer, bool(after["marketing_opt_in"]), after["marketing_opt_in_at"]))
                else:
                    withdrawn.append((customer, self._when(after["marketing_opt_in_at"])))
                    changed = tuple(name for name in changed if name != "marketing_opt_in")
            by_columns.setdefault(changed, []).append((*(after[name] for name in changed), customer))
        tail = "updated_at = %s, updated_by_id = %s, version = version + 1 WHERE id = %s"
        for names, rows in by_columns.items():
            marks = "".join(
                f"{column(n)} = {'%s::jsonb' if n == 'custom' and self.vendor != 'sqlite' else '%s'}, " for n in names
            )
            cursor.executemany(
                f"UPDATE customers_customer SET {marks}{tail}",
                [(*row[:-1], self.stamp, self.actor.user_id, row[-1]) for row in rows],
            )
        if removed:
            cursor.executemany(
                'DELETE FROM customers_identity WHERE customer_id = %s AND kind = %s AND "primary"', removed
            )
            cursor.executemany(
                "DELETE FROM customers_identity WHERE kind = %s AND value = %s AND customer_id = %s",
                [row[:3] for row in added],
            )
            self._identities(cursor, sorted(added))
        if texts:
            cursor.executemany("UPDATE customers_searchtext SET text = %s WHERE customer_id = %s", texts)
        self._evidence(cursor, said)
        for customer, at in withdrawn:
            evidence = {"import": self.source, "by": self.actor.name}
            opt_out(
                cursor, self.vendor, customer_id=customer, channel="*", source="import", evidence=evidence, at=at,
                sync=False,
            )  # fmt: skip


def _allocate(cursor: Any, vendor: str, count: int) -> list[int]:
    """New keys, dense on SQLite, where this transaction is the only writer."""
    if not count:
        return []
    if vendor == "postgresql":
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]
    cursor.execute(
        "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'customers_customer'), 0), "
        "coalesce((SELECT max(id) FROM customers_customer), 0))"
    )
    last = cursor.fetchone()[0]
    return list(range(last + 1, last + count + 1))


def copy_in(cursor: Any, vendor: str, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows the fastest way the store has."""
    listed = ", ".join(names)
    if vendor == "postgresql":
        with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join(["%s"] * len(names))
        cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)
