"""What a model sees of a customer: one definition for training, scoring a million, and scoring one at once.

Amounts per category are compositional (Aitchison 1986): their shares add to one, so distances between shares mislead.
They enter as centred log-ratios beside the log of the total; zeros are replaced by a small amount learnt from the data
(multiplicative replacement, Martín-Fernández et al. 2003). Outlets enter by tier: groups of outlets whose customers buy
alike, learnt from the data; and by name where labels are learnt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceap.core.learning.frame import Floats, Frame

LOGGED = frozenset({"recency", "frequency", "basket"})
MATTERS = 0.02  # share of variance between outlets from which on they are told apart
MOST_TIERS = 4
HINT = 0.3  # weight of the tier of the outlet, and of age, among what customers do
CLIP = 8.0  # standard deviations a feature may lie from the mean


@dataclass(frozen=True)
class Features:
    """Learnt once from the training data, then the same for every customer.

    floor: category → amount that stands for nothing. outlets: name → (tier, mean features of its customers).
    mean, scale: of each column before standardising, shape (d,).
    """

    categories: tuple[str, ...]
    numbers: tuple[str, ...]
    outlets: tuple[str, ...]
    by_outlet: bool
    floor: Floats
    level: Floats  # mean log amount per outlet (rows; the last: of all customers) and category, shape (o + 1, k)
    tier: NDArray[np.int64]  # of each outlet, and of an unknown one, shape (o + 1,)
    number_mean: Floats
    mean: Floats = field(default_factory=lambda: np.empty(0))
    scale: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def names(self) -> list[str]:
        """The columns, in order."""
        found = [f"share:{name}" for name in self.categories] + [f"amount:{name}" for name in self.categories]
        found += ["spend", *self.numbers, *(f"unknown:{name}" for name in self.numbers)]
        tiers = int(self.tier.max()) + 1 if len(self.tier) else 1
        found += [f"tier:{n}" for n in range(tiers)] if tiers > 1 else []
        if self.by_outlet:
            found += [f"against outlet:{name}" for name in self.categories] + [
                f"outlet:{name}" for name in self.outlets
            ]
        return found

    def transform(self, frame: Frame) -> NDArray[np.float32]:
        """Standardised features, shape (n, d), in the order of `names`.

        Raises:
            KeyError: a category that was there in training is missing.
        """
        raw = self._raw(frame)
        return np.clip((raw - self.mean) / self.scale, -CLIP, CLIP).astype(np.float32)

    def _where(self, frame: Frame) -> NDArray[np.int64]:
        """The row of each customer's outlet in `level`; the last one for an unknown outlet."""
        if frame.outlet is None:
            return np.full(len(frame), len(self.outlets), np.int64)
        at = {name: n for n, name in enumerate(self.outlets)}
        return np.fromiter((at.get(name, len(at)) for name in frame.outlet), np.int64, len(frame))

    def _raw(self, frame: Frame) -> Floats:
        amounts = np.column_stack([frame.amounts[name] for name in self.categories])
        logs = np.log(np.maximum(amounts, self.floor))
        columns = [logs - logs.mean(axis=1, keepdims=True), logs, np.log1p(amounts.sum(axis=1, keepdims=True))]
        if self.numbers:
            given = np.column_stack([_logged(name, frame.numbers.get(name), len(frame)) for name in self.numbers])
            unknown = np.isnan(given)
            columns += [np.where(unknown, self.number_mean, given), unknown.astype(float)]
        where = self._where(frame)
        tiers = int(self.tier.max()) + 1
        if tiers > 1:
            columns.append(np.eye(tiers)[self.tier[where]])
        if self.by_outlet:
            columns += [logs - self.level[where], np.eye(len(self.outlets) + 1)[where][:, :-1]]
        return np.hstack(columns)

    def weights(self) -> Floats:
        """How much each column counts in a distance between customers, shape (d,).

        Log amounts are a sum of shares and spend, and whether a number is unknown is no behaviour: they count nothing.
        The tier of the outlet is where customers buy, age is who they are; neither is how they buy: hints.
        """
        silent = ("amount:", "unknown:", "against outlet:", "outlet:")
        hints = ("tier:", "age")
        return np.array(
            [0.0 if name.startswith(silent) else HINT if name.startswith(hints) else 1.0 for name in self.names]
        )


