"""Shares of a whole, and the bands of age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

BANDS = ("<21", "21–30", "31–40", "41–50", ">50")
FIRST_AGES = (21, 31, 41, 51)  # the age at which the next band begins


def percentages(counts: Sequence[int]) -> list[float]:
    """Each count's share in percent with one decimal, adding to exactly 100.0 (largest remainder; all 0.0 of nothing).

    Equal counts differ by 0.1 at most; what is over goes to the larger remainder, then to the earlier one.
    """
    whole = sum(counts)
    if not whole:
        return [0.0] * len(counts)
    tenths = [1000 * count // whole for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda n: (-(1000 * counts[n] % whole), n))
    for n in by_remainder[: 1000 - sum(tenths)]:
        tenths[n] += 1
    return [each / 10 for each in tenths]


def latest_birthday(age: int, today: date) -> date:
    """The latest date of birth of those who are at least `age` on `today` (29 February: a year older on 1 March)."""
    year = today.year - age
    try:
        return today.replace(year=year)
    except ValueError:  # 29 February in a year without one
        return date(year, 3, 1) - timedelta(days=1)
