"""The states of a delivery, and the words for why it ended so."""

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
COSTS = (State.SENDING, State.SENT, State.UNKNOWN)  # a provider may charge for it
FINAL = tuple(s for s in State if s not in OPEN)

# The state in which a refusal of the gate ends a delivery.
REFUSED = {
    "unreachable": State.FAILED,
    "no_consent": State.SUPPRESSED,
    "suppressed": State.SUPPRESSED,
    "capped": State.CAPPED,
    "quiet": State.QUIET,
}

REASONS = {
    "": "",
    "unreachable": "The customer has no valid address on this channel.",
    "no_consent": "The customer has not given consent to be contacted for this purpose.",
    "suppressed": "The address is on the suppression list.",
    "unsubscribed": "The customer unsubscribed before the message was handed over.",
    "capped": "The customer has already had as many messages this week as the cap allows.",
    "quiet": "It was quiet time where the customer is, until after the message's last moment.",
    "expired": "The message could not be sent before its last moment.",
    "cancelled": "The sending was cancelled.",
    "rendering": "The content could not be made for this customer.",
    "template_no_unsubscribe": "The message has no link to unsubscribe, and marketing does not leave without one.",
    "address": "The address cannot be written to.",
    "rejected": "The recipient's server refused the message for good.",
    "bounced": "The recipient's server says that the address does not exist; it is suppressed from now on.",
    "attempts": "The recipient's server put it off too many times.",
    "retry": "The recipient's server put it off; it will be tried again.",
    "cut": "The connection broke after the message was handed over: it may have arrived. It is not repeated.",
    "timeout": "The server did not answer after the message was handed over: it may have arrived. It is not repeated.",
    "crash": "The worker stopped while handing it over: it may have arrived. It is not repeated.",
    "restored": "The installation was restored from a backup: it may have been sent since. It is not repeated.",
}


def words(reason: str) -> str:
    """A reason code as a sentence."""
    return REASONS.get(reason, REASONS["rendering"] if reason.startswith("template_") else reason)
