"""Tables as Parquet files in a folder that one process writes and many machines may read.

    <folder>/current.json   which files are the tables, and their columns: the only thing that is ever replaced
    <folder>/data/*.parquet never changed once written
    <folder>/lock           held by the process that has the folder open

A writer makes new files and replaces current.json at the end, so a reader sees all of a block or nothing, and a crash
leaves the old rows. Files that nobody reads any more are removed after a commit, and at the next start.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ceap.core.engine.ports import Damaged, InUse

LARGEST, SMALL, MOST_SMALL = 200_000, 20_000, 12  # rows a file; rows below which files are joined, and from how many
_TYPES = {str(t): t for t in (pa.int64(), pa.string(), pa.bool_(), pa.float64(), pa.date32(), pa.timestamp("us"))}


@dataclass(frozen=True)
class Column:
    """`stored` is its name in the files: one that is dropped and made again does not find its old values."""

    name: str
    type: pa.DataType
    stored: str


@dataclass(frozen=True)
class File:
    """One Parquet file. low and high: the least and greatest value of each key column, where it has any."""

    name: str
    rows: int
    size: int
    low: dict[str, Any]
    high: dict[str, Any]


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    files: tuple[File, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(column.name, column.type) for column in self.columns])


Tables = dict[str, Table]


class Lake:
    """The tables of a folder, and the one lock on it."""

    def __init__(self, folder: Path):
        """Open `folder`, creating it when it is not there.

        Raises:
            InUse: another process has it open.
            Damaged: what it holds cannot be read.
        """
        self.folder, self.data = folder, folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self._current, self._pins, self._guard = folder / "current.json", Counter[str](), threading.Lock()
        self._turn = threading.Lock()
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise InUse(f"{folder} is open in another process") from error
        try:
            self.tables = self._read()
        except BaseException:
            self._lock.close()
            raise
        self.sweep()

    def path(self, file: File) -> Path:
        return self.data / file.name

    @contextmanager
    def reading(self) -> Iterator[Tables]:
        """The tables as they are now; their files stay until the end of the block."""
        with self._guard:
            tables = self.tables
            names = _names(tables)
            self._pins.update(names)
        try:
            yield tables
        finally:
            with self._guard:
                self._pins.subtract(names)

    @contextmanager
    def writing(self) -> Iterator[LakeWriter]:
        """One writer at a time; its work is there at the end of the block, or, when that raises, never was."""
        with self._turn:
            writer = LakeWriter(self)
            try:
                yield writer
                writer.settle()
                self._commit(writer.tables, writer.made)
            except BaseException:
                self._remove(writer.made - _names(self.tables))
                raise

    def verify(self) -> None:
        """Read every file once.

        Raises:
            Damaged: one is missing, or is not what was written.
        """
        for table in self.tables.values():
            for file in table.files:
                read(self.path(file))

    def close(self) -> None:
        self._lock.close()

    def _commit(self, tables: Tables, made: set[str]) -> None:
        """Make everything durable, then switch."""
        if tables == self.tables:
            return
        for name in made & _names(tables):
            _flush(self.data / name)
        _flush(self.data)
        body = json.dumps({name: _written(table) for name, table in tables.items()})
        draft = self._current.with_suffix(".draft")
        draft.write_text(f"{_digest(body)}\n{body}")
        _flush(draft)
        draft.replace(self._current)
        with self._guard:
            self.tables = tables
        _flush(self.folder)
        self.sweep()

    def _read(self) -> Tables:
        if not self._current.exists():
            return {}
        try:
            digest, _, body = self._current.read_text().partition("\n")
            if digest != _digest(body):
                raise ValueError("it is not what was written")
            return {name: _understood(said) for name, said in json.loads(body).items()}
        except (ValueError, KeyError) as error:
            raise Damaged(f"{self._current.name}: {error}") from error

    def sweep(self) -> None:
        """Remove the files that belong to no table and are read by nobody."""
        with self._guard:
            needed = _names(self.tables) | {name for name, times in self._pins.items() if times > 0}
            self._pins = Counter({name: times for name, times in self._pins.items() if times > 0})
        self._remove({path.name for path in self.data.iterdir()} - needed)

    def _remove(self, names: set[str]) -> None:
        for name in names:
            (self.data / name).unlink(missing_ok=True)


class LakeWriter:
    """`Writer` over a `Lake`: files are made at once, and belong to a table from the commit on."""

    def __init__(self, lake: Lake):
        self.lake, self.tables, self.made = lake, dict(lake.tables), set[str]()
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
            waiting.append(_shaped(rows, self.tables[table].schema))
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
            if len(small) > MOST_SMALL and table != self.lake.tables.get(name):
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
        found = read(self.lake.path(file), [column.stored for column in wanted])
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
            path = self.lake.data / name
            stored = part.rename_columns([column.stored for column in found.columns])
            pq.write_table(stored, path, compression="zstd", write_page_checksum=True)
            extremes = {key: pc.min_max(part[key]).as_py() for key in found.keys}
            known = {key: both for key, both in extremes.items() if both["min"] is not None}
            low, high = ({key: both[end] for key, both in known.items()} for end in ("min", "max"))
            made.append(File(name, part.num_rows, path.stat().st_size, low, high))
        return tuple(made)


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A file of a lake, or those of its `columns` that it has.

    Raises:
        Damaged: it is missing, or not what was written.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            there = file.schema_arrow.names
            return file.read(None if columns is None else [name for name in columns if name in there])
    except (FileNotFoundError, pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
        if isinstance(error, OSError) and error.errno and not isinstance(error, FileNotFoundError):
            raise  # the machine's trouble, not the file's
        raise Damaged(f"{path.name}: {str(error).partition(chr(10))[0]}") from error


def _shaped(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """`rows` with every column of `schema`, in its order."""
    there = set(rows.column_names)
    arrays = [rows[f.name].cast(f.type) if f.name in there else pa.nulls(rows.num_rows, f.type) for f in schema]
    return pa.table(arrays, schema=schema)


def _names(tables: Tables) -> set[str]:
    return {file.name for table in tables.values() for file in table.files}


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _written(table: Table) -> dict[str, Any]:
    return {
        "columns": [[column.name, str(column.type), column.stored] for column in table.columns],
        "keys": table.keys,
        "files": [[file.name, file.rows, file.size, file.low, file.high] for file in table.files],
    }


def _understood(said: dict[str, Any]) -> Table:
    columns = tuple(Column(name, _type(type), stored) for name, type, stored in said["columns"])
    return Table(columns, tuple(said["keys"]), tuple(File(*file) for file in said["files"]))


def _type(said: str) -> pa.DataType:
    if said.startswith("list<"):
        return pa.list_(_type(said.removesuffix(">").partition(": ")[2]))
    if said.startswith("decimal128("):
        precision, scale = said[len("decimal128(") : -1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _TYPES[said]
