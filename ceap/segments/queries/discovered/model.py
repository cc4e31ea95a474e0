"""What the version of the model in use says of itself and of its segments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ceap.core.learning.meaning import Trait as TrainedTrait
from ceap.core.learning.training import LIKE
from ceap.core.learning.versions import Damaged
from ceap.kit.problem import NotFound
from ceap.learning import queries as learning
from ceap.segments.queries.discovered.shapes import AGE, Portrait, Recommendation, Trait

YARDSTICKS = {"discovery": ("silhouette", "stability"), "labels": ("macro_f1", "accuracy")}


class Usable(StrEnum):
    """Whether there is a model that says who belongs together."""

    UNTRAINED = "untrained"
    UNDEPLOYED = "undeployed"
    DAMAGED = "damaged"
    IN_USE = "in_use"


@dataclass(frozen=True)
class Verdict:
    """The neural model beside the simple one: `yardstick` of each (0…1, more is better), and who is ahead in words."""

    yardstick: str
    neural: float
    simple: float
    words: str


@dataclass(frozen=True)
class Model:
    """The version in use. trained_on: usable customers. told: each segment's part of the manifest, by key."""

    version: int
    mode: str
    trained_at: datetime
    trained_by: str
    trained_on: int
    verdict: Verdict | None
    source: str | None
    told: dict[str, dict[str, Any]]

    def traits(self, key: str, mine: Portrait, average: Portrait, *, ages: bool) -> tuple[Trait, ...]:
        """What a segment is like, strongest first, in the numbers that stand beside it: those of `mine` and `average`.

        How large the effect is, training found. What is not true of these customers is left out.

        Args:
            ages: whether the reader may see them; their mean is that of training.
        """
        here, everywhere = _numbers(mine), _numbers(average)
        found = []
        for one in self.told.get(key, {}).get("traits", ()):
            feature, effect = one["feature"], one["effect"]
            if feature == AGE and not ages:
                continue
            value, usual = here.get(feature, one["value"]), everywhere.get(feature, one["average"])
            if value is not None and usual is not None and (value - usual) * effect > 0:
                words = TrainedTrait(feature, value, usual, effect).words
                found.append(Trait(feature, value, usual, effect, one["size"], words))
        return tuple(found)

    def recommendation(self, key: str) -> Recommendation | None:
        """The campaign that a segment deserves."""
        found = self.told.get(key, {}).get("recommendation")
        return Recommendation(**found) if found else None


def _numbers(of: Portrait) -> dict[str, float | None]:
    """What a portrait says of the features of a model, called as training calls them."""
    kpis = of.kpis
    known = {"spend": kpis.each, "frequency": kpis.frequency, "recency": kpis.recency, "basket": kpis.basket}
    return known | {f"share of {one.name}": one.share for one in of.categories}


def in_use() -> tuple[Usable, str, Model | None]:
    """Whether a model can be used, why not in a sentence ("" when it can), and what it says if it is readable."""
    versions = learning.versions()
    number = versions.in_use()
    if number is None:
        return (Usable.UNDEPLOYED if versions.numbers() else Usable.UNTRAINED), "", None
    model = None
    try:
        model = _model(number, versions.manifest(number))
        versions.load(number)
    except (Damaged, NotFound) as why:
        return Usable.DAMAGED, why.detail, model
    return Usable.IN_USE, "", model


def _model(number: int, facts: dict[str, Any]) -> Model:
    return Model(
        number, facts["mode"], datetime.fromisoformat(facts["trained_at"]), facts["trained_by"],
        facts["data"]["usable"], _verdict(facts["mode"], facts["metrics"]),
        facts["data"]["roles"].get("source"), {one["key"]: one for one in facts["segments"]},
    )  # fmt: skip


def _verdict(mode: str, metrics: dict[str, Any]) -> Verdict | None:
    names = YARDSTICKS[mode]
    neural, simple = metrics["neural"], metrics.get("simple") or metrics.get("rfm")
    if not simple:
        return None
    ahead = [neural[name] - simple[name] for name in names]
    if all(abs(one) <= LIKE for one in ahead):
        words = "about as good"
    elif all(one >= -LIKE for one in ahead):
        words = "the neural model is better"
    elif all(one <= LIKE for one in ahead):
        words = "the simple model is better"
    else:
        first = ("neural", "simple") if ahead[0] > 0 else ("simple", "neural")
        words = f"the {first[0]} model leads in {_named(names[0])}, the {first[1]} one in {_named(names[1])}"
    return Verdict(_named(names[0]), neural[names[0]], simple[names[0]], words)


def _named(name: str) -> str:
    return {"macro_f1": "macro-F1"}.get(name, name)
