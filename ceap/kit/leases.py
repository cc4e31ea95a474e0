"""Leases that end with whoever holds them.

A process that takes leases holds a lock on a file of its own, run/holder-<id>.lock, for as long as it lives, and each
of its tokens begins with its id. The system releases the lock when the process ends, however it ends: its leases can be
ended then, long before their time is up. `ceap.jobs.holders` does so, for the tables that packages name here.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ceap.kit.home import Home

ID = 12  # characters of a token that name its holder
_REST = 20
_mine: dict[Path, str] = {}  # home -> this process's id; the descriptors stay open until it ends
_lock = threading.Lock()


@dataclass(frozen=True)
class Leased:
    """A table whose rows are held under leases: which rows (SQL), columns of token and end, and what takes over.

    `then` (or its dotted path) is called after leases were ended before their time; None: whoever looks next sees it.
    """

    table: str
    where: str
    columns: tuple[str, str] = ("lease_token", "lease_until")
    then: Callable[[], Any] | str | None = None


TABLES: dict[str, Leased] = {}


def leased(one: Leased) -> None:
    """Have the leases in this table end with their holders."""
    TABLES[one.table] = one


def token() -> str:
    """A new token of this process, 32 characters."""
    return holder() + secrets.token_hex(_REST // 2)


def holder() -> str:
    """The id of this process as a holder of leases; takes its lock at the first call."""
    home = Home.load()
    with _lock:
        if home.path not in _mine:
            _mine[home.path] = _appear(home.path / "run")
        return _mine[home.path]


def machine() -> str:
    """What names this machine."""
    file = Path("/etc/machine-id")
    return file.read_text().strip() if file.exists() else os.uname().nodename


def _appear(folder: Path) -> str:
    """Write and lock the file before it can be seen: who finds it unlocked knows that its process has ended."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    id = secrets.token_hex(ID // 2)
    draft = folder / f".holder-{id}"
    fd = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.write(fd, json.dumps([machine(), os.fstat(fd).st_ino, os.getpid()]).encode())
    os.rename(draft, folder / f"holder-{id}.lock")
    return id


def _after_fork() -> None:
    """A fork does not inherit its parent's lock; it takes one of its own when it needs it."""
    global _lock
    _lock = threading.Lock()
    _mine.clear()


os.register_at_fork(after_in_child=_after_fork)


def holders(home: Home) -> dict[str, bool]:
    """The holders of this home on this machine, by id: whether their process lives.

    Only a file that was written on this machine and is no copy is believed: elsewhere a lock says nothing.
    """
    found = dict.fromkeys(_mine.values(), True)
    for file in (home.path / "run").glob("holder-*.lock"):
        id = file.stem.removeprefix("holder-")
        if id not in found:  # to open one's own file and close it would release one's lock
            lives = _lives(file)
            if lives is not None:
                found[id] = lives
    return found


def forget(home: Home, id: str) -> None:
    """Remove the file of a holder that has ended, once no lease of its can be left."""
    with suppress(FileNotFoundError):
        (home.path / "run" / f"holder-{id}.lock").unlink()


def _lives(file: Path) -> bool | None:
    """Whether the process that wrote `file` lives; None when that cannot be known here."""
    try:
        fd = os.open(file, os.O_RDWR)
    except OSError:  # another process removed it
        return None
    try:
        where, inode, _ = json.loads(os.pread(fd, 4096, 0))
        if where != machine() or inode != os.fstat(fd).st_ino:
            return None
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (OSError, ValueError):
        return None
    finally:
        os.close(fd)
    return False
