"""How far the customers of a scoring have moved from those of training: the population stability index.

PSI = Σ (a − e) · ln(a / e) over bins, e the share of training customers in a bin and a the share today (Kullback &
Leibler 1951, J-divergence; Siddiqi 2006, Credit Risk Scorecards, p. 137, with the thresholds 0.1 and 0.25). Numbers are
binned at the deciles of training, what is unknown in a bin of its own; outlets and segments by name. Below what chance
alone gives in 99 of 100 samples of that size, (1/n + 1/m) · χ²(bins − 1), it says nothing (Yurdakul 2018).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceap.core.learning.frame import Frame
from ceap.core.learning.model import Model
from ceap.core.learning.training import shown

WATCH, SHIFTED = 0.1, 0.25
LEAST = 0.5  # customers in a bin that nobody is in: it would have no logarithm
BINS = 10
STABLE, WATCHED, MOVED, UNKNOWN = "stable", "watch", "shifted", "unknown"
WORDS = {
    STABLE: "Customers are as they were in training.",
    WATCHED: "Customers differ somewhat from those of training.",
    MOVED: "Customers are not those of training any more: re-train.",
    UNKNOWN: "This version was trained before drift was measured. Re-train to have it.",
}


def psi(expected: NDArray[np.float64], actual: NDArray[np.float64]) -> float:
    """The population stability index of two distributions over the same bins, given as counts of customers."""
    e = np.maximum(expected, LEAST) / max(float(expected.sum()), LEAST)
    a = np.maximum(actual, LEAST) / max(float(actual.sum()), LEAST)
    return float(((a - e) * np.log(a / e)).sum())


def reference(model: Model, frame: Frame, index: NDArray[np.int64], sure: NDArray[np.float64]) -> dict[str, Any]:
    """What training looked like, to compare later scorings with; JSON-ready."""
    numbers = {}
    for name, values in zip(*_columns(frame), strict=True):
        known = values[np.isfinite(values)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.empty(0)
        numbers[name] = {"edges": edges.tolist(), "counts": _counted(values, edges).tolist()}
    return {
        "customers": len(frame), "numbers": numbers, "outlets": _outlets(frame),
        "segments": _segments(model, index), "certainty": float(sure.mean()) if len(sure) else 0.0,
    }  # fmt: skip


def compare(
    trained: Mapping[str, Any] | None,
    model: Model,
    frame: Frame,
    index: NDArray[np.int64],
    sure: NDArray[np.float64],
) -> dict[str, Any]:
    """A scoring beside its training.

    Returns:
        `certainty`: mean probability of the segment, and `certainty_before` in training; `segments`: key → share, and
        `segments_before`; `features`: name → {"psi", "verdict"}, outlets and segments among them; `verdict` and `words`
        of the worst of them.
    """
    now = _segments(model, index)
    answer: dict[str, Any] = {
        "customers": len(frame), "certainty": float(sure.mean()) if len(sure) else 0.0, "segments": _shares(now)
    }  # fmt: skip
    if trained is None or not len(frame):
        return answer | {
            "certainty_before": None, "segments_before": {}, "features": {}, "verdict": UNKNOWN, "words": WORDS[UNKNOWN]
        }  # fmt: skip
    n, m = int(trained["customers"]), len(frame)
    features = {}
    for name, values in zip(*_columns(frame), strict=True):
        if then := trained["numbers"].get(name):
            counts = _counted(values, np.array(then["edges"]))
            features[name] = _judged(np.array(then["counts"], float), counts, n, m)
    if trained["outlets"] and frame.outlet is not None:
        features["outlet"] = _named(trained["outlets"], _outlets(frame), n, m)
    features["segments"] = _named(trained["segments"], now, n, m)
    order = (STABLE, WATCHED, MOVED)
    worst = max((one["verdict"] for one in features.values()), key=order.index)
    return answer | {
        "certainty_before": trained["certainty"], "segments_before": _shares(trained["segments"]),
        "features": dict(sorted(features.items(), key=lambda item: -item[1]["psi"])), "verdict": worst,
        "words": WORDS[worst],
    }  # fmt: skip


def _judged(expected: NDArray[np.float64], actual: NDArray[np.float64], n: int, m: int) -> dict[str, Any]:
    from scipy.stats import chi2

    value = psi(expected, actual)
    bins = int(((expected > 0) | (actual > 0)).sum())
    chance = float((1 / n + 1 / m) * chi2.ppf(0.99, max(1, bins - 1)))
    moved = value >= WATCH and value > chance
    return {"psi": value, "verdict": (MOVED if value >= SHIFTED else WATCHED) if moved else STABLE}


def _named(before: Mapping[str, int], after: Mapping[str, int], n: int, m: int) -> dict[str, Any]:
    names = sorted({*before, *after})
    return _judged(
        np.array([before.get(name, 0) for name in names], float),
        np.array([after.get(name, 0) for name in names], float), n, m,
    )  # fmt: skip


def _columns(frame: Frame) -> tuple[list[str], list[NDArray[np.float64]]]:
    names, columns = shown(frame)
    return [*names, *frame.numbers], [*columns, *frame.numbers.values()]


def _counted(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Customers in each bin (edges belong to the bin below), the last: unknown."""
    known = np.isfinite(values)
    counts = np.bincount(np.searchsorted(edges, values[known], side="left"), minlength=len(edges) + 1)
    return np.append(counts, (~known).sum()).astype(float)


def _outlets(frame: Frame) -> dict[str, int]:
    return {} if frame.outlet is None else dict(Counter(str(name or "unknown") for name in frame.outlet))


def _segments(model: Model, index: NDArray[np.int64]) -> dict[str, int]:
    counts = np.bincount(index, minlength=len(model.segments))
    return {key: int(count) for key, count in zip(model.segments, counts, strict=True)}


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    whole = max(1, sum(counts.values()))
    return {name: count / whole for name, count in counts.items()}
