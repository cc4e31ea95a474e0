"""What deletions leave on the disk of the store: rows that are gone stay in a file until it is written anew."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection

from ceap.core import copies
from ceap.core.copies import Beat, NotYet
from ceap.customers.queries.erasures import discover, personal_tables, tables_to_compact

PATIENCE = "5s"  # how long a rewriting waits for the users of a table; whoever comes after it waits behind it
TRIES = 60  # half a second each
STATISTICS = "pg_catalog.pg_statistic"  # the server's samples of values


@copies.last("the store's unused pages", order=50)
def _vacuum(beat: Beat) -> None:
    """Rewrite the store without what was deleted: SQLite whole, with its log; of PostgreSQL the tables that may hold
    personal data, large ones excepted: those free their space for reuse (see `compact`)."""
    if connection.in_atomic_block:  # a test's transaction
        return
    if connection.vendor == "postgresql":
        _rewrite(beat, tables_to_compact())
    else:
        _rewrite_file(beat)


def compact(beat: Beat = lambda doing: None) -> dict[str, tuple[int, int]]:
    """Rewrite every table that may hold personal data, however large; bytes before and after, by table.

    A table cannot be read or written meanwhile. SQLite: the whole file; nothing is said by table.

    Raises:
        NotYet: a table is in use all the time; the message names it.
    """
    discover()
    if connection.vendor == "postgresql":
        return _rewrite(beat, ())
    _rewrite_file(beat)
    return {}


@contextmanager
def overwriting() -> Iterator[None]:
    """On SQLite what this connection deletes or changes within the block is overwritten, and the log is cut afterwards
    if nobody reads it; other connections pay nothing for it."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = OFF")
            if not connection.in_atomic_block:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _rewrite(beat: Beat, large: Collection[str]) -> dict[str, tuple[int, int]]:
    """Rewrite the tables; sizes before and after. Those in `large` are vacuumed only.

    The server's samples of values are made again, so that they hold nothing of those who are gone, and their table is
    rewritten too, where this user may.
    """
    before = personal_tables()
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
        try:
            for name in before:
                _vacuumed(cursor, "ANALYZE" if name in large else "FULL, ANALYZE", f'"{name}"')
                beat(name)
            _vacuumed(cursor, "FULL", STATISTICS)
        finally:
            cursor.execute("RESET lock_timeout")
    after = personal_tables()
    return {name: (size, after[name]) for name, size in before.items()}


def _vacuumed(cursor: Any, how: str, table: str) -> None:
    try:
        cursor.execute(f"VACUUM ({how}) {table}")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") not in ("55P03", "40P01"):  # a lock that did not come; a deadlock
            raise
        raise NotYet(
            f"The store's table {table.strip(chr(34))} is in use; it is rewritten when that has ended."
        ) from error


def _rewrite_file(beat: Beat) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        for _ in range(TRIES):  # a reader that began before holds the log for as long as it reads
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if not cursor.fetchone()[0]:
                return
            beat("waiting for readers of the store")
            time.sleep(0.5)
        raise NotYet("The store is being read; its log is cut as soon as that has ended.")
