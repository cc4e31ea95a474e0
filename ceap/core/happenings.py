"""What an event may say, whichever door it comes through: data plane, file, command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

AHEAD = timedelta(days=1)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_NAME = 120
MAX_PROPERTIES = 32 * 1024  # bytes of JSON
RESERVED = ("message_", "segment_")  # only CEAP itself says that a message was opened or a segment entered


def name_fault(name: str | None) -> str:
    """Why `name` cannot be an event's name, in a sentence; "" when it can."""
    if not name or not name.isprintable() or not name.strip():
        return "Give the event's name, e.g. product_viewed."
    if len(name) > LONGEST_NAME:
        return f"An event's name has at most {LONGEST_NAME} characters."
    if name.strip().lower().startswith(RESERVED):
        return f"Names that begin with {' or '.join(RESERVED)} are CEAP's own; choose another."
    return ""


def time_fault(at: datetime, now: datetime) -> str:
    """Why nothing can have happened at `at`; both aware. "" when it can."""
    if EARLIEST <= at <= now + AHEAD:
        return ""
    return "The time lies more than a day ahead, or before 1970; check the clock and the zone."


def property_fault(name: str) -> str:
    """Why nothing can be asked about a property called `name`, in a sentence; "" when it can."""
    if 0 < len(name) <= LONGEST_NAME and name.isprintable() and not set('"\\') & set(name) and name.strip():
        return ""
    return f'The name of a property has 1 to {LONGEST_NAME} characters that can be seen, without " and \\.'


def properties_fault(size: int) -> str:
    """Why properties of `size` bytes (as JSON) are refused; "" when they are not."""
    return "At most 32 KB of properties an event; leave out what is not needed." if size > MAX_PROPERTIES else ""
