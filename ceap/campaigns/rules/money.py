"""What a campaign costs and brings."""

from __future__ import annotations

from decimal import Decimal

LARGEST_AMOUNT = 10**12  # no budget or cost reaches it


def cost_of(fixed: Decimal, per_message: Decimal, messages: int) -> Decimal:
    """What it costs to send `messages` messages, in the organisation's currency."""
    return fixed + per_message * messages


def roi(revenue: Decimal, cost: Decimal) -> Decimal | None:
    """Return on investment, (revenue − cost) / cost; None where nothing was spent."""
    return (revenue - cost) / cost if cost else None
