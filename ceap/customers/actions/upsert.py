"""Creating and updating many customers at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any

import pyarrow as pa
from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor, Level
from ceap.core import addresses, consents
from ceap.core.changelog import customers_changed
from ceap.customers.actions import channels, store, values
from ceap.customers.actions.channels import KEPT_WITHDRAWN
from ceap.customers.contracts import CHANNEL_CONSENT, IDENTITY_FIELDS, Field, Policy, RowProblem, Upserted
from ceap.customers.queries.fields import hidden_from, reading, require_seen
from ceap.customers.rules import columns, stored
from ceap.customers.rules.values import Context
from ceap.kit.clock import now
from ceap.kit.problem import Invalid, invalid

CHUNK = 50_000
FOREIGN = "belongs to a customer that your role may not change"
NO_IDENTITY = "has no value that a customer is recognised by"


@dataclass(frozen=True)
class How:
    """How rows are brought in.

    `match`: identity fields a row is recognised by, the first that names a customer wins. `leave_out`: a wrong value is
    left out and reported, instead of rejecting its row. `source`: in words, kept as "added by" and as consent evidence.
    """

    match: tuple[str, ...] = ("customer_id",)
    policy: Policy = Policy.BOTH
    leave_out: bool = False
    source: str = "import"
    dry: bool = False


class Batch:
    """Rows on their way in: columns of parameters, what became of each row so far."""

    def __init__(self, given: dict[str, list[Any]], size: int, how: How, actor: Actor, words: list[Any]):
        self.given, self.size, self.how, self.actor, self.words = given, size, how, actor, words
        self.vendor = connection.vendor
        self.problems: list[RowProblem] = []
        self.open = [True] * size
        self.said: dict[str, tuple[list[Any], list[Any]]] = {}  # of single channels: field → answers, words
        self.same: set[int] = set()  # rows that say nothing new about a customer
        self.about: list[tuple[int, int]] = []  # (row, customer); -1, -2 … are those created, in order
        self.withdrawn: set[int] = set()  # customers who took consent back on some channel
        self.created = self.updated = self.unchanged = 0
        empty = [None] * size
        self.names = {kind: given.get(kind, empty) for kind in IDENTITY_FIELDS}
        if "email" in given:
            self.names["email"] = [value and addresses.email(value) for value in given["email"]]

    def reject(self, row: int, field: str, value: Any, reason: str) -> None:
        self.open[row] = False
        self.problems.append(RowProblem(row, field, "" if value is None else str(value), reason))

    def keep(self, row: int) -> None:
        """Count a row that changes nothing of the customer's fields."""
        self.unchanged += 1
        self.same.add(row)

    def note(self, row: int, field: str, value: Any, reason: str) -> None:
        self.problems.append(RowProblem(row, field, str(value), reason, rejected=False))

    def row(self, row: int) -> dict[str, Any]:
        """The given values of one row, by parameter name; what was not given is left out."""
        return {name: column[row] for name, column in self.given.items() if column[row] is not None}


@dataclass(frozen=True)
class Rows:
    """Rows whose values were read already, which needs no store and may be done ahead in another thread.

    `words`: what stood in the column of consent, by row: it is the evidence; [] without such a column. `channels`: the
    same of columns that speak of one channel, by field.
    """

    read: columns.Read
    fields: list[Field]
    words: list[Any]
    channels: dict[str, list[Any]] = field(default_factory=dict)


def unknown_field(key: str) -> Invalid:
    """A column is no field that can be written – or none that the actor may see, which is the same to the actor."""
    return invalid(key, f"There is no field “{key}” that can be written.")


class Reader:
    """Reads tables of rows by the fields there are now; made once for many tables."""

    def __init__(self, context: Context | None = None):
        self.known, self.context = values.writable(consent=True), context or reading()

    def read(self, rows: pa.Table) -> Rows:
        """The rows' values, and what is wrong with them.

        Raises:
            Invalid: a column is no writable field.
        """
        unknown = [name for name in rows.column_names if name not in self.known]
        if unknown:
            raise unknown_field(unknown[0])
        fields = [self.known[name] for name in rows.column_names]
        asked = "marketing_opt_in" in self.known and "marketing_opt_in" in rows.column_names
        words = rows.column("marketing_opt_in").to_pylist() if asked else []
        channels = {key: rows.column(key).to_pylist() for key in rows.column_names if key in CHANNEL_CONSENT}
        return Rows(columns.read(rows, fields, self.context), fields, words, channels)


