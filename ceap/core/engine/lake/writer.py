"""Changing the tables of a lake."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ceap.core.engine.lake.tables import Column, File, Table, Tables, read, shaped

LARGEST, SMALL, MOST_SMALL = 200_000, 20_000, 12  # rows a file; rows below which files are joined, and from how many


class LakeWriter:
    """`Writer` over the tables of a `Lake`: files are made at once, and belong to a table from the commit on."""

    def __init__(self, data: Path, before: Tables):
        """data: the folder of the files; before: the tables as they are."""
        self.data, self.before, self.tables, self.made = data, before, dict(before), set[str]()
        self._waiting: dict[str, list[pa.Table]] = {}  # rows that no file holds yet

    def columns(self, table: str) -> dict[str, dt.DataType]:
        found = self.tables.get(table)
        return {c.name: ibis.dtype(c.type) for c in found.columns} if found else {}

    def create(self, table: str, schema: pa.Schema, keys: Sequence[str] = ()) -> None:
        self._waiting.pop(table, None)
        columns = tuple(Column(field.name, field.type, field.name) for field in schema)
        self.tables[table] = Table(columns, tuple(keys))

    def drop(self, table: str) -> None:
        self._waiting.pop(table, None)
        self.tables.pop(table, None)

    def add_column(self, table: str, name: str, type: pa.DataType) -> None:
        self._flush(table)
        column = Column(name, type, f"{name}#{uuid.uuid4().hex[:8]}")
        found = self.tables[table]
        self.tables[table] = replace(found, columns=(*found.columns, column))

    def drop_column(self, table: str, name: str) -> None:
        self._flush(table)
        found = self.tables[table]
        self.tables[table] = replace(found, columns=tuple(c for c in found.columns if c.name != name))

    def append(self, table: str, rows: pa.Table) -> None:
        if rows.num_rows:
            waiting = self._waiting.setdefault(table, [])
            waiting.append(shaped(rows, self.tables[table].schema))
            if sum(part.num_rows for part in waiting) >= LARGEST:
                self._flush(table)

    def append_new(self, table: str, rows: pa.Table, key: str) -> None:
        self._flush(table)
        wanted = rows[key].combine_chunks().cast(self.tables[table].schema.field(key).type)
        for file, found in self._touched(table, key, wanted):
            there = pc.is_in(wanted, self._column(table, file, key).filter(found))
            rows, wanted = rows.filter(pc.invert(there)), wanted.filter(pc.invert(there))
        self.append(table, rows)

    def put(self, table: str, rows: pa.Table, key: str) -> None:
        self.delete(table, key, rows[key].combine_chunks())
        self.append(table, rows)

    def delete(self, table: str, column: str, values: pa.Array) -> None:
        self._flush(table)
        wanted = values.cast(self.tables[table].schema.field(column).type)
        for file, found in list(self._touched(table, column, wanted)):
            self._replace(table, file, self._rows(table, file).filter(pc.invert(found)))

    def clear(self, table: str) -> None:
        self._waiting.pop(table, None)
        self.tables[table] = replace(self.tables[table], files=())

    def assign(self, table: str, column: str, where: str, mapping: pa.Table) -> None:
        self._flush(table)
        schema = self.tables[table].schema
        old = mapping["old"].combine_chunks().cast(schema.field(where).type)
        new = mapping["new"].combine_chunks().cast(schema.field(column).type)
        for file, found in list(self._touched(table, where, old)):
            rows = self._rows(table, file)
            chosen = new.take(pc.index_in(rows[where].combine_chunks(), old))
            values = pc.if_else(found, chosen, rows[column].combine_chunks())
            at = rows.column_names.index(column)
            self._replace(table, file, rows.set_column(at, schema.field(column), values))

    def rows(self, table: str) -> list[dict[str, Any]]:
        if table not in self.tables:
            return []
        self._flush(table)
        return [row for file in self.tables[table].files for row in self._rows(table, file).to_pylist()]

    def settle(self) -> None:
        """Write what waits, and join small files of tables that changed."""
        for name in list(self._waiting):
            self._flush(name)
        for name, table in self.tables.items():
            small = [file for file in table.files if file.rows < SMALL]
            if len(small) > MOST_SMALL and table != self.before.get(name):
                joined = pa.concat_tables([self._rows(name, file) for file in small])
                kept = tuple(file for file in table.files if file.rows >= SMALL)
                self.tables[name] = replace(table, files=kept + self._files(name, joined))

    def _touched(self, table: str, column: str, wanted: pa.Array) -> Iterator[tuple[File, pa.Array]]:
        """The files that hold any of `wanted`, and in which rows."""
        for file in self.tables[table].files:
            if column in file.low:
                inside = pc.and_(
                    pc.greater_equal(wanted, pa.scalar(file.low[column], wanted.type)),
                    pc.less_equal(wanted, pa.scalar(file.high[column], wanted.type)),
                )
                if not pc.any(inside).as_py():
                    continue
            found = pc.is_in(self._column(table, file, column), wanted.drop_null())
            if pc.any(found).as_py():
                yield file, found

    def _column(self, table: str, file: File, name: str) -> pa.Array:
        return self._rows(table, file, [name])[name].combine_chunks()

    def _rows(self, table: str, file: File, names: Sequence[str] = ()) -> pa.Table:
        """Rows of a file under the names that the columns have now."""
        wanted = [c for c in self.tables[table].columns if not names or c.name in names]
        found = read(self.data / file.name, [column.stored for column in wanted])
        held = set(found.column_names)
        arrays = [found[c.stored] if c.stored in held else pa.nulls(file.rows, c.type) for c in wanted]
        return pa.table(arrays, schema=pa.schema([(c.name, c.type) for c in wanted]))

    def _replace(self, table: str, file: File, rows: pa.Table) -> None:
        kept = tuple(one for one in self.tables[table].files if one is not file)
        self.tables[table] = replace(self.tables[table], files=kept + self._files(table, rows))

    def _flush(self, table: str) -> None:
        if waiting := self._waiting.pop(table, None):
            found = self.tables[table]
            self.tables[table] = replace(found, files=found.files + self._files(table, pa.concat_tables(waiting)))

    def _files(self, table: str, rows: pa.Table) -> tuple[File, ...]:
        """New files with these rows."""
        found, made = self.tables[table], []
        for start in range(0, rows.num_rows, LARGEST):
            part = rows.slice(start, LARGEST)
            name = f"{uuid.uuid4().hex}.parquet"
            self.made.add(name)
            path = self.data / name
            stored = part.rename_columns([column.stored for column in found.columns])
            pq.write_table(stored, path, compression="zstd", write_page_checksum=True)
            extremes = {key: pc.min_max(part[key]).as_py() for key in found.keys}
            known = {key: both for key, both in extremes.items() if both["min"] is not None}
            low, high = ({key: both[end] for key, both in known.items()} for end in ("min", "max"))
            made.append(File(name, part.num_rows, path.stat().st_size, low, high))
        return tuple(made)
