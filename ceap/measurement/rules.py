"""What a campaign was worth: pure arithmetic over counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Worth:
    """Money of a campaign, in the organisation's currency."""

    orders: int
    converted: int
    revenue: Decimal
    cost: Decimal
    apart: int = 0  # order lines whose currency has no rate: in no amount

    @property
    def profit(self) -> Decimal:
        return self.revenue - self.cost

    @property
    def roi(self) -> Decimal | None:
        """(revenue − cost) / cost; None where nothing was spent."""
        return self.profit / self.cost if self.cost else None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"profit": self.profit, "roi": self.roi}


def share(part: int, whole: int) -> float | None:
    """`part` of `whole` as a fraction; None of nothing."""
    return part / whole if whole else None


def step_of(span_seconds: float) -> str:
    """The width of a timeline's bars, so that there are at most about 150: second, minute, hour or day."""
    for unit, seconds in (("second", 1), ("minute", 60), ("hour", 3600)):
        if span_seconds <= 150 * seconds:
            return unit
    return "day"
