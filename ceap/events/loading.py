"""From log entries to rows of the warehouse: the one path that both `sync` and `rebuild` go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap64

from ceap.core.engine import Writer
from ceap.events import archive, mirror
from ceap.events.contracts import EVENTS, ITEMS, PRICED, PURCHASES, Entry
from ceap.events.models import ArchiveFile
from ceap.events.rates import Rates
from ceap.events.rules import event_row, purchase_rows

log = logging.getLogger("ceap.events")
TABLES = {"events": EVENTS, "purchases": PURCHASES}
REDIRECTS = pa.schema([("old", pa.int64()), ("new", pa.int64())])  # new: merged into; null: erased
FLUSH = 50_000
_COUNTS = {"events": "min", "purchases": "max"}  # which of the rows with one key: an event's first, a line's newest


class Loader:
    """Applies entries in order through one `Writer`; `finish()` brings what is still held back.

    fresh: the tables are empty and are filled from the beginning, so that customers and items are read once, whole,
    at the end. without: archive files to leave out, by name.
    """

    def __init__(self, writer: Writer, *, fresh: bool, without: Sequence[str] = ()):
        self.writer, self.fresh, self.without = writer, fresh, frozenset(without)
        self.fields = mirror.custom_fields()
        self.rates = Rates.now()
        self.customers, self.items, self.fields_stale = BitMap64(), BitMap64(), False
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self.parts: dict[str, list[pa.Table]] = {name: [] for name in TABLES}  # that come before `rows`
        if fresh:
            self._create()
            self.redirects: dict[int, int | None] = {**dict.fromkeys(mirror.erased()), **mirror.merges()}
        else:
            self.redirects = {row["old"]: row["new"] for row in writer.rows("_redirects")}
        # Without a file the store's unique keys of events are enough, and nothing need be compared.
        self.may_repeat = fresh or ArchiveFile.objects.filter(table__in=("events", "entries")).exists()

    def apply(self, entries: Iterable[Entry]) -> None:
        """Apply entries, in order."""
        for entry in entries:
            if entry.kind == "event":
                self.rows["events"].append(event_row(entry))
            elif entry.kind == "purchase":
                self.rows["purchases"] += purchase_rows(entry)
            elif entry.kind == "batch":
                self._batch(entry)
            elif entry.kind in ("customers", "items"):
                changed = self.customers if entry.kind == "customers" else self.items
                for first, last in entry.payload["ids"]:
                    changed.add_range(first, last + 1)
            elif entry.kind == "fields":
                self.fields_stale = True
            elif entry.kind == "rates":
                pass  # whose amounts that changes are read again from the beginning, by the warehouse
            else:
                log.warning("entry %d is of unknown kind %r and changes nothing here", entry.seq, entry.kind)
            if sum(map(len, self.rows.values())) >= FLUSH:
                self._flush()

    def finish(self, beat: Callable[[], None] = lambda: None) -> None:
        """Write what is held back, then bring columns, customers and items to what the store says now."""
        self._flush()
        everybody = self.fresh
        if self.fields_stale or self.customers:  # a field may be there before its entry is read
            self.fields = mirror.custom_fields()
            everybody |= self._columns()
        self._load_customers(None if everybody else self.customers, beat)
        self._load_items(None if self.fresh else self.items)

    def _create(self) -> None:
        for name, schema in (("events", EVENTS), ("purchases", PRICED)):
            self.writer.create(name, schema, ["key", "customer"])
        self.writer.create("items", ITEMS, ["id"])
        self.writer.create("customers", mirror.customers_schema(self.fields), ["id"])
        self.writer.create("_redirects", REDIRECTS)

    def _flush(self) -> None:
        for name in TABLES:
            self._gather(name)
            if self.parts[name]:
                self._append(name, _once(pa.concat_tables(self.parts[name]), _COUNTS[name]))
                self.parts[name].clear()

    def _gather(self, name: str) -> None:
        if self.rows[name]:
            self.parts[name].append(pa.Table.from_pylist(self.rows[name], schema=TABLES[name]))
            self.rows[name].clear()

    def _batch(self, entry: Entry) -> None:
        said = entry.payload
        name, sha256 = archive.current(said["file"], said["sha256"])
        if {said["file"], name} & self.without:
            log.warning("archive file %s (%d rows) is left out, as asked", said["file"], said["rows"])
            return
        table = said["table"]
        schema = TABLES[table]
        self._gather(table)
        for part in archive.read(name, sha256):
            if "seq" in schema.names:
                seq = pa.repeat(pa.scalar(entry.seq, pa.int64()), part.num_rows)
                part = part.append_column("seq", seq)
            self.parts[table].append(part.select(schema.names).cast(schema))
            if sum(each.num_rows for each in self.parts[table]) >= FLUSH:
                self._flush()

    def _append(self, name: str, rows: pa.Table) -> None:
        if self.redirects:
            rows = self._redirected(rows)
        if name == "purchases":  # an order that comes again brings its lines up to date
            self.writer.put(name, self.rates.priced(rows), "key")
        elif self.may_repeat:
            self.writer.append_new(name, rows, "key")
        else:
            self.writer.append(name, rows)

    def _redirected(self, rows: pa.Table) -> pa.Table:
        """Rows of merged customers go to whom they were merged into; those of erased ones lose their props."""
        column = rows["customer"].combine_chunks()
        if not pc.any(pc.is_in(column, pa.array(list(self.redirects), pa.int64()))).as_py():
            return rows
        today = [None if c is None else self.today(c) for c in column.to_pylist()]
        erased = pa.array([c in self.redirects for c in today])
        props = pc.if_else(erased, None, rows["props"].combine_chunks())
        rows = rows.set_column(rows.column_names.index("customer"), "customer", pa.array(today, pa.int64()))
        return rows.set_column(rows.column_names.index("props"), "props", props)

    def today(self, customer: int) -> int:
        """Who `customer` is after all merges."""
        seen = set()
        while (following := self.redirects.get(customer)) is not None and customer not in seen:
            seen.add(customer)
            customer = following
        return customer

    def _columns(self) -> bool:
        """Add and drop columns of custom fields; whether a new one has values already, so that all must be read."""
        wanted = mirror.customers_schema(self.fields)
        there = self.writer.columns("customers")
        filled = False
        for field in wanted:
            if field.name not in there:
                self.writer.add_column("customers", field.name, field.type)
                filled |= mirror.has_values(field.name.removeprefix("c_"))
        for name in there:
            if name not in wanted.names:
                self.writer.drop_column("customers", name)
        return filled

    def _load_customers(self, ids: BitMap64 | None, beat: Callable[[], None]) -> None:
        if ids is not None and not ids:
            return
        if not self.fresh:
            self._remove("customers", ids)
        moved: dict[int, int | None] = {}
        for chunk in mirror.customers(None if ids is None else list(ids), self.fields):
            self.writer.append("customers", chunk.rows)
            moved.update(chunk.merged)
            moved.update(dict.fromkeys(chunk.erased))
            beat()
        self._redirect(moved)

    def _redirect(self, moved: dict[int, int | None]) -> None:
        new = {old: to for old, to in moved.items() if self.redirects.get(old, old) != to}
        stored = moved if self.fresh else new
        if stored:
            rows = pa.table({"old": list(stored), "new": pa.array(list(stored.values()), pa.int64())})
            self.writer.delete("_redirects", "old", rows["old"].combine_chunks())
            self.writer.append("_redirects", rows)
        self.redirects.update(new)
        merged = [old for old, to in new.items() if to is not None]
        today = [self.today(old) for old in merged]
        gone = [c for c in {*new, *today} if self.redirects.get(c, c) is None]
        for name in TABLES:
            if merged:
                mapping = pa.table({"old": pa.array(merged, pa.int64()), "new": pa.array(today, pa.int64())})
                self.writer.assign(name, "customer", "customer", mapping)
            if gone:
                mapping = pa.table({"old": pa.array(gone, pa.int64()), "new": pa.nulls(len(gone), pa.string())})
                self.writer.assign(name, "props", "customer", mapping)

    def _load_items(self, ids: BitMap64 | None) -> None:
        if ids is not None and not ids:
            return
        if not self.fresh:
            self._remove("items", ids)
        for rows in mirror.items(None if ids is None else list(ids)):
            self.writer.append("items", rows)

    def _remove(self, table: str, ids: BitMap64 | None) -> None:
        if ids is None:
            self.writer.clear(table)
        else:
            self.writer.delete(table, "id", pa.array(ids, pa.int64()))


def _once(rows: pa.Table, which: str) -> pa.Table:
    """One row of each key: the first ("min") or the last ("max")."""
    if pc.count_distinct(rows["key"]).as_py() == rows.num_rows:
        return rows
    numbered = rows.select(["key"]).append_column("row", pa.array(range(rows.num_rows), pa.int64()))
    return rows.take(numbered.group_by("key").aggregate([("row", which)])[f"row_{which}"].sort())
