"""Reading and exchanging the file of the warehouse without getting into each other's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Readers:
    """Who reads now: any number at once, or nobody while the file is exchanged."""

    def __init__(self) -> None:
        self._count, self._shut, self._changed = 0, False, threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        """A reader; waits while nobody may read."""
        with self._changed:
            self._changed.wait_for(lambda: not self._shut)
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    @contextmanager
    def none(self, patience: float) -> Iterator[bool]:
        """Let nobody begin to read until the block ends; whether the others have ended within `patience` seconds."""
        with self._changed:
            self._shut = True
            alone = self._changed.wait_for(lambda: not self._count, patience)
        try:
            yield alone
        finally:
            with self._changed:
                self._shut = False
                self._changed.notify_all()
