"""Which segments and tables a rule looks at, and the order in which segments are built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from ceap.segments.conditions import CheckedRule
from ceap.segments.counting import tables_of

Rules = Mapping[UUID, Any]  # the JSON of rules as they are stored


def conditions(rule: Any) -> list[tuple[str, dict[str, Any]]]:
    """Each condition of a stored rule with its path; [] of anything that is no rule."""
    found = []
    for g, group in enumerate(rule.get("groups") or () if isinstance(rule, dict) else ()):
        for c, one in enumerate(group.get("conditions") or ()):
            found.append((f"groups.{g}.conditions.{c}", one))
    return found


def segments_of(rule: Any) -> set[UUID]:
    """The segments that a stored rule refers to."""
    return {UUID(str(one["segment"])) for _, one in conditions(rule) if one.get("kind") == "segment"}


def tables(rule: CheckedRule) -> set[str]:
    """The tables besides customers that a rule looks at: "purchases", "events"."""
    return tables_of(rule.flat())


def children_first(rules: Rules, only: Iterable[UUID] | None = None) -> list[list[UUID]]:
    """The segments in rounds: each comes in a later round than all that it refers to (those not in `rules` aside).

    Args:
        only: order these alone; None for all of `rules`.

    Raises:
        ValueError: some refer to each other in a circle.
    """
    waiting = {key: segments_of(rules[key]) for key in (rules if only is None else only)}
    waiting = {key: children & waiting.keys() for key, children in waiting.items()}
    rounds = []
    while waiting:
        free = [key for key, children in waiting.items() if not children]
        if not free:
            raise ValueError("segments refer to each other in a circle")
        rounds.append(free)
        waiting = {key: children.difference(free) for key, children in waiting.items() if children}
    return rounds


def parents_of(keys: Iterable[UUID], rules: Rules) -> set[UUID]:
    """The segments of `rules` that refer to one of `keys`, directly or through others."""
    found: set[UUID] = set()
    fresh = set(keys)
    while fresh:
        fresh = {key for key, rule in rules.items() if key not in found and segments_of(rule) & fresh}
        found |= fresh
    return found


def way_back(start: UUID, rule: Any, rules: Rules) -> tuple[str, list[UUID]] | None:
    """How segment `start` would refer to itself if it had `rule`.

    Returns:
        The path of the condition that begins the circle, and the segments on it from `start` to `start`; or None.
    """
    for path, one in conditions(rule):
        if one.get("kind") != "segment":
            continue
        first = UUID(str(one["segment"]))
        before: dict[UUID, UUID] = {first: start}
        fresh = [first]
        while fresh:
            key = fresh.pop()
            if key == start:
                circle = [start]
                while len(circle) < 2 or circle[-1] != start:
                    circle.append(before[circle[-1]])
                return path, circle[::-1]
            for child in segments_of(rules.get(key)):
                if child not in before:
                    before[child] = key
                    fresh.append(child)
    return None
