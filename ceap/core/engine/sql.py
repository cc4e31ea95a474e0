"""The verbs of a writer in SQL that DuckDB and PostgreSQL share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis.backends.sql import SQLBackend


def key_of(pointer: str) -> str:
    """The key of an object that a JSON pointer of one step names (RFC 6901); a bare key is itself."""
    return pointer[1:].replace("~1", "/").replace("~0", "~") if pointer.startswith("/") else pointer


class SqlWriter(ABC):
    """`Writer` over a connection that is inside a transaction."""

    def __init__(self, backend: SQLBackend):
        self.backend = backend

    @abstractmethod
    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement; its rows, if it has any."""

    @abstractmethod
    def staged(self, rows: pa.Table) -> AbstractContextManager[str]:
        """A context manager giving the name of a temporary relation with these rows."""

    def columns(self, table: str) -> dict[str, dt.DataType]:
        if table not in self.backend.list_tables():
            return {}
        return dict(self.backend.get_schema(table).items())

    def create(self, table: str, schema: pa.Schema, keys: Sequence[str] = ()) -> None:
        columns = ", ".join(f"{quote(f.name)} {self._type(f.type)}" for f in schema)
        self.drop(table)
        self.execute(f"CREATE TABLE {quote(table)} ({columns})")

    def drop(self, table: str) -> None:
        self.execute(f"DROP TABLE IF EXISTS {quote(table)}")

    def add_column(self, table: str, name: str, type: pa.DataType) -> None:
        self.execute(f"ALTER TABLE {quote(table)} ADD COLUMN {quote(name)} {self._type(type)}")

    def drop_column(self, table: str, name: str) -> None:
        self.execute(f"ALTER TABLE {quote(table)} DROP COLUMN {quote(name)}")

    def append(self, table: str, rows: pa.Table) -> None:
        if rows.num_rows:
            with self.staged(rows) as stage:
                names = listed(rows)
                self.execute(f"INSERT INTO {quote(table)} ({names}) SELECT {names} FROM {stage}")

    def append_new(self, table: str, rows: pa.Table, key: str) -> None:
        if not rows.num_rows:
            return
        with self.staged(rows) as stage:
            names, k = listed(rows), quote(key)
            self.execute(
                f"INSERT INTO {quote(table)} ({names}) SELECT {names} FROM {stage} AS s "
                f"WHERE NOT EXISTS (SELECT 1 FROM {quote(table)} AS t WHERE t.{k} = s.{k})"
            )

    def put(self, table: str, rows: pa.Table, key: str) -> None:
        if not rows.num_rows:
            return
        with self.staged(rows) as stage:
            names, k = listed(rows), quote(key)
            self.execute(f"DELETE FROM {quote(table)} WHERE {k} IN (SELECT {k} FROM {stage})")
            self.execute(f"INSERT INTO {quote(table)} ({names}) SELECT {names} FROM {stage}")

    def delete(self, table: str, column: str, values: pa.Array) -> None:
        if len(values):
            with self.staged(pa.table({"value": values})) as stage:
                self.execute(f"DELETE FROM {quote(table)} WHERE {quote(column)} IN (SELECT value FROM {stage})")

    def clear(self, table: str) -> None:
        self.execute(f"DELETE FROM {quote(table)}")

    def assign(self, table: str, column: str, where: str, mapping: pa.Table) -> None:
        if mapping.num_rows:
            with self.staged(mapping) as stage:
                self.execute(
                    f"UPDATE {quote(table)} SET {quote(column)} = m.new FROM {stage} AS m "
                    f"WHERE {quote(table)}.{quote(where)} = m.old"
                )

    def rows(self, table: str) -> list[dict[str, Any]]:
        names = list(self.columns(table))
        found = self.execute(f"SELECT {', '.join(map(quote, names))} FROM {quote(table)}") if names else []
        return [dict(zip(names, row, strict=True)) for row in found]

    def _type(self, type: pa.DataType) -> str:
        return str(self.backend.compiler.type_mapper.to_string(ibis.dtype(type)))


def quote(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(rows: pa.Table) -> str:
    """The column names of `rows`, quoted, for a statement."""
    return ", ".join(quote(name) for name in rows.column_names)
