"""The module that Django looks for in a backend: `DatabaseWrapper`."""

from __future__ import annotations

import atexit
import os
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

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
    """Close what nobody uses; a process that forks must, and what is open at its end would end unsaid."""
    with _lock:
        closing, _idle[:] = list(_idle), []
    for one in closing:
        one.connection.close()


atexit.register(close_idle)
os.register_at_fork(before=close_idle)


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite's, with connections that are given back instead of closed."""

    _opened: tuple[str, int, int] | None = None
    _since = 0.0

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
        if time.monotonic() - self._since > LONG:
            with self.wrap_database_errors:
                connection.execute("PRAGMA shrink_memory")
        with _lock:
            if is_kept := len(_idle) < MOST_IDLE:
                _idle.append(Idle(connection, file))
        if not is_kept:
            super()._close()  # type: ignore[misc]
