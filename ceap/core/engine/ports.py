"""What an engine must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis.backends.sql import SQLBackend

from ceap.core.engine.given import Given


class Damaged(Exception):
    """The warehouse cannot be read: it has to be made again from the store and the archive."""


class InUse(Exception):
    """Another process holds the warehouse."""


class Unsupported(Exception):
    """No engine is known for such a URL."""


class Unreachable(Exception):
    """The engine cannot be started or reached here; the message says what is missing and what to do."""


class Writer(Protocol):
    """Writes that become visible together, at the end of `Engine.writing()`. Table and column names are trusted."""

    def columns(self, table: str) -> dict[str, dt.DataType]:
        """The columns of `table` as this writer sees them; {} when there is no such table."""

    def create(self, table: str, schema: pa.Schema, keys: Sequence[str] = ()) -> None:
        """Make `table` empty, with this schema, in place of any table of that name; look-ups go by `keys`."""

    def drop(self, table: str) -> None:
        """Remove a table, if it is there."""

    def add_column(self, table: str, name: str, type: pa.DataType) -> None:
        """Add a column of nulls."""

    def drop_column(self, table: str, name: str) -> None:
        """Remove a column."""

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows; columns that `rows` does not have become null."""

    def append_new(self, table: str, rows: pa.Table, key: str) -> None:
        """Add those rows whose `key` is not there yet (`rows` holds each key once)."""

    def put(self, table: str, rows: pa.Table, key: str) -> None:
        """Add rows, each in place of those with its `key` (`rows` holds each key once)."""

    def delete(self, table: str, column: str, values: pa.Array) -> None:
        """Remove the rows whose `column` is one of `values`."""

    def clear(self, table: str) -> None:
        """Remove every row."""

    def assign(self, table: str, column: str, where: str, mapping: pa.Table) -> None:
        """Set `column` to mapping's "new" in every row whose `where` is mapping's "old"."""

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a small table."""


class Engine(Protocol):
    """One open warehouse. Everything may be called from any thread. `pace`: seconds between loads when nobody asks."""

    pace: float

    def backend(self) -> SQLBackend:
        """The Ibis backend of the calling thread."""

    def run(self, expr: Any, given: Given | None = None) -> pa.Table:
        """Evaluate an Ibis table expression, whichever thread it was built in.

        Args:
            given: what its parameters are, and the rows of the tables that are not in the warehouse. An engine that
                cannot bind them evaluates `given.written(expr)`.

        Raises:
            Damaged: a damaged part of the file was met.
            Unreachable: the engine is not there any more.
        """

    def interrupter(self) -> Callable[[], None]:
        """A function, for any thread, that stops the statement which the calling thread runs by then, if it runs one.

        What was stopped raises an error of the engine. An engine that cannot do that gives a function without effect.
        """

    def writing(self) -> AbstractContextManager[Writer]:
        """One transaction, one writer at a time: committed at the end of the block, rolled back when it raises."""

    def verify(self) -> None:
        """Read everything once.

        Raises:
            Damaged: something cannot be read.
        """

    def forget(self) -> None:
        """Leave nothing on the disk of tables, rows and results that are gone. Nobody reads or writes meanwhile.

        Raises:
            InUse: something has to end first.
        """

    def close(self) -> None:
        """Let go of the warehouse."""
