"""Writing many customers' rows: executemany on SQLite, COPY on PostgreSQL. Values are what the driver takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.core import addresses, consents
from ceap.core.optout import opt_out, withdraw
from ceap.core.sql import id_list, id_rows, insert_many, moment, read_moment
from ceap.customers.actions.channels import LONGEST_WORD
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
    """The customers' present values of `names`, in the form of parameters, so that equal ones compare equal; identity
    and consent fields are always among them; rows are held."""
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
    as_given = _as_parameter if vendor == "sqlite" else lambda value: value
    return {row[0]: dict(zip(wanted, map(as_given, row[1:]), strict=True)) for row in cursor.fetchall()}


def _as_parameter(value: Any) -> Any:
    """What SQLite's driver read, as `stored.columns` gives it: dates and moments as text, 15 digits of a number."""
    if isinstance(value, float):
        return float(f"{value:.15g}")
    return str(value) if isinstance(value, date) else value


def column(name: str) -> str:
    return f"{name}_id" if name in _USERS else name


def custom_over(old: str, new: str) -> str:
    """Custom values `new` over `old`, both JSON text; `old` itself when that changes nothing."""
    before, given = json.loads(old), json.loads(new)
    after = before | given
    return old if after == before else json.dumps(after, ensure_ascii=False)


@dataclass(frozen=True)
class Created:
    """New customers: the columns in which they differ, by field name."""

    columns: dict[str, list[Any]]
    size: int
    words: Sequence[Any] = ()  # what each said of consent, as it was written


