"""The module that Django looks for in a backend: `DatabaseWrapper`."""

from __future__ import annotations

import atexit
import os
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakSet

from django.db.backends.sqlite3 import base

MOST_IDLE = 8  # connections that nobody uses
LONG = 0.5  # seconds; whoever had a connection for longer may have read so much that its pages fill its 64 MiB


class Idle(NamedTuple):
    """An open connection, and which file it is open on: another may have the name since (restored, copied, deleted)."""

    connection: Any
    file: tuple[str, int, int]


_idle: list[Idle] = []  # the last that was given back is taken first
_lock = threading.Lock()


def _file(name: str) -> tuple[str, int, int] | None:
    """Which file has this name; None: there is none (yet), or it is in memory."""
    try:
        found = Path(name).stat()
    except OSError:
        return None
    return name, found.st_dev, found.st_ino


def _take(name: str) -> Idle | None:
    """An idle connection to the file that has this name now, if there is one."""
    wanted = _file(name)
    while wanted:
        with _lock:
            if not _idle:
                return None
            one = _idle.pop()
        if one.file == wanted:
            return one
        one.connection.close()
    return None


def close_idle() -> None:
    """Close what nobody uses: what is open at the end of a process would end unsaid."""
    with _lock:
        _close_all()


def _close_all() -> None:
    while _idle:
        _idle.pop().connection.close()


def _before_fork() -> None:
    """A child must not use its parent's connections: nobody gives one back until there is the child."""
    _lock.acquire()
    _close_all()


atexit.register(close_idle)
os.register_at_fork(before=_before_fork, after_in_parent=_lock.release, after_in_child=_lock.release)


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite's, with connections that are given back instead of closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._opened: tuple[str, int, int] | None = None
        self._since = 0.0
        self._cursors: WeakSet[Any] = WeakSet()

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        self._cursors.add(cursor)
        return cursor

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(conn_params["database"])
        if kept := _take(name):
            connection, self._opened = kept
        else:
            connection = super().get_new_connection(conn_params)
            self._opened = _file(name)
        self._since = time.monotonic()
        return connection

    def _close(self) -> None:
        connection, file = self.connection, self._opened
        whole = not (self.errors_occurred or self.in_atomic_block)
        if connection is None or file is None or not whole or connection.in_transaction:
            super()._close()  # type: ignore[misc]
            return
        with self.wrap_database_errors:
            for cursor in list(
                self._cursors
            ):  # one that is not read to its end would keep the store's log from being cut
                cursor.close()
            if time.monotonic() - self._since > LONG:
                connection.execute("PRAGMA shrink_memory")
        with _lock:
            if is_kept := len(_idle) < MOST_IDLE:
                _idle.append(Idle(connection, file))
        if not is_kept:
            super()._close()  # type: ignore[misc]
