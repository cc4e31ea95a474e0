"""Rows as purchases or events: lines of what customers did, kept in bulk in the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import ibis
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from ceap.accounts.contracts import CURRENCIES, Actor
from ceap.accounts.queries import organisation
from ceap.connectors.contracts import Options, Target, Unknown
from ceap.connectors.targets import orders
from ceap.connectors.targets.fields import FIELDS, PROPERTY, Outcome, Row
from ceap.connectors.targets.orders import Lines, Seen
from ceap.core.happenings import name_fault, properties_fault, time_fault
from ceap.customers.actions import How, active, upsert_many
from ceap.customers.contracts import FOREIGN, RowProblem
from ceap.customers.queries import beyond, named_by, read_columns, reading
from ceap.events.actions import write_batch
from ceap.events.contracts import BATCH_TABLES
from ceap.events.queries import content_keys, unpriced, warehouse
from ceap.kit.clock import now

NEEDED = {Target.PURCHASES: ("order_id", "at"), Target.EVENTS: ("name", "at")}
TOO_MUCH = 10**14
NOBODY = (
    "is empty, as on every earlier line of the order; rows without a customer can be kept as nobody's, if you say so"
)
LONGEST = {"order_id": 120, "item": 120, "item_name": 250, "category": 120, "outlet": 120}  # as on the data plane


def take_lines(
    actor: Actor, target: Target, given: pa.Table, options: Options, source: str, seen: Seen, dry: bool
) -> Outcome:
    """Keep a line per row. Lines of orders are known by order and item, events by their key, or content and
    occurrence number: what is known and says nothing new changes nothing."""
    context = reading(dates=options.dates, numbers=options.numbers)
    table, problems = _read(target, given, context)
    refused = {p.row: Row(p.row, p.field, p.value, p.reason) for p in reversed(problems)}
    if target is Target.PURCHASES:
        table = _upper(table, "currency")
        lines = orders.read(table, seen)
        table = lines.table
        _refuse_without_amount(table, refused)
        _refuse_currencies(lines, seen, refused)
    else:
        lines = Lines(table, _keys(table, seen).to_pylist(), [0] * table.num_rows, {})
    _refuse_empty(table, NEEDED[target], refused)
    _refuse_impossible(table, target, refused)
    with transaction.atomic():
        customers = _whose(actor, lines, options, source, seen, refused)
        kept = [n for n in table.column_names if n != "customer"]
        lines = replace(lines, table=table.select(kept).append_column("customer", customers))
        if refused:
            lines = lines.rows([row for row in range(table.num_rows) if row not in refused])
        new, changed, known = (_orders if target is Target.PURCHASES else _events)(lines, dry)
        if dry:
            transaction.set_rollback(True)
    said = [*refused.values(), *_apart(table, refused)] if target is Target.PURCHASES else refused.values()
    return Outcome(new, changed, known, len(refused), sorted(said, key=lambda r: r.index))


def count_again(target: Target, given: pa.Table, context: Any, seen: Seen) -> None:
    """Take note of rows that were brought in before, so that the rows behind them are understood alike."""
    table = _read(target, given, context)[0]
    if target is Target.PURCHASES:
        orders.again(_upper(table, "currency"), seen)
    else:
        _keys(table, seen)


def _read(target: Target, given: pa.Table, context: Any) -> tuple[pa.Table, list[RowProblem]]:
    of = [f for f in FIELDS[target] if f.key in given.column_names]
    read = read_columns(given, of, context)
    return _with_properties(read.table, given), read.problems


def _upper(table: pa.Table, name: str) -> pa.Table:
    if name not in table.column_names:
        return table
    return table.set_column(table.column_names.index(name), name, pc.utf8_upper(table[name]))


def _keys(table: pa.Table, seen: Seen) -> pa.Array:
    """The given key of each event, else its content (as the file says it) and occurrence number."""
    keys = content_keys(table.drop_columns(["key"]) if "key" in table.column_names else table, seen.counts)
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


def _refuse_currencies(lines: Lines, seen: Seen, refused: dict[int, Row]) -> None:
    for row, currency in enumerate(lines.column("currency")):
        if currency and currency not in CURRENCIES:
            refused.setdefault(row, Row(row, "currency", currency[:200], "is no ISO 4217 currency like USD"))
    orders.refuse_other_currencies(lines, seen, refused)


def _apart(table: pa.Table, refused: dict[int, Row]) -> Iterator[Row]:
    """A remark about the lines of each currency that cannot be converted; they are taken."""
    if "currency" not in table.column_names:
        return
    currencies = table["currency"].to_pylist()
    found: dict[str, list[int]] = {}
    for row in unpriced(table):
        if row not in refused:
            found.setdefault(currencies[row], []).append(row)
    for currency, rows in found.items():
        day = table["at"][rows[0]].as_py().date()
        why = f"has no rate on {day} (UTC): {len(rows):,} lines are kept, but are in no amount until there is one"
        yield Row(rows[0], "currency", currency, why, rejected=False)


def _whose(
    actor: Actor, lines: Lines, options: Options, source: str, seen: Seen, refused: dict[int, Row]
) -> pa.Array:  # fmt: skip
    """The customer of each row, following the options for those that are not known; null = nobody's."""
    table = lines.table
    if "customer" not in table.column_names:
        return pa.nulls(table.num_rows, pa.int64())
    kind, context = options.match[0], reading()
    names = table["customer"].to_pylist()
    firsts = [seen.orders[order].customer if order else None for order in lines.column("order_id")]
    pairs = [pair for row, pair in enumerate(zip(names, firsts, strict=True)) if row not in refused]
    asked = sorted({name for pair in pairs for name in pair if name})
    known = named_by(kind, asked, context)
    missing = [n for n in asked if n not in known]
    reasons = {}
    if missing and options.unknown_customer == Unknown.CREATE:
        told = upsert_many(actor, pa.table({kind: missing}), How((kind,), source=source), context=context)
        reasons = {missing[p.row]: p.reason for p in told.problems}
        known |= named_by(kind, missing, context)
    if foreign := beyond(actor, known.values()):
        reasons |= {name: FOREIGN for name, customer in known.items() if customer in foreign}
        known = {name: customer for name, customer in known.items() if customer not in foreign}
    before = {order: lines.first("customer") for order, lines in lines.before.items()}
    found: list[int | None] = []
    for row, (name, first, order) in enumerate(zip(names, firsts, lines.column("order_id"), strict=True)):
        found.append(known.get(name) if name else before.get(order))
        if reason := _stranger(name, first, found[-1], known, kind, options):
            refused.setdefault(row, Row(row, "customer", name or "", reasons.get(name, reason)))
    return pa.array(found, pa.int64())