class Changes:
    """Rows to be created and updated, written all at once by `write`."""

    def __init__(self, vendor: str, at: datetime, actor: Actor, source: str, *, dry: bool = False):
        """dry: all of it is taken back, so the journal of opt-outs, which stays, is not written."""
        self.dry = dry
        self.vendor, self.at, self.actor, self.source = vendor, at, actor, source
        self.stamp = moment(vendor, at)
        self.created: list[Created] = []
        self.updated: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
        self.words: dict[int, Any] = {}

    def create_rows(self, given: dict[str, list[Any]], rows: Sequence[int], words: Sequence[Any] = ()) -> None:
        """Create a customer for each of `rows` of the given columns; `words`: of consent, as each was written."""
        if not rows:
            return
        columns: dict[str, list[Any]] = {}
        for name, source in given.items():
            default = DEFAULTS[name]
            if default is None:
                columns[name] = [source[row] for row in rows]
            else:
                columns[name] = [default if source[row] is None else source[row] for row in rows]
        if "marketing_opt_in" in given:
            columns["marketing_opt_in_at"] = self._consent_times(given, rows)
        self.created.append(Created(columns, len(rows), words))

    def _consent_times(self, given: dict[str, list[Any]], rows: Sequence[int]) -> list[Any]:
        asked, times = given.get("marketing_opt_in"), given.get("marketing_opt_in_at")
        return [(times and times[row]) or (self.stamp if asked and asked[row] is not None else None) for row in rows]

    def create_people(self, people: Sequence[dict[str, Any]], words: Sequence[Any]) -> None:
        """Create customers from their values by name."""
        names = [name for name in NAMES if any(person.get(name) is not None for person in people)]
        given = {name: [person.get(name) for person in people] for name in names}
        self.create_rows(given, range(len(people)), words)

    def update(self, customer: int, before: dict[str, Any], after: dict[str, Any], word: Any = None) -> None:
        answered = after.get("marketing_opt_in") != before.get("marketing_opt_in")
        if answered and after.get("marketing_opt_in_at") == before.get("marketing_opt_in_at"):
            after["marketing_opt_in_at"] = self.stamp
        self.updated[customer] = (before, after)
        self.words[customer] = word

    def write(self, cursor: Any) -> list[int]:
        """Write everything.

        Returns:
            The keys of all customers written.
        """
        self._release(cursor)
        ids = self._insert(cursor)
        self._update(cursor)
        return [*ids, *self.updated]

    def _release(self, cursor: Any) -> None:
        """Take away the names that updated customers no longer have: others written here may get them."""
        gone = [
            (customer, kind)
            for customer, (before, after) in self.updated.items()
            for kind in IDENTITY_FIELDS
            if before.get(kind) != after.get(kind)
        ]
        renamed = [(customer,) for customer, kind in gone if kind == "customer_id"]
        if renamed:
            cursor.executemany("UPDATE customers_customer SET customer_id = NULL WHERE id = %s", renamed)
        if gone:
            cursor.executemany(
                'DELETE FROM customers_identity WHERE customer_id = %s AND kind = %s AND "primary"', gone
            )

    def _insert(self, cursor: Any) -> list[int]:
        ids = _allocate(cursor, self.vendor, sum(each.size for each in self.created))
        start = 0
        for each in self.created:
            self._insert_these(cursor, each, ids[start : start + each.size])
            start += each.size
        return ids

    def _insert_these(self, cursor: Any, made: Created, ids: Sequence[int]) -> None:
        user = self.actor.user_id
        same = {column(name): default for name, default in DEFAULTS.items() if name not in made.columns}
        same |= {
            "version": 1, "erased_at": None, "merged_into_id": None, "created_at": self.stamp, "updated_at": self.stamp,
            "created_by_id": user, "updated_by_id": user, "added_by": self.source[:120],
        }  # fmt: skip
        names = ("id", *map(column, made.columns))
        rows = zip(ids, *made.columns.values(), strict=True)
        insert_many(cursor, self.vendor, "customers_customer", names, rows, same)
        for kind in IDENTITY_FIELDS:
            if values := made.columns.get(kind):
                lower = kind == "email"
                # In the order of the index: neighbours share its pages.
                named = sorted(
                    (addresses.email(v) if lower else v, key) for v, key in zip(values, ids, strict=True) if v
                )
                self._identities(cursor, kind, named)
        parts = [made.columns[n] for n in ("full_name", "email", "phone", "customer_id") if n in made.columns]
        texts = ((key, search_text(words)) for key, *words in zip(ids, *parts, strict=True))
        insert_many(cursor, self.vendor, "customers_searchtext", ("customer_id", "text"), texts)
        if asked := made.columns.get("marketing_opt_in"):
            times = made.columns["marketing_opt_in_at"]
            said = zip(ids, asked, times, strict=True)
            self.words |= zip(ids, made.words, strict=True) if made.words else ()
            self._evidence(cursor, [(key, bool(answer), at) for key, answer, at in said if answer is not None])

    def _when(self, value: Any) -> datetime:
        found = read_moment(value)
        return found.astimezone(UTC) if found else self.at

    def _evidence(self, cursor: Any, said: Sequence[tuple[int, bool, Any]]) -> None:
        by_word: dict[str, list[tuple[int, bool, Any]]] = {}
        for one in said:
            by_word.setdefault(self._word(one[0]), []).append(one)
        for word, these in by_word.items():
            evidence = {"import": self.source, "by": self.actor.name, "at": self.at.isoformat()}
            consents.record(cursor, self.vendor, these, source="import", evidence=evidence | _said(word))

    def _word(self, customer: int) -> str:
        """What stood in the column of consent, as it was written."""
        word = self.words.get(customer)
        return "" if word is None else str(word).strip()[:LONGEST_WORD]

    def _identities(self, cursor: Any, kind: str, named: Sequence[tuple[str, int]]) -> None:
        same = {"kind": kind, "created_at": self.stamp, '"primary"': True}
        insert_many(cursor, self.vendor, "customers_identity", ("value", "customer_id"), named, same)

    def _update(self, cursor: Any) -> None:
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        added, texts, said, withdrawn = [], [], [], []
        for customer, (before, after) in self.updated.items():
            changed = tuple(name for name, value in after.items() if before.get(name) != value)
            for kind in set(changed) & set(IDENTITY_FIELDS):
                added.append((kind, addresses.email(after[kind]) if kind == "email" else after[kind], customer))
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
        if added:
            cursor.executemany(
                "DELETE FROM customers_identity WHERE kind = %s AND value = %s AND customer_id = %s", added
            )
            for kind in IDENTITY_FIELDS:
                self._identities(cursor, kind, sorted((value, key) for k, value, key in added if k == kind))
        if texts:
            cursor.executemany("UPDATE customers_searchtext SET text = %s WHERE customer_id = %s", texts)
        self._evidence(cursor, said)
        for customer, at in withdrawn:
            evidence = {"import": self.source, "by": self.actor.name} | _said(self._word(customer))
            said_no: dict[str, Any] = {
                "customer_id": customer,
                "channel": "*",
                "source": "import",
                "evidence": evidence,
                "at": at,
            }
            if self.dry:
                withdraw(cursor, self.vendor, **said_no)
            else:
                opt_out(cursor, self.vendor, sync=False, **said_no)


def _said(word: str) -> dict[str, str]:
    return {"word": word} if word else {}


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
