"""PostgreSQL: a connection for each thread, the tables in a schema of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.postgres import Backend as IbisPostgreSQL
from ibis.backends.sql.compilers.postgres import PostgresCompiler

from ceap.core.engine.given import Given
from ceap.core.engine.ports import InUse, Unreachable, Writer
from ceap.core.engine.sql import SqlWriter, key_of, listed, quote

SCHEMA = "warehouse"
PATIENCE = "5s"  # how long it waits for other users of what it rewrites
_WRITER_LOCK = 7_230_011
_stages = count()


class _Writer(SqlWriter):
    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        cursor = self.backend.con.execute(sql)
        return cursor.fetchall() if cursor.description else []

    @contextmanager
    def staged(self, rows: pa.Table) -> Iterator[str]:
        name = f"staged_{next(_stages)}"
        columns = ", ".join(f"{quote(f.name)} {self._type(f.type)}" for f in rows.schema)
        self.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")
        with self.backend.con.cursor() as cursor, cursor.copy(f"COPY {name} ({listed(rows)}) FROM STDIN") as copy:
            for batch in rows.to_batches(max_chunksize=50_000):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    copy.write_row(row)
        yield name
        self.execute(f"DROP TABLE {name}")

    def create(self, table: str, schema: pa.Schema, keys: Sequence[str] = ()) -> None:
        super().create(table, schema, keys)
        for key in keys:
            self.execute(f"CREATE INDEX ON {quote(table)} ({quote(key)})")


class _Compiler(PostgresCompiler):  # type: ignore[misc]
    """Ibis's compiler, for a key of JSON as it is: Ibis and sqlglot would take it for a path."""

    __slots__ = ()
    SIMPLE_OPS: dict[Any, str] = {}  # inherited ones would replace the method below

    def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:  # noqa: N802
        if not op.index.dtype.is_string():
            return super().visit_JSONGetItem(op, arg=arg, index=index)
        return self.f.anon.json_extract_path(arg, sge.convert(key_of(op.index.value)))


class PostgreSQL:
    """`Engine` over the schema `warehouse` of a PostgreSQL database."""

    pace = 0.0

    def __init__(self, url: str):
        self.url = url.replace("postgres://", "postgresql://", 1)
        self._mine = threading.local()
        self._all: list[psycopg.Connection] = []
        with _opened(self.url) as con:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")

    def backend(self) -> IbisPostgreSQL:
        mine = getattr(self._mine, "backend", None)
        if mine is None or mine.con.closed:
            options = f"-c search_path={SCHEMA} -c timezone=UTC -c jit=off"
            con = psycopg.connect(self.url, autocommit=True, options=options)
            mine = self._mine.backend = ibis.postgres.from_connection(con)
            mine.compiler = _Compiler()
            self._all.append(con)
        return mine

    def run(self, expr: Any, given: Given | None = None) -> pa.Table:
        table = expr.as_table()
        return self.backend().to_pyarrow(given.written(table) if given else table)

    def interrupter(self) -> Callable[[], None]:
        stop: Callable[[], None] = self.backend().con.cancel_safe
        return stop

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        backend = self.backend()
        with backend.con.transaction():
            backend.con.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITER_LOCK])
            yield _Writer(backend)

    def verify(self) -> None:
        """The server looks after its own files."""

    def forget(self) -> None:
        """A table that was dropped has given up its files; the samples that the server kept of its values go here,
        where this user may (it owns the database)."""
        con = self.backend().con
        con.execute(f"SET lock_timeout = '{PATIENCE}'")
        try:
            con.execute("VACUUM (FULL) pg_catalog.pg_statistic")
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            raise InUse("the server's table of statistics is in use") from error
        finally:
            con.execute("RESET lock_timeout")

    def close(self) -> None:
        for con in self._all:
            con.close()
        self._all.clear()
        self._mine = threading.local()


def check(url: str) -> None:
    """Whether the database answers, and knows upper and lower case.

    Raises:
        Unreachable: it does not; the message says what to do.
    """
    _opened(url.replace("postgres://", "postgresql://", 1)).close()


def _opened(url: str) -> psycopg.Connection:
    try:
        con = psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise Unreachable(f"PostgreSQL does not answer: {str(error).strip()}") from error
    row = con.execute("SELECT lower('ÀÉΩ')").fetchone()
    if row is None or row[0] != "àéω":
        con.close()
        raise Unreachable("this database's lower() knows ASCII alone: make it with LC_CTYPE C.UTF-8 or another UTF-8")
    return con