def upsert_many(
    actor: Actor, rows: pa.Table | Rows, how: How | None = None, *, context: Context | None = None
) -> Upserted:
    """Create or update a customer per row, in one transaction (the caller's, if there is one).

    `rows` has one column per field key, text or typed (or was read ahead by a `Reader`). An empty cell says nothing:
    the customer's value stays. Rows of one table that name the same customer are taken in their order, as if each came
    alone. Repeating rows changes nothing. Consent once withdrawn is never turned on again: such a value is left out
    and reported.

    Returns:
        Counts, and every problem with its row (counted from 0).

    Raises:
        Forbidden: the actor may not import, or may not see a default field that a column is.
        Invalid: a column is no writable field that the actor may see, or no column of `how.match` is there.
    """
    actor.require("customers_import")
    how = how or How()
    names = {f.key for f in rows.fields} if isinstance(rows, Rows) else set(rows.column_names)
    require_seen(actor, *names, *("marketing_opt_in" for _ in set(CHANNEL_CONSENT) & names))
    if hidden := hidden_from(actor) & names:
        raise unknown_field(sorted(hidden)[0])
    if not set(how.match) & names or not set(how.match) <= set(IDENTITY_FIELDS):
        raise invalid("match", "One column must be what customers are recognised by: customer ID, email or phone.")
    parts = [rows] if isinstance(rows, Rows) else _read(Reader(context), rows)
    start, total = 0, Upserted(0, 0, 0, 0, [])
    with transaction.atomic():
        for each in parts:
            part = _chunk(actor, each, how)
            moved = [replace(p, row=p.row + start) for p in part.problems] if start else part.problems
            total = Upserted(
                total.created + part.created, total.updated + part.updated, total.unchanged + part.unchanged,
                total.rejected + part.rejected, total.problems + moved,
            )  # fmt: skip
            start += each.read.table.num_rows
        if how.dry:
            transaction.set_rollback(True)
        elif total.created or total.updated:
            counts = {"created": total.created, "updated": total.updated}
            audit(actor, "customers.upsert", "customers", how.source[:64], how.source, after=counts)
    return total


def _read(reader: Reader, rows: pa.Table) -> Iterator[Rows]:
    for start in range(0, max(rows.num_rows, 1), CHUNK):
        yield reader.read(rows.slice(start, CHUNK))


def _chunk(actor: Actor, rows: Rows, how: How) -> Upserted:
    read, fields = rows.read, [f for f in rows.fields if f.key not in CHANNEL_CONSENT]
    batch = Batch(stored.columns(read.table, fields, connection.vendor), read.table.num_rows, how, actor, rows.words)
    batch.said = {key: (read.table[key].to_pylist(), words) for key, words in rows.channels.items()}
    for problem in read.problems:
        if how.leave_out and problem.field not in how.match:
            batch.note(problem.row, problem.field, problem.value, f"{problem.reason}; left out")
        else:
            batch.reject(problem.row, problem.field, problem.value, problem.reason)
    if actor.level("customers_manage") is Level.OWNED:  # as when they add one by hand: theirs
        batch.given["owner"] = [actor.user_id] * batch.size
    with connection.cursor() as cursor:
        _take(batch, cursor, {f.key: f for f in fields})
    rejected = batch.size - batch.created - batch.updated - batch.unchanged
    return Upserted(
        batch.created, batch.updated, batch.unchanged, rejected, sorted(batch.problems, key=lambda p: p.row)
    )


