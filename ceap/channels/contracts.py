"""The states of a delivery."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Planned, claimed and sending are on the way; every delivery ends in exactly one of the others."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    CAPPED = "capped"
    QUIET = "quiet"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


OPEN = (State.PLANNED, State.CLAIMED, State.SENDING)
FINAL = tuple(s for s in State if s not in OPEN)
