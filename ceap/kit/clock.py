"""The one source of the present moment, so that tests can hold it still or move it.

`CEAP_CLOCK_SHIFT` in the environment (seconds, for tests only) moves it for a process and for all that it starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

SHIFT = "CEAP_CLOCK_SHIFT"
_shift = timedelta(seconds=float(os.environ.get(SHIFT) or 0))
_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return _frozen or datetime.now(UTC) + _shift


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold `now()` at `at` (aware) for the duration of the block."""
    global _frozen
    before, _frozen = _frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


def advance(by: timedelta) -> None:
    """Move a frozen clock forward."""
    global _frozen
    if _frozen is None:
        raise RuntimeError("the clock is not frozen")
    _frozen += by
