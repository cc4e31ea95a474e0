"""Which segments a rule refers to, and whether it would refer to itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

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
