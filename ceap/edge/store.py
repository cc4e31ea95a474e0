"""The data plane's way into the store: raw drivers, durable commits shared by concurrent requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from ceap.core.sql import Vendor
from ceap.kit.home import Home

T = TypeVar("T")
Work = Callable[[Any], T]


class Store(Protocol):
    """What the edge needs of a database. Placeholders are `%s`; rows are tuples."""

    vendor: Vendor

    async def read(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one indexed look-up.

        Raises:
            Unavailable: the store cannot be read.
        """

    async def aside(self, work: Work[T]) -> T:
        """Run `work(cursor)`, which only reads, in a thread: for what would make other requests wait.

        Raises:
            Unavailable: the store cannot be read.
        """

    async def write(self, work: Work[T]) -> T:
        """Run `work(cursor)` in a write transaction and return its result once the commit is on disk (fsync).

        An exception from `work` rolls back its own writes only, and is raised here.

        Raises:
            Unavailable: the store cannot take writes; nothing of `work` was kept.
        """

    def close(self) -> None:
        """Finish the writes that were begun, refuse others, and let go of the store."""


def open_store(home: Home) -> Store:
    """The store of `home`; it is reached at the first use, so it need not exist yet."""
    if home.store_file:
        from ceap.edge.sqlite import SqliteStore

        return SqliteStore(home.store_file)
    from ceap.edge.postgresql import PostgresqlStore

    return PostgresqlStore(home.store_url)
