"""Groups of alike customers: how many there are, where their centres lie, and how sure that is."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE = 8_000  # rows looked at for the number of clusters
SILHOUETTE_SAMPLE = 3_000
STRONG = 0.8  # prediction strength from which on a number of clusters is real (Tibshirani & Walther 2005)
NEARLY = 0.9  # part of the best value from which on more clusters are preferred
RESAMPLES = 8
SPLITS = 4

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Tried:
    """One number of clusters: how far apart they are (silhouette, Rousseeuw 1987), and whether they come again."""

    k: int
    silhouette: float
    strength: float


@dataclass(frozen=True)
class Clusters:
    """Centres, shape (k, d), and how their number was chosen."""

    centres: NDArray[np.float32]
    tried: tuple[Tried, ...] = ()

    def assign(self, x: NDArray[Any]) -> Labels:
        """The nearest centre of each row, shape (n,)."""
        return assign(x, self.centres)


def assign(x: NDArray[Any], centres: NDArray[Any]) -> Labels:
    """The nearest of `centres` (k, d) for each row of `x` (n, d), shape (n,)."""
    found = np.empty(len(x), np.int64)
    squares = (centres.astype(np.float64) ** 2).sum(axis=1)
    for at in range(0, len(x), 65_536):
        part = x[at : at + 65_536].astype(np.float64)
        found[at : at + len(part)] = np.argmin(squares - 2 * part @ centres.T.astype(np.float64), axis=1)
    return found


def distances(x: NDArray[Any], centres: NDArray[Any]) -> NDArray[np.float64]:
    """Squared distance of each row to each centre, shape (n, k)."""
    x, centres = x.astype(np.float64), centres.astype(np.float64)
    return np.asarray(np.maximum((x**2).sum(axis=1)[:, None] - 2 * x @ centres.T + (centres**2).sum(axis=1), 0))


def fit(x: NDArray[Any], k: int, seed: int, starts: int = 8) -> NDArray[np.float32]:
    """Centres of k-means++ (Arthur & Vassilvitskii 2007), shape (k, d), the best of `starts`."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    rng = np.random.default_rng(seed)
    part = x if len(x) <= 8 * SAMPLE else x[np.sort(rng.choice(len(x), 8 * SAMPLE, replace=False))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different customers than clusters: some stay empty
        found = KMeans(k, n_init=starts, random_state=seed).fit(part.astype(np.float64))
    return np.asarray(found.cluster_centers_, np.float32)


def silhouette(x: NDArray[Any], labels: Labels, seed: int) -> float:
    """Mean silhouette, −1…1, of a sample; 0 when there is one cluster."""
    from sklearn.metrics import silhouette_score

    rng = np.random.default_rng(seed)
    rows = np.arange(len(x)) if len(x) <= SILHOUETTE_SAMPLE else rng.choice(len(x), SILHOUETTE_SAMPLE, replace=False)
    if len(set(labels[rows])) < 2 or len(set(labels[rows])) >= len(rows):
        return 0.0
    return float(silhouette_score(x[rows].astype(np.float64), labels[rows]))


def strength(x: NDArray[Any], k: int, seed: int) -> float:
    """Prediction strength of k clusters, 0…1 (Tibshirani & Walther 2005, eq. 2.1).

    Both halves are clustered; of the pairs that are together in one half, how many does the other half's clustering
    keep together: in the worst cluster, the mean of `SPLITS` splits.
    """
    rng = np.random.default_rng(seed)
    found = []
    for split in range(SPLITS):
        order = rng.permutation(len(x))
        one, other = x[order[: len(x) // 2]], x[order[len(x) // 2 :]]
        own, theirs = fit(other, k, seed + split, 4), fit(one, k, seed + split, 4)
        mine, given = assign(other, own), assign(other, theirs)
        worst = 1.0
        for cluster in range(k):
            counts = np.bincount(given[mine == cluster], minlength=k).astype(float)
            n = counts.sum()
            worst = min(worst, float((counts * (counts - 1)).sum() / (n * (n - 1))) if n > 1 else 0.0)
        found.append(worst)
    return float(np.mean(found))


def choose(x: NDArray[Any], ks: Sequence[int], seed: int) -> tuple[int, tuple[Tried, ...]]:
    """The number of clusters: of those that come again (prediction strength), the most that are nearly as well
    separated as the best.

    When none comes again, the one that comes nearest to it.
    """
    rng = np.random.default_rng(seed)
    part = x if len(x) <= SAMPLE else x[rng.choice(len(x), SAMPLE, replace=False)]
    tried = []
    for k in ks:
        if k * 10 > len(part):
            break
        labels = assign(part, fit(part, k, seed))
        tried.append(Tried(k, silhouette(part, labels, seed), strength(part, k, seed)))
    if not tried:
        return 1, ()
    strong = [one for one in tried if one.strength >= STRONG]
    if not strong:
        return max(tried, key=lambda one: (one.strength, one.silhouette)).k, tuple(tried)
    worth = {one.k: one.silhouette * one.strength for one in strong}
    return max(k for k, value in worth.items() if value >= NEARLY * max(worth.values())), tuple(tried)


def stability(x: NDArray[Any], k: int, seed: int) -> float:
    """Mean adjusted Rand index (Hubert & Arabie 1985) between clusterings of resampled customers, −1…1.

    Each of `RESAMPLES` clusterings learns from a random half and is compared on a common sample.
    """
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(seed)
    part = x if len(x) <= SAMPLE else x[rng.choice(len(x), SAMPLE, replace=False)]
    found = [
        assign(part, fit(part[rng.choice(len(part), max(k, len(part) // 2), replace=False)], k, seed + n, 4))
        for n in range(RESAMPLES)
    ]
    pairs = [(a, b) for a in range(RESAMPLES) for b in range(a)]
    return float(np.mean([adjusted_rand_score(found[a], found[b]) for a, b in pairs]))
