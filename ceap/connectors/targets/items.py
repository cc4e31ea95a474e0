"""Rows as items of the catalogue."""

from __future__ import annotations

import pyarrow as pa
from django.db import transaction

from ceap.accounts.contracts import Actor
from ceap.catalog.actions import upsert_many
from ceap.catalog.contracts import NewItem
from ceap.connectors.contracts import Options, Target
from ceap.connectors.targets.fields import FIELDS, PROPERTY, Outcome, Row
from ceap.customers.queries import read_columns, reading

LONGEST = {"kind": 30, "key": 120, "name": 250, "category": 120}


def take_items(actor: Actor, given: pa.Table, options: Options, source: str, dry: bool) -> Outcome:
    """Create or update an item per row; a row without a key is rejected."""
    of = [f for f in FIELDS[Target.ITEMS] if f.key in given.column_names]
    read = read_columns(given, of, reading(numbers=options.numbers))
    bad = {p.row for p in read.problems}
    said = [Row(p.row, p.field, p.value, p.reason) for p in read.problems]
    names = [n for n in given.column_names if n.startswith(PROPERTY)]
    extra = given.select(names).to_pylist() if names else [{}] * given.num_rows
    items = []
    for row, values in enumerate(read.table.to_pylist()):
        if row in bad:
            continue
        too_long = next((n for n, most in LONGEST.items() if len(values.get(n) or "") > most), None)
        if too_long or not values.get("key"):
            name = too_long or "key"
            reason = f"is longer than {LONGEST[name]} characters" if too_long else "is empty"
            said.append(Row(row, name, values.get(name) or "", reason))
            bad.add(row)
            continue
        attributes = {n.removeprefix(PROPERTY): v for n, v in extra[row].items() if v not in (None, "")}
        items.append(
            NewItem(
                values.get("kind") or options.item_kind, values["key"], values.get("name") or values["key"],
                values.get("category"), values.get("price"), attributes or None,
            )
        )  # fmt: skip
    with transaction.atomic():
        told = upsert_many(actor, items, source)
        if dry:
            transaction.set_rollback(True)
    repeated = len(items) - told.created - told.updated - told.unchanged
    return Outcome(told.created, told.updated, told.unchanged + repeated, len(bad), said)