def _stranger(
    name: str | None, first: str | None, customer: int | None, known: dict[str, int], kind: str, options: Options
) -> str:  # fmt: skip
    """Why a row cannot be whose it says; "" when it can."""
    if name and first and known.get(name) != known.get(first):
        return f"is another customer than {first}, whom the order has on an earlier line"
    if customer or options.unknown_customer == Unknown.ANONYMOUS:
        return ""
    if name:
        return f"names no customer (by {kind})"
    return "" if options.no_customer == Unknown.ANONYMOUS else NOBODY


def _events(rows: Lines, dry: bool) -> tuple[int, int, int]:
    """Write what is new; (new, 0, known)."""
    known = _known(rows.keys)
    fresh = rows.rows([row for row, key in enumerate(rows.keys) if key not in known]) if known else rows
    if fresh.keys and not dry:
        _write(Target.EVENTS, _named(fresh))
    return len(fresh.keys), 0, len(rows.keys) - len(fresh.keys)


def _orders(rows: Lines, dry: bool) -> tuple[int, int, int]:
    """Write what is new or changed; (new, changed, unchanged)."""
    before = orders.updates(rows)
    places = [row for row, line in enumerate(before) if line]
    changed, same = orders.merged(rows.rows(places).table, [line for line in before if line])
    fresh = rows.rows([row for row, line in enumerate(before) if not line]) if places else rows
    if not dry:
        if fresh.keys:
            _write(Target.PURCHASES, _whole(_named(fresh)))
        if changed.num_rows:
            _write(Target.PURCHASES, changed)
    return len(fresh.keys), changed.num_rows, same


def _whole(rows: pa.Table) -> pa.Table:
    """New lines with what goes without saying: the organisation's currency, and one piece (or one taken back)."""
    number = pa.decimal128(18, 4)
    for name, type in (("currency", pa.string()), ("quantity", number), ("amount", number)):
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, type))
    given_back = pc.fill_null(pc.less(rows["amount"], 0), False)
    back, one = (pa.scalar(Decimal(n), number) for n in (-1, 1))
    pieces = pc.coalesce(rows["quantity"].cast(number), pc.if_else(given_back, back, one))
    own = pc.fill_null(rows["currency"], organisation().currency)
    rows = rows.set_column(rows.column_names.index("quantity"), "quantity", pieces)
    return rows.set_column(rows.column_names.index("currency"), "currency", own)


def _named(rows: Lines) -> pa.Table:
    """Rows with the keys they are known by: their own, where the file gives them."""
    table, keys = rows.table, pa.array(rows.keys, pa.string())
    if "key" not in table.column_names:
        return table.append_column("key", keys)
    given = pc.coalesce(table["key"].combine_chunks(), keys)
    return table.set_column(table.column_names.index("key"), "key", given)


def _write(target: Target, rows: pa.Table) -> None:
    columns = {n: rows[n] for n in rows.column_names if n in BATCH_TABLES[str(target)].names}
    if "quantity" in columns:
        columns["quantity"] = pc.round(columns["quantity"], 3)
    write_batch(str(target), pa.table(columns))
    _note_activity(rows)


def _known(keys: Sequence[str | None]) -> set[str]:
    """Those keys of events that the warehouse has. It was brought up to date before the import began."""
    house = warehouse()
    if not house.count("events"):
        return set()
    asked = ibis.memtable(pa.table({"key": pa.array(keys, pa.string())}))
    found = house.table("events").select("key").semi_join(asked, "key")
    return set(house.run(found).column("key").to_pylist())


def _note_activity(rows: pa.Table) -> None:
    last = rows.select(["customer", "at"]).group_by("customer").aggregate([("at", "max")]).to_pylist()
    moments: dict[int, datetime] = {r["customer"]: r["at_max"].replace(tzinfo=UTC) for r in last if r["customer"]}
    active(moments)
