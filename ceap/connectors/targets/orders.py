"""Orders of a file: an order has one customer and one currency, and its lines are known from before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis
import msgspec
import pyarrow as pa

from ceap.connectors.targets.fields import Row
from ceap.core.orders import line_keys
from ceap.events.actions import fitted
from ceap.events.queries import warehouse

CELLS = ("customer", "at", "currency", "outlet")  # of an order: on its first line they hold for all its lines
BROWSER = "browser:"  # begins the keys of what browsers wrote
_MADE = re.compile(r"order:|[0-9a-f]{32}-\d+$")  # keys that the file did not give
Line = dict[str, Any]  # a row of the warehouse's table "purchases"


@dataclass(slots=True)
class Order:
    """What a file has said of an order so far, and how many of its lines it had."""

    customer: str | None = None
    at: int | None = None  # microseconds
    currency: str | None = None
    outlet: str | None = None
    lines: int = 0


@dataclass
class Seen:
    """What the parts of a file had before: how often each content or line, and each order's cells."""

    counts: dict[str, int] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)


class Known:
    """The lines of one order that the warehouse has, by what they are known by."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.by_key: dict[str, Line] = {}
        self.by_item: dict[str | None, list[Line]] = {}

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.by_key[line["key"]] = line
        self.by_item.setdefault(line["item"], []).append(line)

    def first(self, cell: str) -> Any:
        """What the order's first line says in a cell of the order; None when no line says it."""
        return next((line[cell] for line in self.lines if line[cell] is not None), None)


@dataclass(frozen=True)
class Lines:
    """Lines of a part. keys: what each is known by. places: which line of its order each is in the file, from 1.
    before: the lines that the warehouse has of these orders."""

    table: pa.Table
    keys: list[str | None]
    places: list[int]
    before: Mapping[str, Known]

    def rows(self, kept: list[int]) -> Lines:
        """Some of them."""
        table = self.table.take(pa.array(kept, pa.int64()))
        return Lines(table, [self.keys[n] for n in kept], [self.places[n] for n in kept], self.before)

    def column(self, name: str) -> list[Any]:
        return self.table[name].to_pylist() if name in self.table.column_names else [None] * self.table.num_rows


def read(table: pa.Table, seen: Seen) -> Lines:
    """A part's lines, with the cells of their orders from earlier lines of the file, then from the warehouse."""
    table, keys, places = again(table, seen)
    before = _before(table["order_id"].to_pylist())
    return Lines(_from_before(table, before), keys, places, before)


def again(table: pa.Table, seen: Seen) -> tuple[pa.Table, list[str | None], list[int]]:
    """Take note of a part: its lines with the cells of their orders, their keys and places."""
    orders = table["order_id"].to_pylist()
    items = table["item"].to_pylist() if "item" in table.column_names else [None] * len(orders)
    keys = line_keys(zip(orders, items, strict=True), seen.counts)
    table, places = _filled(table, orders, seen)
    return table, keys, places


def refuse_other_currencies(lines: Lines, seen: Seen, refused: dict[int, Row]) -> None:
    """An order is in one currency: that of its first line."""
    for row, (order, currency) in enumerate(zip(lines.column("order_id"), lines.column("currency"), strict=True)):
        first = seen.orders[order].currency if order else None
        if currency and first and first != currency:
            why = f"is another currency than {first}, which order {order} has on an earlier line"
            refused.setdefault(row, Row(row, "currency", currency, why))


def updates(lines: Lines) -> list[Line | None]:
    """The line of the warehouse that each one is, if it is known there; no two are the same one.

    It has the same key. Else, where that key came with neither: it is the same one of the order's lines with this
    item; else, where only one of both says an item, the same one of the order's lines.
    """
    found: list[Line | None] = [None] * len(lines.keys)
    orders, given, items = lines.column("order_id"), lines.column("key"), lines.column("item")
    some = [n for n, order in enumerate(orders) if order in lines.before]
    taken: set[str] = set()
    for how in (_by_key, _by_item, _by_place):
        for n in some:
            line = how(lines.before[orders[n]], given[n], lines.keys[n] or "", items[n], lines.places[n])
            if line and not found[n] and line["key"] not in taken:
                found[n] = line
                taken.add(line["key"])
    return found


