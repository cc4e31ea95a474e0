"""Who may use a home: one supervisor and one app (or one command in the app's place) at a time.

POSIX record locks: the system releases them when the process ends, however it ends, and forked children do not
inherit them.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from dataclasses import dataclass
from types import TracebackType

from ceap.kit.home import Home
from ceap.kit.problem import Conflict


class HomeInUse(Conflict):
    """Another process holds the home."""


@dataclass(frozen=True)
class Holder:
    """The process that holds a home. `role`: "serve", "app" or "command"."""

    role: str
    pid: int
    command: str


_held: set[str] = set()  # closing any descriptor of a locked file would release this process's lock on it


class HomeLock:
    """The lock `name` ("serve" or "app") of a home, held as `role` while the block runs.

    Raises:
        HomeInUse: another process holds it.
    """

    def __init__(self, home: Home, name: str, role: str | None = None):
        self.home, self.name, self.role = home, name, role or name
        self.file = home.path / "run" / f"{name}.lock"

    def __enter__(self) -> HomeLock:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if str(self.file) in _held:
            raise HomeInUse(f"The home {self.home.path} is already in use by this process.")
        self.fd = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self.fd)
            found = holder(self.home)
            who = f"`ceap {found.command}` (process {found.pid})" if found else "another process"
            raise HomeInUse(
                f"The home {self.home.path} is already in use by {who}; stop that first, or give --home another folder."
            ) from None
        os.ftruncate(self.fd, 0)
        os.write(self.fd, json.dumps([self.role, os.getpid(), " ".join(sys.argv[1:2])]).encode())
        _held.add(str(self.file))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        _held.discard(str(self.file))
        os.close(self.fd)


def holder(home: Home, *names: str) -> Holder | None:
    """Who holds `home` now: its supervisor, else its app or a command in the app's place; None when it is free."""
    for name in names or ("serve", "app"):
        file = home.path / "run" / f"{name}.lock"
        if str(file) in _held:
            return Holder(name, os.getpid(), " ".join(sys.argv[1:2]))
        try:
            fd = os.open(file, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return _read(os.pread(fd, 4096, 0).decode())
        finally:
            os.close(fd)
    return None


def _read(content: str) -> Holder:
    try:
        role, pid, command = json.loads(content)
    except ValueError:  # between taking the lock and writing who took it
        return Holder("command", 0, "")
    return Holder(role, pid, command)
