"""Pure decisions of the sender: how many may go, when to try again, when to stop trying."""

from __future__ import annotations

from datetime import timedelta

MAX_ATTEMPTS = 6
_FIRST_RETRY, _LONGEST_RETRY = timedelta(seconds=60), timedelta(hours=4)
_LONGEST_OPEN, _LONGEST_HOLD = 300.0, 300.0
SLOWEST_PACE = 1 / 64
PACE_RECOVERY = 60.0  # seconds in which the pace doubles again


def bucket(tokens: float, elapsed: float, rate: float, burst: int) -> float:
    """The tokens in a bucket of size `burst` that had `tokens` `elapsed` seconds ago and fills at `rate` a second."""
    return min(float(max(burst, 1)), tokens + max(elapsed, 0.0) * rate)


def retry_after(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th temporary refusal: 1 min, doubling, at most 4 h."""
    return min(_FIRST_RETRY * float(2 ** max(attempts - 1, 0)), _LONGEST_RETRY)


def open_for(failures: int) -> float:
    """Seconds that the breaker stays open after `failures` failures in a row: 2, doubling, at most 5 min."""
    return min(2.0**failures, _LONGEST_OPEN)


def hold_for(asked: float, holds: int) -> float:
    """Seconds to hold after the `holds`-th request in a row to slow down: what was asked, growing, at most 5 min."""
    return max(asked, min(2.0 ** (holds - 1), _LONGEST_HOLD)) if asked > 0 else 0.0


def hand_size(per_second: float, seconds: float = 0.05, most: int = 100) -> int:
    """How many messages a connection that manages `per_second` may have in hand at once."""
    return max(1, min(most, int(per_second * seconds)))
