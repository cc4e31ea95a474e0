"""Creating and updating many customers at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import compress
from typing import Any

import pyarrow as pa
from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor, Level
from ceap.core import consents
from ceap.core.changelog import customers_changed
from ceap.customers.actions import channels, store
from ceap.customers.actions.batch import Batch, How, Reader, Rows, unknown_field
from ceap.customers.actions.channels import KEPT_WITHDRAWN
from ceap.customers.actions.sharing import one_by_one, put_over
from ceap.customers.contracts import CHANNEL_CONSENT, FOREIGN, IDENTITY_FIELDS, Field, Policy, Upserted
from ceap.customers.queries.customers import beyond
from ceap.customers.queries.fields import hidden_from, require_seen
from ceap.customers.rules import stored
from ceap.customers.rules.values import Context
from ceap.kit.clock import now
from ceap.kit.problem import invalid

CHUNK = 50_000
NO_IDENTITY = "has no value that a customer is recognised by"


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
    _refuse_foreign(batch, owners)
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


def _refuse_foreign(batch: Batch, owners: dict[str, dict[str, int]]) -> None:
    """Reject the rows that name a customer whom the actor may not see or not change."""
    if not (foreign := beyond(batch.actor, {c for known in owners.values() for c in known.values()})):
        return
    for kind, names in batch.names.items():
        for row, name in enumerate(names):
            if batch.open[row] and name and owners[kind].get(name) in foreign:
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
        if put_over(batch, row, after, customer):
            batch.updated += 1
            changes.update(customer, before, after, batch.words[row] if batch.words else None)
        else:
            batch.keep(row)
    one_by_one(batch, contended, owners, present, changes)
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
