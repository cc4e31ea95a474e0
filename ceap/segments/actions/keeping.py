"""Something done again and again in the background while a block runs: keeping a lease."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from ceap.segments.actions import lease

log = logging.getLogger("ceap.segments")


@contextmanager
def kept(beat: Callable[[], Any]) -> Iterator[None]:
    """Call `beat` three times in the length of a lease, from a thread of its own."""
    stop = threading.Event()

    def keep() -> None:
        while not stop.wait(lease.LENGTH.total_seconds() / 3):
            try:
                beat()
            except Exception:  # the next beat, or whoever takes the lease over, deals with it
                log.exception("a heartbeat of segments failed")
        connection.close()

    thread = threading.Thread(target=keep, daemon=True, name="segments-lease")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
