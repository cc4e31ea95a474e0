"""Segments keep who they are when a model is trained again, and who moved between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAME = 0.3  # share of common members (Jaccard) from which on two segments may be the same one


def movement(before: NDArray[np.integer], after: NDArray[np.integer], rows: int, columns: int) -> NDArray[np.int64]:
    """How many customers went from each segment of `before` to each of `after`, shape (rows, columns)."""
    return np.bincount(before * columns + after, minlength=rows * columns).reshape(rows, columns).astype(np.int64)


def matched(moved: NDArray[np.int64], known: Sequence[str], new: Sequence[str]) -> list[str]:
    """A key for each new segment: that of the old one it goes on from, else one of `new`.

    The assignment with the most customers in common (Kuhn 1955), of pairs that share at least `SAME` of their members.

    Args:
        moved: old segments (rows) × new segments (columns). known: keys of the old; new: fresh keys, enough for all.
    """
    from scipy.optimize import linear_sum_assignment

    union = moved.sum(axis=1, keepdims=True) + moved.sum(axis=0, keepdims=True) - moved
    common = np.divide(moved, union, out=np.zeros(moved.shape), where=union > 0)
    old, young = linear_sum_assignment(-common)
    keys = {int(b): known[int(a)] for a, b in zip(old, young, strict=True) if common[a, b] >= SAME}
    fresh = iter(key for key in new if key not in set(known))
    return [keys[n] if n in keys else next(fresh) for n in range(moved.shape[1])]
