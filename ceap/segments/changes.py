"""Whom entries of the change log are about: the customers whose result may differ from what was found before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyroaring import BitMap

from ceap.customers import queries as customers
from ceap.events.contracts import Entry
from ceap.segments.contracts import MOVES, RESERVED

MANY = 100_000  # changed customers, from which on everybody is evaluated
EVERYBODY = None


@dataclass
class Changes:
    """What some entries of the log say. `tables`: those that got a file of bulk data."""

    ids: BitMap = field(default_factory=BitMap)
    doers: dict[str, BitMap] = field(default_factory=lambda: {"events": BitMap(), "purchases": BitMap()})
    tables: set[str] = field(default_factory=set)
    moved: bool = False

    def add(self, entries: Iterable[Entry]) -> None:
        """Note whom `entries` are about."""
        for entry in entries:
            if entry.kind == "customers":
                for first, last in entry.payload["ids"]:
                    self.ids.add_range(first, last + 1)
            elif entry.name in RESERVED or entry.name == MOVES:
                self.moved = True
            elif entry.kind == "batch":
                self.tables.add(entry.payload["table"])
            elif entry.kind == "rates":
                self.tables.add("purchases")
            elif entry.kind in ("event", "purchase") and entry.customer is not None:
                self.doers[f"{entry.kind}s"].add(entry.customer)

    def of(self, tables: Iterable[str]) -> BitMap | None:
        """Customers whose result may have changed for a rule that counts `tables`; None means all."""
        if self.tables & set(tables):
            return EVERYBODY
        found = self.ids.copy()
        for table in tables:
            found |= self.doers[table]
        return EVERYBODY if len(found) > MANY else found


def follow_merges(changes: Changes) -> None:
    """Who was merged away did what the survivor did."""
    for ids in (changes.ids, *changes.doers.values()):
        if 0 < len(ids) <= MANY:
            ids |= today(ids)


def today(ids: BitMap) -> BitMap:
    """Who these customers are after all merges."""
    kept, found = list(ids), BitMap()
    for start in range(0, len(kept), 10_000):
        found |= BitMap(customers.redirected(kept[start : start + 10_000]).values())
    return found


def patched(old: BitMap, look: BitMap, matched: BitMap) -> BitMap:
    """A membership after `look` were evaluated anew, of whom `matched` belong to it."""
    changed = (old & look) ^ matched
    return old ^ changed if changed else old