def _logged(name: str, values: Floats | None, n: int) -> Floats:
    if values is None:
        return np.full(n, np.nan)
    return np.log1p(np.maximum(values, 0)) if name in LOGGED else values.astype(float)


def learn(frame: Frame, *, by_outlet: bool, seed: int) -> Features:
    """Learn the features of a training set.

    Args:
        by_outlet: also tell every single outlet apart (to learn labels); else only tiers of outlets.
    """
    categories = tuple(frame.amounts)
    amounts = np.column_stack([frame.amounts[name] for name in categories])
    floor = np.array([_floor(amounts[:, n]) for n in range(amounts.shape[1])])
    logs = np.log(np.maximum(amounts, floor))
    outlets: tuple[str, ...] = ()
    level = logs.mean(axis=0, keepdims=True)
    tier = np.zeros(1, np.int64)
    if frame.outlet is not None:
        found, where = np.unique(np.array([name or "" for name in frame.outlet], dtype=str), return_inverse=True)
        outlets = tuple(str(name) for name in found if name)
        kept = {str(name): n for n, name in enumerate(found)}
        means = [logs[where == kept[name]].mean(axis=0) for name in outlets]
        level = np.vstack([*means, logs.mean(axis=0)])
        counts = np.array([(where == kept[name]).sum() for name in outlets])
        tier = _tiers(level, counts, logs, seed)
    given = {name: _logged(name, values, len(frame)) for name, values in frame.numbers.items()}
    numbers = tuple(name for name, values in given.items() if np.isfinite(values).any())
    number_mean = np.array([np.nanmean(given[name]) for name in numbers])
    first = Features(categories, numbers, outlets, by_outlet and bool(outlets), floor, level, tier, number_mean)
    raw = first._raw(frame)
    scale = raw.std(axis=0)
    return Features(
        categories, numbers, outlets, first.by_outlet, floor, level, tier, number_mean,
        raw.mean(axis=0), np.where(scale > 1e-9, scale, 1.0),
    )  # fmt: skip


def _floor(values: Floats) -> float:
    """Half of the smallest amounts (first percentile) that somebody spent."""
    spent = values[values > 0]
    return float(np.quantile(spent, 0.01) / 2) if len(spent) else 1.0


def _tiers(level: Floats, counts: NDArray[Any], logs: Floats, seed: int) -> NDArray[np.int64]:
    """The tier of each outlet, 0 the smallest spenders; all 0 when outlets do not differ. Last: of an unknown one."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    means, n = level[:-1], len(level) - 1
    between = float((counts[:, None] * (means - logs.mean(axis=0)) ** 2).sum())
    whole = float(((logs - logs.mean(axis=0)) ** 2).sum())
    noise = (n - 1) / max(1, len(logs) - 1)  # what outlets of like customers differ by chance
    if n < 4 or whole == 0 or between / whole - noise < MATTERS:
        return np.zeros(n + 1, np.int64)
    best: tuple[float, NDArray[Any]] = (0.5, np.zeros(n, np.int64))  # a silhouette below 0.5 is no structure
    for k in range(2, min(MOST_TIERS, n - 1) + 1):
        found = KMeans(k, n_init=10, random_state=seed).fit_predict(means)
        score = float(silhouette_score(means, found))
        if score > best[0]:
            best = score, found
    order = np.argsort([means[best[1] == t].sum(axis=1).mean() for t in range(int(best[1].max()) + 1)])
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    tier = rank[best[1]]
    return np.append(tier, int(np.median(tier)))
