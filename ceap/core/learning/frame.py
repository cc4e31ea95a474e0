"""The one shape that models learn from and score: amounts per category, an outlet, and some further numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Frame:
    """`n` customers by column.

    amounts: category → money spent, shape (n,), finite and >= 0. outlet: name or None per customer, or no column.
    numbers: further features such as recency in days, frequency, basket, age; nan where unknown.
    """

    amounts: Mapping[str, Floats]
    outlet: NDArray[np.object_] | None = None
    numbers: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.amounts.values())))

    @property
    def total(self) -> Floats:
        """Money spent in all categories, shape (n,)."""
        return np.asarray(np.sum([*self.amounts.values()], axis=0))

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Frame:
        """Some of the customers, in the order given."""
        outlet = None if self.outlet is None else self.outlet[rows]
        return Frame(
            {name: values[rows] for name, values in self.amounts.items()},
            outlet,
            {name: values[rows] for name, values in self.numbers.items()},
        )


def shares(frame: Frame) -> dict[str, Floats]:
    """Each category's part of the money spent, shape (n,), adding to 1; 0 for who spent nothing."""
    total = frame.total
    safe = np.where(total > 0, total, 1.0)
    return {name: values / safe for name, values in frame.amounts.items()}