def _take(batch: Batch, cursor: Any, fields: dict[str, Field]) -> None:
    """Find out for each row which customer it is about, then write."""
    owners = {
        kind: store.owners(cursor, batch.vendor, kind, list(compress(names, batch.open)))
        for kind, names in batch.names.items()
    }
    _refuse_foreign(batch, cursor, owners)
    shared = {kind: _repeated(names, batch.open) for kind, names in batch.names.items()}
    if not any(owners.values()) and not any(shared.values()):
        _write(batch, cursor, fields, _recognisable(batch), {}, [], owners)
        return
    contended: list[int] = []
    new: list[int] = []
    known: dict[int, int] = {}
    named: set[int] = set()  # customers that contended rows name
    for row in _recognisable(batch):
        names = [(kind, batch.names[kind][row]) for kind in IDENTITY_FIELDS if batch.names[kind][row]]
        hits = {found for kind, value in names if (found := owners[kind].get(value)) is not None}
        target = next(
            (owners[k][v] for k in batch.how.match for kind, v in names if k == kind and v in owners[k]), None
        )
        alone = not any(value in shared[kind] for kind, value in names) and hits <= {target}
        if alone and target is None:
            new.append(row)
        elif alone and target is not None and target not in known:
            known[target] = row
        else:
            contended.append(row)
            named |= hits
    contended += [known.pop(customer) for customer in named if customer in known]
    _write(batch, cursor, fields, new, known, sorted(contended), owners)


def _refuse_foreign(batch: Batch, cursor: Any, owners: dict[str, dict[str, int]]) -> None:
    """Reject the rows that name a customer whom the actor may not see or not change."""
    if Level.OWNED not in (batch.actor.level("customers_view"), batch.actor.level("customers_manage")):
        return
    own = store.owned(cursor, batch.vendor, {c for known in owners.values() for c in known.values()}, batch.actor)
    for kind, names in batch.names.items():
        for row, name in enumerate(names):
            if batch.open[row] and name and (owner := owners[kind].get(name)) and owner not in own:
                batch.reject(row, kind, name, FOREIGN)


def _recognisable(batch: Batch) -> list[int]:
    """The open rows with something that they are recognised by; the others are rejected."""
    columns = [batch.names[kind] for kind in batch.how.match]
    found = []
    for row in compress(range(batch.size), list(batch.open)):
        if any(column[row] for column in columns):
            found.append(row)
        else:
            batch.reject(row, batch.how.match[0], None, NO_IDENTITY)
    return found


def _repeated(names: list[str | None], open: list[bool]) -> set[str]:
    counted = Counter(compress(names, open))
    return {name for name, times in counted.items() if name is not None and times > 1}


def _write(
    batch: Batch,
    cursor: Any,
    fields: dict[str, Field],
    new: list[int],
    known: dict[int, int],
    contended: list[int],
    owners: dict[str, dict[str, int]],
) -> None:
    about = set(known)
    for row in contended:
        about |= {owners[k][n] for k in IDENTITY_FIELDS if (n := batch.names[k][row]) and n in owners[k]}
    present = store.present(cursor, batch.vendor, about, batch.given)
    if "marketing_opt_in" in batch.given:
        batch.withdrawn = consents.withdrawn(cursor, batch.vendor, about)
    changes = store.Changes(batch.vendor, now(), batch.actor, batch.how.source, dry=batch.how.dry)
    if batch.how.policy is Policy.UPDATE:
        for row in new:
            batch.reject(row, batch.how.match[0], batch.names[batch.how.match[0]][row], "names no customer yet")
    else:
        batch.created += len(new)
        batch.about += [(row, -n) for n, row in enumerate(new, 1)]
        changes.create_rows(batch.given, new, [batch.words[row] for row in new] if batch.words else ())
    for customer, row in known.items():
        before = present[customer]
        after = dict(before)
        if batch.how.policy is Policy.CREATE:
            batch.unchanged += 1
            continue
        batch.about.append((row, customer))
        if _merge(batch, row, after, customer):
            batch.updated += 1
            changes.update(customer, before, after, batch.words[row] if batch.words else None)
        else:
            batch.keep(row)
    _one_by_one(batch, contended, owners, present, changes)
    written = changes.write(cursor)
    if batch.said:
        written += sorted(_told(batch, cursor, written) - set(written))
    customers_changed(cursor, written, batch.vendor)


