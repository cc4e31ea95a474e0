"""What the tables of a lake are made of, and their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ceap.core.engine.ports import Damaged

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


def shaped(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """`rows` with every column of `schema`, in its order."""
    there = set(rows.column_names)
    arrays = [rows[f.name].cast(f.type) if f.name in there else pa.nulls(rows.num_rows, f.type) for f in schema]
    return pa.table(arrays, schema=schema)


def names(tables: Tables) -> set[str]:
    return {file.name for table in tables.values() for file in table.files}


def written(table: Table) -> dict[str, Any]:
    return {
        "columns": [[column.name, str(column.type), column.stored] for column in table.columns],
        "keys": table.keys,
        "files": [[file.name, file.rows, file.size, file.low, file.high] for file in table.files],
    }


def understood(said: dict[str, Any]) -> Table:
    columns = tuple(Column(name, _type(type), stored) for name, type, stored in said["columns"])
    return Table(columns, tuple(said["keys"]), tuple(File(*file) for file in said["files"]))


def _type(said: str) -> pa.DataType:
    if said.startswith("list<"):
        return pa.list_(_type(said.removesuffix(">").partition(": ")[2]))
    if said.startswith("decimal128("):
        precision, scale = said[len("decimal128(") : -1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _TYPES[said]
