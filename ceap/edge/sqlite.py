"""SQLite for the edge: reads in the event loop, long ones in a thread, writes in one thread whose commits concurrent
requests share.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pysqlite3.dbapi2 as driver

from ceap.core.sql import Vendor, statement
from ceap.edge.problems import Unavailable
from ceap.edge.store import T, Work
from ceap.kit import sqlite

log = logging.getLogger("ceap.edge")

BUSY_SECONDS = 5  # how long to wait for another process's write transaction
GROUP = 256  # transactions that share one commit at most
WAITING = 4_096  # more than this many waiting writes are refused at once
_CHECKPOINT_PAGES = 4_000  # a checkpoint every 16 MB of log instead of every 4: fewer pauses

Waiting = tuple[Work[Any], "asyncio.Future[Any]"]


class SqliteStore:
    """See `ceap.edge.store.Store`."""

    vendor: Vendor = "sqlite"

    def __init__(self, file: Path):
        self.file = file
        self._reader: Any = None
        self._second: Any = None  # of the thread for long reads
        self._aside = ThreadPoolExecutor(1, "reader")
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._write_all, name="writer", daemon=True)
        self._thread.start()

    async def read(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        # A look-up by index takes some 20 µs and never waits for the writer (WAL): a thread would cost more.
        try:
            if self._reader is None:
                self._reader = self._connect_to_read()
            found: list[tuple[Any, ...]] = self._reader.execute(statement("sqlite", sql), params).fetchall()
            return found
        except driver.Error as error:
            raise unavailable(error) from error

    async def aside(self, work: Work[T]) -> T:
        def look() -> T:
            if self._second is None:
                self._second = self._connect_to_read()
            cursor = self._second.cursor()
            try:
                return work(cursor)
            finally:
                cursor.close()

        try:
            return await asyncio.get_running_loop().run_in_executor(self._aside, look)
        except driver.Error as error:
            raise unavailable(error) from error

    async def write(self, work: Work[T]) -> T:
        if self._closed:
            raise Unavailable("This process is stopping; try again in a moment.", retry_after=1)
        if self._queue.qsize() >= WAITING:
            raise Unavailable("Too many writes are waiting; try again in a moment.", retry_after=2)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put((work, future))
        result: T = await future
        return result

    def close(self) -> None:
        self._closed = True
        self._queue.put(None)
        self._thread.join(BUSY_SECONDS + 5)
        self._aside.shutdown(wait=True)
        for connection in (self._reader, self._second):
            if connection is not None:
                connection.close()

    def _connect(self) -> Any:
        uri = f"{self.file.absolute().as_uri()}?mode=rw"  # never makes a store: that is the app's work
        connection = driver.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        connection.executescript(sqlite.PRAGMAS)
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        return connection

    def _connect_to_read(self) -> Any:
        connection = self._connect()
        connection.execute("PRAGMA query_only=ON")
        return connection

    def _write_all(self) -> None:
        connection: Any = None
        while True:
            first = self._queue.get()
            if first is None:
                break
            group, ending = [first], False
            while len(group) < GROUP and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    ending = True
                    break
                group.append(item)
            try:
                connection = connection or self._connect()
                results = _commit(connection, [work for work, _ in group])
            except Exception as error:
                # Whoever came meanwhile is told as well, instead of waiting as long once more.
                while not self._queue.empty() and not ending:
                    item = self._queue.get()
                    ending = item is None
                    group += [item] if item else []
                results = [_refusal(error)] * len(group)
                if connection is not None:
                    with suppress(driver.Error):
                        connection.close()
                connection = None
            _answer([future for _, future in group], results)
            if ending:
                break
        if connection is not None:
            connection.close()


def _commit(connection: Any, works: list[Work[Any]]) -> list[Any]:
    """Run the works in one transaction, each under its own savepoint; results (or exceptions) once it is on disk."""
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    try:
        results: list[Any] = []
        for work in works:
            cursor.execute("SAVEPOINT one")
            try:
                results.append(work(cursor))
            except driver.OperationalError:  # disk full, input/output: the whole transaction is in doubt
                raise
            except Exception as error:
                cursor.execute("ROLLBACK TO one")
                results.append(error)
            cursor.execute("RELEASE one")
        cursor.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(driver.Error):
                connection.execute("ROLLBACK")
        raise
    return results


def _answer(futures: list[asyncio.Future[Any]], results: list[Any]) -> None:
    def resolve() -> None:
        for future, result in zip(futures, results, strict=True):
            if future.done():  # the caller went away; the work was kept all the same
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    with suppress(RuntimeError):  # the loop has ended: nobody waits any more
        futures[0].get_loop().call_soon_threadsafe(resolve)


def _refusal(error: Exception) -> Exception:
    if isinstance(error, driver.Error):
        return unavailable(error)
    log.error("the writer met an error", exc_info=error)
    return error


def unavailable(error: Exception) -> Unavailable:
    """The refusal for a driver's error, in words; the error itself goes to the log."""
    text = str(error)
    if "locked" in text or "busy" in text:
        problem = Unavailable("The store is busy with another write; try again in a moment.", retry_after=2)
    elif "full" in text:
        problem = Unavailable("The disk of the store is full; nothing was accepted. Try again later.", retry_after=30)
    elif "unable to open" in text or "no such table" in text:
        problem = Unavailable("The store is not ready yet; try again in a moment.", retry_after=2)
    else:
        problem = Unavailable("The store cannot be reached at this moment; nothing was accepted.", retry_after=10)
    log.error("store: %s", text)
    return problem