def _told(batch: Batch, cursor: Any, written: list[int]) -> set[int]:
    """Keep what the rows say about single channels; the customers whose consent changed."""
    rows = sorted((row, written[-customer - 1] if customer < 0 else customer) for row, customer in batch.about)
    records = channels.Records(cursor, batch.vendor, batch.how.source, batch.actor.name, now(), batch.how.dry)
    told = channels.tell(records, rows, batch.said)
    for row, key in told.left_out:
        batch.note(row, key, batch.said[key][1][row], KEPT_WITHDRAWN)
    also = len(told.rows & batch.same)
    batch.unchanged, batch.updated = batch.unchanged - also, batch.updated + also
    return told.changed


def _merge(batch: Batch, row: int, values: dict[str, Any], customer: int) -> bool:
    """Put a row's values over a customer's; returns whether that changed anything."""
    given = batch.row(row)
    no = customer in batch.withdrawn and not values.get("marketing_opt_in")
    no = no or (values.get("marketing_opt_in") is not None and not values["marketing_opt_in"])
    if no and given.get("marketing_opt_in"):
        batch.note(row, "marketing_opt_in", "yes", KEPT_WITHDRAWN)
        given = {k: v for k, v in given.items() if not k.startswith("marketing_opt_in")}
    changed = False
    for name, value in given.items():
        if name == "custom":
            value = store.custom_over(values["custom"], value)
        if values.get(name) != value:
            values[name] = value
            changed = True
    return changed


def _one_by_one(
    batch: Batch,
    rows: Iterable[int],
    owners: dict[str, dict[str, int]],
    present: dict[int, dict[str, Any]],
    changes: store.Changes,
) -> None:
    """Take rows that share a name with others of the batch in their order, each seeing what those before it did."""
    people: dict[int, dict[str, Any]] = {customer: dict(values) for customer, values in present.items()}
    held = {kind: dict(known) for kind, known in owners.items()}
    touched: set[int] = set()
    fresh: dict[int, int] = {}  # made-up negative keys of customers created here
    start = sum(each.size for each in changes.created)
    spoken: dict[int, Any] = {}  # what each said of consent, the last time it said something
    for row in rows:
        names = {kind: batch.names[kind][row] for kind in IDENTITY_FIELDS if batch.names[kind][row]}
        hits = {kind: held[kind].get(name) for kind, name in names.items()}
        target = next((hits[kind] for kind in batch.how.match if hits.get(kind)), None)
        if any(hit and hit != target for hit in hits.values()):
            kind, other = next((k, hit) for k, hit in hits.items() if hit and hit != target)
            told = batch.actor.level("customers_view") is Level.ALL
            known = f"customer {other}" if told else "another customer"
            words = known if other > 0 else f"the customer of row {fresh[other] + 1} of this part"
            batch.reject(row, kind, names[kind], f"belongs to {words}")
            continue
        if target is None:
            if batch.how.policy is Policy.UPDATE:
                batch.reject(row, batch.how.match[0], names.get(batch.how.match[0]), "names no customer yet")
                continue
            target = -len(fresh) - 1
            fresh[target] = row
            people[target] = batch.row(row) | {"custom": batch.row(row).get("custom", "{}")}
            batch.created += 1
        elif batch.how.policy is Policy.CREATE:
            batch.unchanged += 1
            continue
        elif _merge_named(batch, row, people[target], held, target):
            batch.updated += 1
            touched.add(target)
        else:
            batch.keep(row)
        batch.about.append((row, target if target > 0 else target - start))
        for kind, name in names.items():
            held[kind][name] = target
        if batch.words and batch.words[row] is not None and batch.given["marketing_opt_in"][row] is not None:
            spoken[target] = batch.words[row]
    changes.create_people([people[key] for key in fresh], [spoken.get(key) for key in fresh])
    for customer in sorted(touched - set(fresh)):
        changes.update(customer, present[customer], people[customer], spoken.get(customer))


def _merge_named(
    batch: Batch, row: int, person: dict[str, Any], held: dict[str, dict[str, int]], customer: int
) -> bool:  # fmt: skip
    before = {kind: person.get(kind) for kind in IDENTITY_FIELDS}
    changed = _merge(batch, row, person, customer)
    for kind, old in before.items():
        if old and old != person.get(kind):
            held[kind].pop(addresses.email(old) if kind == "email" else old, None)
    return changed
