"""Rows as purchases or events: lines of what customers did, kept in bulk in the archive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ibis
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation
from ceap.connectors.contracts import Options, Target, Unknown
from ceap.connectors.targets.fields import FIELDS, PROPERTY, Outcome, Row
from ceap.core.happenings import name_fault, properties_fault, time_fault
from ceap.customers.actions import How, active, upsert_many
from ceap.customers.contracts import RowProblem
from ceap.customers.queries import named_by, read_columns, reading
from ceap.events.actions import write_batch
from ceap.events.contracts import BATCH_TABLES
from ceap.events.queries import content_keys, warehouse
from ceap.kit.clock import now

NEEDED = {Target.PURCHASES: ("order_id", "at"), Target.EVENTS: ("name", "at")}
TOO_MUCH = 10**14
LONGEST = {"order_id": 120, "item": 120, "item_name": 250, "category": 120, "outlet": 120}  # as on the data plane


def take_lines(
    actor: Actor, target: Target, given: pa.Table, options: Options, source: str, seen: dict[str, int], dry: bool
) -> Outcome:
    """Keep a line per row. Lines known by their key, or content and how-manieth time, change nothing."""
    context = reading(day_first=options.day_first, decimal_comma=options.decimal_comma)
    table, problems = _read(target, given, context)
    refused = {p.row: Row(p.row, p.field, p.value, p.reason) for p in reversed(problems)}
    keys = _keys(table, seen)
    _refuse_empty(table, NEEDED[target], refused)
    if target is Target.PURCHASES:
        _refuse_without_amount(table, refused)
    _refuse_impossible(table, target, refused)
    with transaction.atomic():
        customers = _whose(actor, table, options, source, refused)
        kept = [n for n in table.column_names if n not in ("key", "customer")]
        lines = table.select(kept).append_column("customer", customers).append_column("key", keys)
        new, known = _written(target, _rows(lines, refused), dry)
        if dry:
            transaction.set_rollback(True)
    return Outcome(new, 0, known, len(refused), sorted(refused.values(), key=lambda r: r.index))


def count_again(target: Target, given: pa.Table, context: Any, seen: dict[str, int]) -> None:
    """Count rows that were brought in before, so that the how-manieth time of the rows behind them is right."""
    _keys(_read(target, given, context)[0], seen)


def _read(target: Target, given: pa.Table, context: Any) -> tuple[pa.Table, list[RowProblem]]:
    of = [f for f in FIELDS[target] if f.key in given.column_names]
    read = read_columns(given, of, context)
    return _with_properties(read.table, given), read.problems


def _keys(table: pa.Table, seen: dict[str, int]) -> pa.Array:
    """The given key of each row, else its content (as the file says it) and how-manieth time."""
    keys = content_keys(table.drop_columns(["key"]) if "key" in table.column_names else table, seen)
    return pc.coalesce(table["key"].combine_chunks(), keys) if "key" in table.column_names else keys


def _with_properties(table: pa.Table, given: pa.Table) -> pa.Table:
    names = [n for n in given.column_names if n.startswith(PROPERTY)]
    if not names:
        return table
    rows = given.select(names).rename_columns([n.removeprefix(PROPERTY) for n in names]).to_pylist()
    props = [{k: v for k, v in row.items() if v not in (None, "")} for row in rows]
    texts = [msgspec.json.encode(p).decode() if p else None for p in props]
    return table.append_column("props", pa.array(texts, pa.string()))


def _refuse_empty(table: pa.Table, names: tuple[str, ...], refused: dict[int, Row]) -> None:
    for name in names:
        for row in pc.indices_nonzero(pc.is_null(table[name])).to_pylist():
            refused.setdefault(row, Row(row, name, "", "is empty"))


def _refuse_impossible(table: pa.Table, target: Target, refused: dict[int, Row]) -> None:
    """The same limits as the data plane's: time, name, size of the properties."""
    moment = now()
    for row, at in enumerate(table["at"].to_pylist()):
        if at and (fault := time_fault(at if at.tzinfo else at.replace(tzinfo=UTC), moment)):
            refused.setdefault(row, Row(row, "at", str(at), fault))
    if target is Target.EVENTS:
        faults = {name: name_fault(name) for name in pc.unique(table["name"]).to_pylist() if name}
        if any(faults.values()):
            for row, name in enumerate(table["name"].to_pylist()):
                if name and faults[name]:
                    refused.setdefault(row, Row(row, "name", name[:200], faults[name]))
    if "props" in table.column_names:
        for row, props in enumerate(table["props"].to_pylist()):
            if props and (fault := properties_fault(len(props.encode()))):
                refused.setdefault(row, Row(row, "properties", props[:200], fault))
    for name in LONGEST.keys() & set(table.column_names):
        long = pc.greater(pc.fill_null(pc.utf8_length(table[name]), 0), LONGEST[name])
        for row in pc.indices_nonzero(long).to_pylist():
            value = table[name][row].as_py()
            refused.setdefault(row, Row(row, name, value[:200], f"is longer than {LONGEST[name]} characters"))