def merged(rows: pa.Table, lines: list[Line]) -> tuple[pa.Table, int]:
    """Those of `lines` that `rows` say something new about, as they are then; and how many they say nothing new about.

    A cell that is empty, or of a column that the file does not have, leaves what is known; so does a property.
    """
    names = [name for name in rows.column_names if name != "key"]
    keys = pa.array([line["key"] for line in lines], pa.string())
    said = fitted("purchases", rows.select(names).append_column("key", keys))
    changed, same = [], 0
    for new, old in zip(said.to_pylist(), lines, strict=True):
        line = {name: old[name] if value is None else value for name, value in new.items()}
        if new["props"] and old["props"]:
            line["props"] = _together(old["props"], new["props"])
        if all(line[name] == old[name] for name in line):
            same += 1
        else:
            changed.append(line)
    return pa.Table.from_pylist(changed, said.schema), same


def _together(old: str, new: str) -> str:
    before, after = msgspec.json.decode(old), msgspec.json.decode(new)
    both = {**before, **after} if isinstance(before, dict) else after
    return old if both == before else msgspec.json.encode(both).decode()


def _by_key(known: Known, given: str | None, key: str, item: str | None, place: int) -> Line | None:
    return known.by_key.get(given or key)


def _by_item(known: Known, given: str | None, key: str, item: str | None, place: int) -> Line | None:
    same, n = known.by_item.get(item, []), int(key.rpartition("/")[2])
    return _unless_named(same[n - 1] if n <= len(same) else None, given)


def _by_place(known: Known, given: str | None, key: str, item: str | None, place: int) -> Line | None:
    line = known.lines[place - 1] if place <= len(known.lines) else None
    return _unless_named(line, given) if line and (line["item"] is None) != (item is None) else None


def _unless_named(line: Line | None, given: str | None) -> Line | None:
    """None where both have ids of their own, and not the same."""
    return None if line and given and not _MADE.match(line["key"]) else line


def _filled(table: pa.Table, orders: list[str | None], seen: Seen) -> tuple[pa.Table, list[int]]:
    """With the cells that an earlier line of the same order has; and which line of its order each row is."""
    names = [name for name in CELLS if name in table.column_names]
    values = {name: _plain(table[name]) for name in names}
    empty, places = dict.fromkeys(names, False), []
    for row, name in enumerate(orders):
        if not name:
            places.append(0)
            continue
        order = seen.orders.get(name)
        if order is None:
            order = seen.orders[name] = Order()
        order.lines += 1
        places.append(order.lines)
        for cell in names:
            value, first = values[cell][row], getattr(order, cell)
            if value is None and first is not None:
                values[cell][row], empty[cell] = first, True
            elif first is None:
                setattr(order, cell, value)
    for name in names:
        if empty[name]:
            table = _with(table, name, values[name])
    return table, places


def _from_before(table: pa.Table, before: Mapping[str, Known]) -> pa.Table:
    for name in ("at", "currency", "outlet") if before else ():
        if name in table.column_names and table[name].null_count:
            first = {order: known.first(name) for order, known in before.items()}
            pairs = zip(table["order_id"].to_pylist(), table[name].to_pylist(), strict=True)
            table = _with(table, name, [first.get(order) if value is None else value for order, value in pairs])
    return table


def _plain(column: pa.ChunkedArray) -> list[Any]:
    return list((column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist())


def _with(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values, table.schema.field(name).type))


def _before(orders: Iterable[str | None]) -> Mapping[str, Known]:
    """The lines of these orders that the warehouse has. It was brought up to date before the import began."""
    house = warehouse()
    if not house.count("purchases"):
        return {}
    asked = ibis.memtable(pa.table({"order_id": pa.array(sorted({o for o in orders if o}), pa.string())}))
    found: dict[str, Known] = {}
    for line in house.run(house.table("purchases").semi_join(asked, "order_id").order_by("key")).to_pylist():
        line["amount"] = line.pop("original")  # as it was said
        if not line["key"].startswith(BROWSER):
            found.setdefault(line["order_id"], Known()).add(line)
    return found
