"""PostgreSQL for the edge: a pool of connections, used from threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool, PoolTimeout

from ceap.core.sql import Vendor
from ceap.edge.problems import Unavailable
from ceap.edge.store import T, Work

log = logging.getLogger("ceap.edge")

CONNECTIONS = 8
WAIT_SECONDS = 5.0
ATTEMPTS = 4
# Two transactions met; the second attempt sees what the first one wrote.
_AGAIN = (errors.UniqueViolation, errors.SerializationFailure, errors.DeadlockDetected)


class PostgresqlStore:
    """See `ceap.edge.store.Store`."""

    vendor: Vendor = "postgresql"

    def __init__(self, url: str):
        options = "-c synchronous_commit=on -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s"
        self._pool = ConnectionPool(
            url, min_size=1, max_size=CONNECTIONS, timeout=WAIT_SECONDS, open=False, name="edge",
            kwargs={"options": options}, check=ConnectionPool.check_connection,
        )  # fmt: skip
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        self._pool.open(wait=False)
        self._threads = ThreadPoolExecutor(CONNECTIONS, "store")

    async def read(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        def look() -> list[tuple[Any, ...]]:
            with self._pool.connection() as connection:
                return connection.execute(sql, params).fetchall()

        return await self._run(look)

    async def aside(self, work: Work[T]) -> T:
        def look() -> T:
            with self._pool.connection() as connection, connection.cursor() as cursor:
                return work(cursor)

        return await self._run(look)

    async def write(self, work: Work[T]) -> T:
        def commit() -> T:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    with self._pool.connection() as connection, connection.cursor() as cursor:
                        return work(cursor)
                except _AGAIN:
                    if attempt == ATTEMPTS:
                        raise
            raise AssertionError("unreachable")

        return await self._run(commit)

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._pool.close()

    async def _run(self, function: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function)
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            log.error("store: %s", error)
            full = isinstance(error, errors.DiskFull)
            words = "The disk of the store is full" if full else "The store cannot be reached at this moment"
            raise Unavailable(f"{words}; nothing was accepted.", retry_after=30 if full else 5) from error
        except errors.UndefinedTable as error:
            raise Unavailable("The store is not ready yet; try again in a moment.", retry_after=2) from error
