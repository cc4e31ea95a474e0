"""Pure decisions about webhooks: parts of a notice, when to try again, when to leave a server alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

PART = 500  # customers in one payload
DELAYS = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)  # of the Standard Webhooks specification, after each failed attempt
JITTER = 0.2
LONGEST_WAIT = timedelta(days=1)  # that a server's Retry-After can ask for
FAILURES = 5  # in a row, then the server is left alone
REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=30)


def parts_of(size: int) -> int:
    """How many payloads a notice about `size` customers has; one when it is about none."""
    return max(1, -(-size // PART))


def next_attempt(attempts: int, at: datetime, chance: float, retry_after: timedelta | None = None) -> datetime | None:
    """When to try again after `attempts` failed ones, the last at `at`; None: give up.

    Args:
        chance: 0 to 1, drawn by the caller: up to `JITTER` of the delay is added.
        retry_after: what the server asked for; never earlier than that, at most `LONGEST_WAIT`.
    """
    if attempts > len(DELAYS):
        return None
    wait = DELAYS[max(attempts, 1) - 1] * (1 + JITTER * chance)
    return at + max(wait, min(retry_after or timedelta(0), LONGEST_WAIT))


def rest_until(failures: int, at: datetime, chance: float) -> datetime | None:
    """Until when a server is left alone after `failures` in a row; None: it is not."""
    if failures < FAILURES:
        return None
    doublings: int = min(failures - FAILURES, 12)
    rest = min(REST * (1 << doublings), LONGEST_REST)
    return at + rest * (1 + JITTER * chance)


def retry_after(value: str, at: datetime) -> timedelta | None:
    """What a Retry-After header asks for: seconds or an HTTP date; None when it says nothing usable."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:12]), 10**9))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - at, timedelta(0))


def origin(url: str) -> dict[str, str]:
    """The server of a web address, as the destination that a webhook's secret is bound to."""
    parts = urlsplit(url.strip())
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return {"origin": f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{port}"}