def _refuse_without_amount(table: pa.Table, refused: dict[int, Row]) -> None:
    names = set(table.column_names)
    product = None
    if {"quantity", "unit_price"} <= names:
        product = pc.multiply(table["quantity"].cast(pa.float64()), table["unit_price"].cast(pa.float64()))
    amount = table["amount"].cast(pa.float64()) if "amount" in names else None
    told = product if amount is None else amount if product is None else pc.coalesce(amount, product)
    for row in pc.indices_nonzero(pc.is_null(told)).to_pylist():
        refused.setdefault(row, Row(row, "amount", "", "has neither an amount nor a quantity and a unit price"))
    for row in pc.indices_nonzero(pc.greater_equal(pc.abs(pc.fill_null(told, 0.0)), float(TOO_MUCH))).to_pylist():
        refused.setdefault(row, Row(row, "amount", "", "is too large"))


def _whose(actor: Actor, table: pa.Table, options: Options, source: str, refused: dict[int, Row]) -> pa.Array:
    """The customer of each row, following the option for those that are not known; null = nobody's."""
    if "customer" not in table.column_names:
        return pa.nulls(table.num_rows, pa.int64())
    kind, context = options.match[0], reading()
    names = table["customer"].to_pylist()
    asked = sorted({n for row, n in enumerate(names) if n and row not in refused})
    known = named_by(kind, asked, context)
    missing = [n for n in asked if n not in known]
    reasons = {}
    if missing and options.unknown_customer == Unknown.CREATE:
        told = upsert_many(actor, pa.table({kind: missing}), How((kind,), source=source), context=context)
        reasons = {missing[p.row]: p.reason for p in told.problems}
        known |= named_by(kind, missing, context)
    if options.unknown_customer != Unknown.ANONYMOUS:
        for row, name in enumerate(names):
            if name and name not in known:
                refused.setdefault(row, Row(row, "customer", name, reasons.get(name, f"names no customer (by {kind})")))
    return pa.array([known.get(name) if name else None for name in names], pa.int64())


def _rows(table: pa.Table, refused: dict[int, Row]) -> pa.Table:
    if not refused:
        return table
    return table.take(pa.array([row for row in range(table.num_rows) if row not in refused], pa.int64()))


def _written(target: Target, rows: pa.Table, dry: bool) -> tuple[int, int]:
    """Write what is new; (new, known)."""
    known = _known(str(target), rows["key"])
    fresh = [row for row, key in enumerate(rows["key"].to_pylist()) if key not in known]
    new = rows.take(pa.array(fresh, pa.int64())) if known else rows
    if new.num_rows and not dry:
        columns = {n: new[n] for n in new.column_names if n in BATCH_TABLES[str(target)].names}
        if "quantity" in columns:
            columns["quantity"] = pc.round(columns["quantity"], 3)
        if target is Target.PURCHASES and "currency" not in columns:
            columns["currency"] = pa.array([organisation().currency] * new.num_rows)
        write_batch(str(target), pa.table(columns))
        _note_activity(new)
    return new.num_rows, rows.num_rows - new.num_rows


def _known(table: str, keys: pa.ChunkedArray) -> set[str]:
    """Those of `keys` that the warehouse has. It was brought up to date before the import began."""
    house = warehouse()
    if not house.count(table):
        return set()
    asked = ibis.memtable(pa.table({"key": keys}))
    found = house.table(table).select("key").semi_join(asked, "key")
    return set(house.run(found).column("key").to_pylist())


def _note_activity(rows: pa.Table) -> None:
    last = rows.select(["customer", "at"]).group_by("customer").aggregate([("at", "max")]).to_pylist()
    moments: dict[int, datetime] = {r["customer"]: r["at_max"].replace(tzinfo=UTC) for r in last if r["customer"]}
    active(moments)
