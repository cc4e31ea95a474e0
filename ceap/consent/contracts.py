"""What the gate answers, and the words for its refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pyroaring import BitMap

from ceap.core.consents import CHANNELS, MARKETING, TRANSACTIONAL

__all__ = [
    "CHANNELS", "EMAIL_LIKE", "EMAIL_NOT_LIKE", "MARKETING", "REASONS", "STEPS", "SUPPRESSION_REASONS",
    "TRANSACTIONAL", "Gate", "Step", "Verdict",
]  # fmt: skip

SUPPRESSION_REASONS = ("unsubscribed", "bounced", "complained", "erased", "manual")

# Refusals in the order they are asked; the waterfall has one step for each.
REASONS = {
    "unreachable": "no valid address on this channel",
    "no_consent": "has not given consent",
    "suppressed": "the address is suppressed",
    "capped": "has had as many messages this week as the cap allows",
}
STEPS = (
    ("matched", "Matched", None),
    ("reachable", "Reachable", "unreachable"),
    ("consented", "Consented", "no_consent"),
    ("not_suppressed", "Not suppressed", "suppressed"),
    ("under_cap", "Under the cap", "capped"),
)


# Text that can be an email address at all, as SQL LIKE patterns: it is like the first and like none of the others.
EMAIL_LIKE = "_%@_%._%"
EMAIL_NOT_LIKE = ("%@%@%", "% %", "%,%", "%;%", "%<%", "%..%")


@dataclass(frozen=True)
class Step:
    """One line of the waterfall: how many are left after it."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class Verdict:
    """What the gate says about one customer: `reason` is "" when allowed; `address` as it would be used."""

    customer: int
    reason: str
    address: str
    zone: str


@dataclass(frozen=True)
class Gate:
    """Who may be contacted.

    `allowed` includes those of `deferred`, who may be contacted only from that moment on (quiet hours).
    `refused` maps the codes of `REASONS` to customers; allowed and refused together are exactly the customers given.
    """

    allowed: BitMap
    refused: dict[str, BitMap]
    deferred: dict[datetime, BitMap] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
