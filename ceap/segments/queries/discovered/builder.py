"""What the rule builder can say of the readable rule of a discovered segment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.core.learning import purchases
from ceap.customers import queries as customers
from ceap.kit.problem import Invalid
from ceap.segments import sentences, sources
from ceap.segments.queries.checking import checked as check
from ceap.segments.queries.discovered.shapes import AGE, BuilderRule
from ceap.segments.queries.words import RULE_HIDDEN

SHARE = "share of "
OF_A_FILE = "it comes from the file that the model learnt from, not from purchases"
TOO_MANY = "a rule may have no more conditions (organisation settings)"
MEASURES = {"spend": "amount", "frequency": "count", "basket": "average"}
Bounds = tuple[float | None, float | None]  # at least, at most


def builder_rule(actor: Actor, told: Mapping[str, Any] | None, source: str | None) -> BuilderRule | None:
    """The rule of a version's segment, for the builder; None where training found no rule.

    Args:
        told: what the manifest says of the rule. source: where the model's data come from.
    """
    if not told:
        return None
    if "date_of_birth" in customers.hidden_from(actor) and any(one["feature"] == AGE for one in told["conditions"]):
        return BuilderRule(RULE_HIDDEN, told["fidelity"], told["precision"], told["recall"], None, (), ())
    limits = sources.limits()
    found: list[dict[str, Any]] = []
    said: list[str] = []
    unsaid: list[tuple[str, str]] = []
    for feature, bounds in _together(told["conditions"]).items():
        words = _words(feature, bounds)
        try:
            made = _conditions(feature, bounds, source)
            if len(found) + len(made) > limits.conditions * limits.groups:
                raise _Unsaid(TOO_MANY)
            said += _said(actor, made)
            found += made
        except _Unsaid as why:
            unsaid.append((words, str(why)))
    groups = [found[n : n + limits.conditions] for n in range(0, len(found), limits.conditions)]
    rule = {"join": "and", "groups": [{"join": "and", "conditions": group} for group in groups]} if found else None
    return BuilderRule(
        told["words"], told["fidelity"], told["precision"], told["recall"], rule, tuple(said), tuple(unsaid)
    )


class _Unsaid(Exception):
    """The builder cannot say it; the reason."""


def _together(conditions: Sequence[Mapping[str, Any]]) -> dict[str, Bounds]:
    """The bounds of each feature."""
    found: dict[str, Bounds] = {}
    for one in conditions:
        low, high = found.get(one["feature"], (None, None))
        found[one["feature"]] = (one["value"], high) if one["operator"] == "at_least" else (low, one["value"])
    return found


def _words(feature: str, bounds: Bounds) -> str:
    unit = " %" if feature.startswith(SHARE) else ""
    low, high = ("" if one is None else f"{one:,.10g}{unit}" for one in bounds)
    return (
        f"{feature} between {low} and {high}"
        if low and high
        else f"{feature} at {'least' if low else 'most'} {low or high}"
    )


def _said(actor: Actor, made: list[dict[str, Any]]) -> list[str]:
    try:
        checked = check({"groups": [{"conditions": made[:1]}, {"conditions": made[1:]}][: len(made)]}, seen_by=actor)
    except Invalid as wrong:
        raise _Unsaid(wrong.errors[0].message if wrong.errors else wrong.detail) from None
    return [sentences.condition(one, {}) for one in checked.flat()]


def _conditions(feature: str, bounds: Bounds, source: str | None) -> list[dict[str, Any]]:
    """The builder's conditions for one feature, all of which hold."""
    if source != purchases.SOURCE:
        raise _Unsaid(OF_A_FILE)
    if feature.startswith(SHARE):
        category = feature.removeprefix(SHARE)
        filters = [{"on": "category", "operator": "is", "value": category}]
        return [_measured("share", bounds) | {"filters": filters}]
    if feature in MEASURES:
        return [_measured(MEASURES[feature], bounds)]
    if feature == "recency":
        return _recency(bounds)
    if feature == AGE:
        return _age(bounds)
    raise _Unsaid("the rule builder knows no such number")


def _measured(measure: str, bounds: Bounds) -> dict[str, Any]:
    low, high = bounds
    if measure == "count":
        low = None if low is None else max(math.ceil(low), 1)
        high = None if high is None else math.floor(high)
    made = {"kind": "behaviour", "behaviour": "purchased", "measure": measure}
    if low is not None and high is not None:
        return made | {"comparison": "between", "value": [low, high]}
    compared = {"comparison": "at_most" if low is None else "at_least"}
    return made | compared | {"times" if measure == "count" else "value": high if low is None else low}


def _recency(bounds: Bounds) -> list[dict[str, Any]]:
    low, high = bounds
    made = {"kind": "moment", "behaviour": "purchased", "which": "last"}
    found = []
    if high is not None:
        found.append(made | {"operator": "in_last", "value": {"count": max(math.floor(high), 1), "unit": "days"}})
    if low is not None and math.ceil(low) > 1:
        found.append(made | {"operator": "before_last", "value": {"count": math.ceil(low) - 1, "unit": "days"}})
    return found


def _age(bounds: Bounds) -> list[dict[str, Any]]:
    low, high = bounds
    made = {"kind": "field", "field": "date_of_birth"}
    found = []
    if low is not None and low > 0:
        found.append(made | {"operator": "before_last", "value": {"count": math.ceil(low), "unit": "years"}})
    if high is not None:
        found.append(made | {"operator": "in_last", "value": {"count": math.floor(high) + 1, "unit": "years"}})
    return found
