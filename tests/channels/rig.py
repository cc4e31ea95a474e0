"""Run the real sender in this process until what was planned has ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connections

from ceap.channels import queries, sender
from ceap.channels.contracts import OPEN


@contextmanager
def worker(count: int = 1) -> Iterator[None]:
    """`count` senders at work for the duration of the block."""
    stop = threading.Event()
    threads = [threading.Thread(target=sender.run, args=(stop,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        connections["default"].close()


def wait(done: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def on_the_way(source: UUID, kind: str = "campaign") -> int:
    tally = queries.tally(kind, source)
    return sum(tally[state] for state in OPEN)


def send_all(*sources: UUID, workers: int = 1, seconds: float = 30, kind: str = "campaign") -> None:
    """Send until nothing of the sources is on the way any more."""
    with worker(workers):
        wait(lambda: not any(on_the_way(source, kind) for source in sources), seconds)


def ended(source: UUID, kind: str = "campaign") -> dict[str, int]:
    """The states that occur, with their counts."""
    return {state: count for state, count in queries.tally(kind, source).items() if count}
