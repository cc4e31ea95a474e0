"""What a segment means: its name, what sets it apart, a rule that people can read, and the campaign it deserves."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceap.core.learning.frame import Frame
from ceap.core.learning.model import DISCOVERY, Model
from ceap.core.learning.training import readable
from ceap.kit.problem import Invalid, invalid

TABLE = "recommendations.toml"
LOOKED_AT = 100_000  # customers looked at
SMALL, MEDIUM, LARGE = 0.2, 0.5, 0.8  # Cohen (1988)
UNITS = {"spend": "", "recency": " days", "frequency": " orders", "basket": "", "age": " years"}
FURTHER = (("frequent", "rare", "frequency"), ("away", "recent", "recency"), ("older", "younger", "age"))
SHARE = "share of "
TRAITS = ("spend", "recency", "frequency", "basket", "age", "top share")
MOST, LONGEST = 5, 500  # of an effect; characters
FIELDS = ("type", "channel", "offer", "timing", "reason")


@dataclass(frozen=True)
class Trait:
    """What a segment's customers are like in one thing. effect: Cohen's d against all other customers."""

    feature: str
    value: float
    average: float
    effect: float

    @property
    def size(self) -> str:
        """The size of the effect in a word."""
        strong = abs(self.effect)
        return "large" if strong >= LARGE else "medium" if strong >= MEDIUM else "small" if strong >= SMALL else "none"

    @property
    def words(self) -> str:
        """The trait as a sentence."""
        unit = "%" if self.feature.startswith("share of ") else UNITS.get(self.feature, "")
        return f"{self.feature.capitalize()} {_told(self.value)}{unit} (all customers: {_told(self.average)}{unit})"

    def json(self) -> dict[str, Any]:
        return {
            "feature": self.feature, "value": self.value, "average": self.average, "effect": self.effect,
            "size": self.size, "words": self.words,
        }  # fmt: skip


def explain(model: Model, frame: Frame, *, seed: int, edited: Path | None = None) -> list[dict[str, Any]]:
    """Each segment: key, name, customers, share, spend, traits (strongest first), rule, recommendation.

    Args:
        edited: a table of recommendations in place of the one that comes along, when the file exists.

    Raises:
        Invalid: the edited table cannot be read.
    """
    rng = np.random.default_rng(seed)
    part = frame if len(frame) <= LOOKED_AT else frame.take(np.sort(rng.choice(len(frame), LOOKED_AT, replace=False)))
    index = model.score(frame)[0]
    sizes = np.bincount(index, minlength=len(model.segments))
    seen = model.score(part)[0]
    names, x = readable(part)
    rows = recommendations(edited)
    result = []
    taken: set[str] = set()
    for n, key in enumerate(model.segments):
        mine = seen == n
        traits = found_traits(names, x, mine)
        name = key if model.mode != DISCOVERY else _name(traits, taken)
        taken.add(name)
        result.append({
            "key": key, "name": name, "customers": int(sizes[n]), "share": float(sizes[n] / max(1, len(frame))),
            "spend": float(frame.total[index == n].mean()) if sizes[n] else 0.0,
            "traits": [trait.json() for trait in traits if trait.size != "none"],
            "rule": rule(names, x, mine, seed), "recommendation": recommend(traits, rows),
        })  # fmt: skip
    return result


def found_traits(names: list[str], x: NDArray[np.float64], mine: NDArray[np.bool_]) -> list[Trait]:
    """The traits of the customers `mine`, strongest first."""
    if not mine.any():
        return []
    found = []
    for n, name in enumerate(names):
        own, rest = x[mine, n], x[~mine, n]
        pooled = np.sqrt((own.var() * len(own) + rest.var() * len(rest)) / len(x))
        effect = float((own.mean() - rest.mean()) / pooled) if len(rest) and pooled > 0 else 0.0
        found.append(Trait(name, float(own.mean()), float(x[:, n].mean()), effect))
    return sorted(found, key=lambda trait: (-abs(trait.effect), trait.feature))


def _name(traits: list[Trait], taken: set[str]) -> str:
    """Two words about the strongest traits: what they buy, and how much."""
    by = {trait.feature: trait for trait in traits}
    parts = [t for t in traits if t.feature.startswith("share of ") and t.effect >= MEDIUM]
    mixed = sum(feature.startswith("share of ") for feature in by) > 1
    what = " and ".join(t.feature.removeprefix("share of ") for t in parts[:2]) or ("balanced" if mixed else "")
    much = by["spend"].effect if "spend" in by else 0.0
    level = f"{'high' if much >= MEDIUM else 'low' if much <= -MEDIUM else 'medium'} spend"
    name = ", ".join(filter(None, (what, level))).capitalize()
    for high, low, feature in FURTHER:
        if name in taken and feature in by and abs(by[feature].effect) >= SMALL:
            name += f", {high if by[feature].effect > 0 else low}"
    n = 2
    while name in taken:
        name, n = f"{name.rstrip('0123456789 ')} {n}", n + 1
    return name


def rule(names: list[str], x: NDArray[np.float64], mine: NDArray[np.bool_], seed: int) -> dict[str, Any] | None:
    """Conditions, all of which hold for most of a segment and few others; None when there is no such rule.

    Found by a decision tree of depth 4: the leaf with most of the segment, its conditions joined and rounded. fidelity:
    F1 of the rounded conditions; precision and recall are theirs as well.
    """
    from sklearn.tree import DecisionTreeClassifier

    if not mine.any() or mine.all():
        return None
    fitted = DecisionTreeClassifier(max_depth=4, min_samples_leaf=max(2, len(x) // 1000), random_state=seed).fit(
        x, mine
    )
    tree = fitted.tree_
    leaf_of = fitted.apply(x)
    leaves, counts = np.unique(leaf_of[mine], return_counts=True)
    target = int(leaves[np.argmax(counts)])
    bounds = _path(tree, target)
    if not bounds:
        return None
    conditions = []
    inside = np.ones(len(x), bool)
    for feature, (low, high) in sorted(bounds.items()):
        for operator, limit in (("at_least", low), ("at_most", high)):
            if limit is None:
                continue
            value = float(f"{limit:.3g}")
            inside &= (x[:, feature] >= value) if operator == "at_least" else (x[:, feature] <= value)
            conditions.append({"feature": names[feature], "operator": operator, "value": value})
    right = int((inside & mine).sum())
    precision, recall = right / max(1, int(inside.sum())), right / int(mine.sum())
    words = " and ".join(
        f"{c['feature']} {'at least' if c['operator'] == 'at_least' else 'at most'} {_told(float(str(c['value'])))}"
        + ("%" if str(c["feature"]).startswith("share of ") else "")
        for c in conditions
    )
    fidelity = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"conditions": conditions, "words": words, "fidelity": fidelity, "precision": precision, "recall": recall}


def _path(tree: Any, leaf: int) -> dict[int, tuple[float | None, float | None]]:
    """The bounds that lead to a leaf: feature → (least, most)."""
    parent = {}
    for node, (left, right) in enumerate(zip(tree.children_left, tree.children_right, strict=True)):
        if left >= 0:
            parent[int(left)], parent[int(right)] = (node, True), (node, False)
    found: dict[int, tuple[float | None, float | None]] = {}
    while leaf in parent:
        leaf, less = parent[leaf]
        feature, limit = int(tree.feature[leaf]), float(tree.threshold[leaf])
        low, high = found.get(feature, (None, None))
        if less:
            high = limit if high is None else min(high, limit)
        else:
            low = limit if low is None else max(low, limit)
        found[feature] = low, high
    return found


def recommendations(edited: Path | None = None) -> list[dict[str, Any]]:
    """The rows of the table of recommendations: `when` and the campaign's type, channel, offer, timing, reason.

    Raises:
        Invalid: the edited table is not of that shape.
    """
    file = edited if edited is not None and edited.exists() else Path(__file__).with_name(TABLE)
    try:
        return checked(tomllib.loads(file.read_text())["row"])
    except (OSError, ValueError, KeyError, TypeError, Invalid) as error:
        raise invalid("recommendations", f"{file} is not a table of recommendations ({error}).") from None


def checked(rows: Any) -> list[dict[str, Any]]:
    """Rows of a table of recommendations.

    Raises:
        Invalid: a row is not of that shape; it is named, counted from 1.
    """
    if not isinstance(rows, list) or not rows:
        raise invalid("rows", "At least one row is needed.")
    for n, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("when"), dict):
            raise invalid(f"rows.{n}.when", f"Row {n + 1} does not say for which traits it is.")
        for trait, least in row["when"].items():
            if trait not in TRAITS and not trait.startswith(SHARE):
                known = ", ".join(f"“{one}”" for one in TRAITS)
                raise invalid(f"rows.{n}.when", f"Row {n + 1}: {trait!r} is no trait; use {known} or “share of NAME”.")
            if isinstance(least, bool) or not isinstance(least, (int, float)) or not abs(least) <= MOST:
                raise invalid(f"rows.{n}.when", f"Row {n + 1}: the effect of {trait!r} must be from -{MOST} to {MOST}.")
        for name in FIELDS:
            if not isinstance(row.get(name), str) or not row[name].strip():
                raise invalid(f"rows.{n}.{name}", f"Row {n + 1} has no {name}.")
            if len(row[name]) > LONGEST:
                raise invalid(f"rows.{n}.{name}", f"Row {n + 1}: {name} is longer than {LONGEST} characters.")
    return [{"when": dict(row["when"])} | {name: row[name] for name in FIELDS} for row in rows]


def written(rows: list[dict[str, Any]]) -> str:
    """The table of recommendations as TOML."""

    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

    parts = []
    for row in rows:
        when = ", ".join(f"{text(trait)} = {float(least)!r}" for trait, least in row["when"].items())
        parts.append(f"[[row]]\nwhen = {{ {when} }}\n" + "".join(f"{name} = {text(row[name])}\n" for name in FIELDS))
    return "\n".join(parts)


def recommend(traits: list[Trait], rows: list[dict[str, Any]]) -> dict[str, str] | None:
    """The campaign of the first row whose traits all hold; None when none does."""
    shares = [trait for trait in traits if trait.feature.startswith("share of ")]
    top = max(shares, key=lambda trait: trait.effect, default=None)
    effects = {trait.feature: trait.effect for trait in traits} | ({"top share": top.effect} if top else {})
    for row in rows:
        if _holds(row["when"], effects):
            name = top.feature.removeprefix("share of ").capitalize() if top else "their favourites"
            return {field: row[field].replace("{top}", name) for field in FIELDS}
    return None


def _holds(when: Mapping[str, float], effects: Mapping[str, float]) -> bool:
    return all(
        trait in effects and (effects[trait] >= least if least >= 0 else effects[trait] <= least)
        for trait, least in when.items()
    )


def _told(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"
