"""Periodic work of the roles: packages register loops in their AppConfig.ready(), the app and the worker run them.

    from ceap.jobs.schedule import every
    every(60, role="app", name="segments: relative dates")("ceap.segments.actions.evaluate_due")

Each loop has its own thread, so that a slow one delays no other; with PostgreSQL several apps or workers may run the
same loop at once, so what it does must be safe to do twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, TypeVar

from ceap.kit.clock import now

log = logging.getLogger("ceap.schedule")
Role = Literal["app", "worker"]
MAX_BACKOFF = 60.0


@dataclass
class Loop:
    """One registered loop and how it is doing in this process."""

    name: str
    role: Role
    seconds: float
    function: Callable[[], Any] | str  # or its dotted path, imported when the loop starts
    last_run: datetime | None = None
    last_error: str = ""
    failures: int = field(default=0)  # in a row
    longest_wait: float = MAX_BACKOFF

    @property
    def wait(self) -> float:
        """Seconds until the next run: the period, doubled for each failure in a row up to `longest_wait`."""
        return (
            self.seconds if not self.failures else max(self.seconds, min(2.0 ** (self.failures - 1), self.longest_wait))
        )

    def _resolved(self) -> Callable[[], Any]:
        if isinstance(self.function, str):
            module, _, attribute = self.function.rpartition(".")
            self.function = getattr(import_module(module), attribute)
        return self.function  # type: ignore[return-value]

    def once(self) -> None:
        """Run it once; a failure is logged (when it is new) and remembered, never raised."""
        try:
            self._resolved()()
        except Exception as error:
            self.failures += 1
            message = f"{type(error).__name__}: {error}"
            if message != self.last_error:
                log.exception("%s failed; trying again in %.1f s", self.name, self.wait)
            self.last_error = message
        else:
            if self.failures:
                log.info("%s works again after %d failures", self.name, self.failures)
            self.failures, self.last_error = 0, ""
        self.last_run = now()


LOOPS: dict[str, Loop] = {}


Function = TypeVar("Function", bound=Callable[[], Any] | str)


def every(
    seconds: float, *, role: Role, name: str, longest_wait: float = MAX_BACKOFF
) -> Callable[[Function], Function]:
    """Run the given function every `seconds` in each process of `role`, the first time right after its start.

    A dotted path keeps its module out of the roles that do not run it. Loops of the app may also register in a
    package's `tasks` module, those of the worker only in AppConfig.ready().
    """

    def register(function: Function) -> Function:
        LOOPS[name] = Loop(name, role, seconds, function, longest_wait=longest_wait)
        return function

    return register


def start(role: Role, stop: threading.Event) -> list[threading.Thread]:
    """Start every loop of `role`, each in its own thread, until `stop` is set; returns the threads to join."""
    threads = [
        threading.Thread(target=_run, args=(loop, stop), name=loop.name, daemon=True)
        for loop in LOOPS.values()
        if loop.role == role
    ]
    for thread in threads:
        thread.start()
    return threads


def _run(loop: Loop, stop: threading.Event) -> None:
    from django.db import close_old_connections, connections

    while not stop.is_set():
        close_old_connections()
        loop.once()
        stop.wait(loop.wait)
    connections.close_all()
