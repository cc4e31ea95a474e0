"""Train a model on cleaned customers, and measure it beside a simple one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceap.core.learning import clusters, features, identity, network
from ceap.core.learning.cleaning import Cleaned
from ceap.core.learning.frame import Frame, shares
from ceap.core.learning.model import DISCOVERY, INSIDE, LABELS, Model
from ceap.core.learning.network import Beat, silent
from ceap.core.learning.roles import Roles

HELD_OUT = 0.2
WIDTH = 4  # numbers in the embedding
MOST = 10  # segments tried
LIKE = 0.02  # a difference in a metric below which the simple model is as good


@dataclass(frozen=True)
class Trained:
    """A model and how good it is. `metrics`: see `discover` and `recognise`. held: customers kept out of training."""

    model: Model
    metrics: dict[str, Any]
    held: NDArray[np.int64]


def discover(
    cleaned: Cleaned,
    roles: Roles,
    *,
    seed: int,
    k: int | None = None,
    before: Model | None = None,
    used: Collection[str] = (),
    beat: Beat = silent,
) -> Trained:
    """Find segments of customers who buy alike: an autoencoder's embedding, clustered.

    Args:
        k: how many segments; None: chosen by stability and separation. before: the model in use, whose segments keep
            their keys where they go on.

    Returns:
        Metrics "neural", "simple" (k-means on shares of spend) and, where they can be had, "rfm": each silhouette in
        the space of all features (one yardstick), stability under resampling (adjusted Rand index), agreement on
        customers held out of training.
    """
    import sklearn.cluster  # noqa: F401  its threads can be limited only once they are loaded
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in a fixed order: the same seed and data give the same model
        frame = cleaned.frame
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(frame))
        held, learn = order[: int(HELD_OUT * len(order))], order[int(HELD_OUT * len(order)) :]
        seen = features.learn(frame.take(np.sort(learn)), by_outlet=False, seed=seed)
        counts = seen.weights().astype(np.float32)
        x = seen.transform(frame) * counts
        beat(0.05, "learning what customers have in common")
        active = int((counts > 0).sum())
        net = network.autoencoder(
            x[learn], width=min(WIDTH, active), seed=seed, beat=lambda done, what: beat(0.05 + 0.4 * done, what)
        )
        z = net.run(x, INSIDE)
        beat(0.45, "choosing the number of segments")
        chosen, tried = (k, ()) if k else clusters.choose(z[learn], range(2, MOST + 1), seed)
        centres = clusters.fit(z[learn], chosen, seed)
        found = clusters.assign(z, centres)
        rank = np.argsort(-np.bincount(found, minlength=chosen), kind="stable")  # the largest first
        centres, found = centres[rank], np.argsort(rank)[found]
        keys = _keys(found, chosen, frame, before, used)
        variance = float(clusters.distances(z, centres).min(axis=1).mean() / z.shape[1])
        model = Model(DISCOVERY, roles, cleaned.places, seen, net, tuple(keys), max(2 * variance, 1e-9), centres)
        beat(0.7, "comparing with simple models")
        spaces: dict[str, NDArray[Any]] = {"neural": z}
        if len(frame.amounts) > 1:
            spaces["simple"] = np.column_stack([*shares(frame).values()])
        if {"recency", "frequency"} <= set(seen.numbers):
            spaces["rfm"] = _rfm(frame)
        metrics: dict[str, Any] = {
            name: _clustering(space, x, found if name == "neural" else None, chosen, learn, held, seed)
            for name, space in spaces.items()
        }
        metrics["tried"] = [{"segments": t.k, "silhouette": t.silhouette, "strength": t.strength} for t in tried]
        metrics["verdict"] = _verdict(
            metrics["neural"], metrics["simple" if "simple" in metrics else "rfm"], ("silhouette", "stability")
        )
        return Trained(model, metrics, np.sort(held))


def recognise(cleaned: Cleaned, roles: Roles, *, seed: int, beat: Beat = silent) -> Trained:
    """Learn labels that customers already have.

    Returns:
        Metrics "neural" and "simple" (a decision tree of depth 5), both on customers held out: accuracy, macro-F1, and
        of the neural model the calibration error.
    """
    from sklearn.model_selection import train_test_split
    from sklearn.tree import DecisionTreeClassifier
    from threadpoolctl import threadpool_limits

    if cleaned.labels is None:
        raise ValueError("customers without labels")
    with threadpool_limits(1):
        classes, y = np.unique(cleaned.labels.astype(str), return_inverse=True)
        names = tuple(str(name) for name in classes)
        learn, held = train_test_split(np.arange(len(y)), test_size=HELD_OUT, random_state=seed, stratify=y)
        seen = features.learn(cleaned.frame.take(learn), by_outlet=True, seed=seed)
        x = seen.transform(cleaned.frame.take(learn))
        found = network.classifier(
            x, y[learn], names, seed=seed, beat=lambda done, what: beat(0.05 + 0.85 * done, what)
        )
        model = Model(LABELS, roles, cleaned.places, seen, found.network, names, found.temperature)
        beat(0.9, "measuring on customers held out")
        rest = cleaned.frame.take(held)
        metrics: dict[str, Any] = {"neural": _recognising(model, rest, y[held])}
        tree = DecisionTreeClassifier(max_depth=5, random_state=seed).fit(
            readable(cleaned.frame.take(learn))[1], y[learn]
        )
        metrics["simple"] = accuracy(y[held], tree.predict(readable(rest)[1]))
        metrics["verdict"] = _verdict(
            metrics["neural"], metrics["simple" if "simple" in metrics else "rfm"], ("accuracy", "macro_f1")
        )
        metrics["held_out"] = len(held)
        return Trained(model, metrics, np.sort(held))


def shown(frame: Frame) -> tuple[list[str], list[NDArray[np.float64]]]:
    """Shares of spend in per cent, and spend: names and columns."""
    return [f"share of {name}" for name in frame.amounts] + ["spend"], [
        *(100 * part for part in shares(frame).values()), frame.total
    ]  # fmt: skip


def readable(frame: Frame) -> tuple[list[str], NDArray[np.float64]]:
    """What people can read about each customer: shares of spend in per cent, spend, further numbers; shape (n, d)."""
    names, columns = shown(frame)
    names += frame.numbers
    for values in frame.numbers.values():
        known = values[np.isfinite(values)]
        columns.append(np.where(np.isfinite(values), values, np.median(known) if len(known) else 0.0))
    return names, np.column_stack(columns)


def measure(model: Model, frame: Frame, labels: NDArray[np.object_] | None, seed: int) -> dict[str, Any]:
    """How a model does on customers of any file: separation; with labels accuracy or, of discovery, agreement."""
    index, sure = model.score(frame)
    sizes = np.bincount(index, minlength=len(model.segments))
    found: dict[str, Any] = {
        "customers": len(frame),
        "segments": {key: int(size) for key, size in zip(model.segments, sizes, strict=True)},
        "mean_probability": float(sure.mean()) if len(sure) else 0.0,
    }
    if model.mode == DISCOVERY:
        found["silhouette"] = clusters.silhouette(model.see(frame), index, seed)
    if labels is None:
        return found
    known = np.array([label is not None for label in labels], bool)
    given = labels[known].astype(str)
    if model.mode == DISCOVERY:
        from sklearn.metrics import adjusted_rand_score

        words, at = np.unique(given, return_inverse=True)
        moved = identity.movement(at, index[known], len(words), len(model.segments))
        found["agreement"] = float(adjusted_rand_score(at, index[known]))
        found["labels"] = {
            str(word): {key: int(n) for key, n in zip(model.segments, row, strict=True)}
            for word, row in zip(words, moved, strict=True)
        }
        return found
    return found | accuracy(given, np.array(model.segments)[index[known]]) | {"labelled": int(known.sum())}


def beside(before: Model, after: Model, cleaned: Cleaned, held: NDArray[np.int64], seed: int) -> dict[str, Any]:
    """Two versions on the same customers.

    Discovery: separation (silhouette) of both ways to divide the customers, in the space of the newer one. Labels:
    accuracy and macro-F1 on customers that the newer one was not trained on.

    Returns:
        `before` and `after`: metrics; `stayed`: share of customers whose segment keeps its key; `moved`; `worse`: the
        newer one is behind by more than `LIKE` in one of them; `verdict` in words.
    """
    frame = cleaned.frame
    answer: dict[str, Any] = {"moved": moved(before, after, frame)}
    both = (before, after)
    if after.mode == LABELS and cleaned.labels is not None:
        part = cleaned.frame.take(held)
        given = cleaned.labels[held].astype(str)
        metrics = [accuracy(given, np.array(one.segments)[one.score(part)[0]]) for one in both]
    else:
        space = after.see(frame)
        metrics = [{"silhouette": clusters.silhouette(space, one.score(frame)[0], seed)} for one in both]
    gain = {name: metrics[1][name] - metrics[0][name] for name in metrics[0]}
    worse = [name for name, by in gain.items() if by < -LIKE]
    better = [name for name, by in gain.items() if by > LIKE]
    stayed = sum(count.get(key, 0) for key, count in answer["moved"].items())
    words = "worse" if worse else "better" if better else "as good"
    return answer | {
        "before": metrics[0], "after": metrics[1], "stayed": stayed / max(1, len(frame)), "worse": bool(worse),
        "verdict": f"The new version is {words}{' as' if words == 'as good' else ' than'} the one in use"
        + (f" in {', '.join(worse or better).replace('_', ' ')}." if worse or better else "."),
    }  # fmt: skip


def moved(before: Model, after: Model, frame: Frame) -> dict[str, dict[str, int]]:
    """Who goes from which segment of `before` to which of `after`: old key → new key → customers."""
    table = identity.movement(before.score(frame)[0], after.score(frame)[0], len(before.segments), len(after.segments))
    return {
        old: {new: int(n) for new, n in zip(after.segments, row, strict=True) if n}
        for old, row in zip(before.segments, table, strict=True)
    }


def accuracy(given: NDArray[Any], found: NDArray[Any]) -> dict[str, float]:
    """Accuracy, and F1 averaged over labels."""
    from sklearn.metrics import f1_score

    if not len(given):
        return {"accuracy": 0.0, "macro_f1": 0.0}
    return {
        "accuracy": float((given == found).mean()),
        "macro_f1": float(f1_score(given, found, average="macro", zero_division=0)),
    }


def _recognising(model: Model, frame: Frame, y: NDArray[np.int64]) -> dict[str, float]:
    index, sure = model.score(frame)
    bins = np.minimum((sure * 15).astype(int), 14)
    right = index == y
    gap = sum(abs(right[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins))
    return accuracy(y, index) | {"calibration_error": float(gap)}  # Naeini, Cooper & Hauskrecht 2015


def _clustering(
    space: NDArray[Any],
    x: NDArray[Any],
    found: NDArray[np.int64] | None,
    k: int,
    learn: NDArray[Any],
    held: NDArray[Any],
    seed: int,
) -> dict[str, float]:
    from sklearn.metrics import adjusted_rand_score

    if k < 2:
        return {"silhouette": 0.0, "stability": 1.0, "held_out": 1.0}
    labels = clusters.assign(space, clusters.fit(space[learn], k, seed, 4)) if found is None else found
    own = clusters.assign(space[held], clusters.fit(space[held], k, seed, 4))
    return {
        "silhouette": clusters.silhouette(x, labels, seed),
        "stability": clusters.stability(space, k, seed),
        "held_out": float(adjusted_rand_score(labels[held], own)),
    }


def _rfm(frame: Frame) -> NDArray[np.float64]:
    """Recency, frequency and spend, logged and standardised, shape (n, 3)."""
    columns = [
        np.log1p(np.nan_to_num(values))
        for values in (frame.numbers["recency"], frame.numbers["frequency"], frame.total)
    ]
    found = np.column_stack(columns)
    scale = found.std(axis=0)
    return np.asarray((found - found.mean(axis=0)) / np.where(scale > 0, scale, 1))


def _keys(found: NDArray[np.int64], k: int, frame: Frame, before: Model | None, used: Collection[str]) -> list[str]:
    known = before.segments if before is not None else ()
    fresh = [key for n in range(k + len(known) + len(used)) if (key := f"S{n + 1}") not in used]
    if before is None or before.mode != DISCOVERY or set(before.features.categories) - set(frame.amounts):
        return fresh[:k]
    table = identity.movement(before.score(frame)[0], found, len(known), k)
    return identity.matched(table, known, fresh)


def _verdict(neural: dict[str, float], simple: dict[str, float], names: tuple[str, str]) -> str:
    ahead = [neural[name] - simple[name] for name in names]
    if all(abs(one) <= LIKE for one in ahead):
        return "The simple model is as good."
    if all(one <= LIKE for one in ahead):
        return "The simple model is better: think of using fewer columns."
    if all(one >= -LIKE for one in ahead):
        return "The neural model is better than the simple one."
    return "Neither is better in everything: the neural model leads in " + (
        f"{names[0]}, the simple one in {names[1]}."
        if ahead[0] > ahead[1]
        else f"{names[1]}, the simple one in {names[0]}."
    )
