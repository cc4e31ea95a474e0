"""DuckDB: one file, one process, a cursor for each thread; locked down so that no query reaches beyond the file."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from ibis.backends.duckdb import Backend as IbisDuckDB
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from ceap.core.engine.given import Given, KeptSQL, Slots
from ceap.core.engine.ports import Damaged, InUse, Writer
from ceap.core.engine.sql import SqlWriter, quote
from ceap.kit.process import step_back

_LOCKED_DOWN = {
    "enable_external_access": "false",  # no COPY, ATTACH, read_csv, httpfs …
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
}
_ENVIRONMENT = ("permission denied", "no space left", "disk full", "out of memory", "too many open files")
_DAMAGE = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)


class _Compiler(Slots, DuckDBCompiler):  # type: ignore[misc]
    """Ibis's compiler, for SQL that is kept."""

    __slots__ = ()
    SIMPLE_OPS: dict[Any, str] = {}  # inherited ones would replace what the compiler has for itself


class _Backend(IbisDuckDB):  # type: ignore[misc]
    """Ibis over a cursor of a locked configuration: what Ibis sets at the start is set already."""

    compiler = _Compiler()

    def _post_connect(self, extensions: Sequence[str] | None = None) -> None:
        self._record_batch_readers_consumed: dict[Any, Any] = {}


class _Writer(SqlWriter):
    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self.backend.con.execute(sql).fetchall())

    @contextmanager
    def staged(self, rows: pa.Table) -> Iterator[str]:
        self.backend.con.register("staged", rows)
        try:
            yield "staged"
        finally:
            self.backend.con.unregister("staged")


class DuckDB:
    """`Engine` over one DuckDB file, or over memory when `path` is empty."""

    pace = 0.0

    def __init__(self, path: str, *, memory: str | None = None, threads: int | None = None):
        config: dict[str, Any] = dict(_LOCKED_DOWN)
        config["memory_limit"] = memory or f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2 >> 20}MiB"
        if threads:
            config["threads"] = threads
        try:
            with ThreadPoolExecutor(1, "warehouse", initializer=step_back) as thread:  # DuckDB's threads follow it
                self._root = thread.submit(duckdb.connect, path or ":memory:", config=config).result()
            self._root.execute("SET GLOBAL TimeZone = 'UTC'")
            self._root.execute("SET GLOBAL python_enable_replacements = false")
            self._root.execute("SET GLOBAL lock_configuration = true")
        except (duckdb.Error, UnicodeDecodeError) as error:
            raise _judged(error, path) from error
        self._mine = threading.local()
        self._backends: weakref.WeakSet[_Backend] = weakref.WeakSet()
        self._turn = threading.Lock()
        self._kept = KeptSQL()

    def backend(self) -> IbisDuckDB:
        if not hasattr(self._mine, "backend"):
            self._mine.backend = _Backend.from_connection(self._root.cursor())
            self._backends.add(self._mine.backend)
        return self._mine.backend

    def run(self, expr: Any, given: Given | None = None) -> pa.Table:
        try:
            return self._again(expr.as_table(), given) if given else self.backend().to_pyarrow(expr.as_table())
        except duckdb.Error as error:
            if isinstance(error, _DAMAGE) and not _environment(error):
                raise Damaged(_first_line(error)) from error
            raise

    def _again(self, expr: Any, given: Given) -> pa.Table:
        backend = self.backend()
        sql = self._kept.sql(backend, expr, given.values)
        try:
            for name, rows in given.tables.items():
                backend.con.register(name, rows)
            found = backend.con.sql(sql).to_arrow_table()
        finally:
            for name in given.tables:
                backend.con.unregister(name)
        return found.cast(expr.schema().to_pyarrow())

    def interrupter(self) -> Callable[[], None]:
        stop: Callable[[], None] = self.backend().con.interrupt
        return stop

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        with self._turn:
            yield from self._writing()

    def _writing(self) -> Iterator[Writer]:
        backend = self.backend()
        backend.con.begin()
        try:
            yield _Writer(backend)
            backend.con.commit()
        except BaseException as error:
            with suppress(duckdb.Error):  # a failed commit has ended the transaction already
                backend.con.rollback()
            if isinstance(error, _DAMAGE) and not _environment(error):
                raise Damaged(_first_line(error)) from error
            raise

    def verify(self) -> None:
        con = self._root.cursor()
        try:
            for (table,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall():
                con.execute(f"SELECT bit_xor(hash(t)) FROM {quote(table)} AS t").fetchall()
        except (duckdb.Error, UnicodeDecodeError) as error:
            raise _judged(error, "") from error
        finally:
            con.close()

    def forget(self) -> None:
        """The file holds what is gone until another takes its place, which is its owner's to do."""

    def close(self) -> None:
        for backend in list(self._backends):  # a cursor that stays open holds the file
            backend.con.close()
        self._root.close()
        self._mine = threading.local()


def _environment(error: Exception) -> bool:
    return any(sign in str(error).lower() for sign in _ENVIRONMENT)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _judged(error: Exception, path: str) -> Exception:
    text = str(error).lower()
    if "conflicting lock" in text or "could not set lock" in text:
        return InUse(_first_line(error))
    if _environment(error) or (path and not Path(path).exists()):
        return error
    return Damaged(_first_line(error))
