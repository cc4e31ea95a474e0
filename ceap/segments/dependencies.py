"""What a rule depends on, read from its JSON: other segments, tables of behaviour, the hour of the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ceap.segments.references import conditions, segments_of

_BY_BEHAVIOUR = {"purchased": frozenset({"purchases"}), "did": frozenset({"events"})}
_BY_KIND: dict[str, frozenset[str]] = {
    "field": frozenset(), "segment": frozenset(), "campaign": frozenset({"events"})
}  # fmt: skip
_ANY = frozenset({"purchases", "events"})


def children(rule: Any) -> frozenset[str]:
    """The ids of the segments that a rule refers to."""
    return frozenset(map(str, segments_of(rule)))


def tables(rule: Mapping[str, Any]) -> frozenset[str]:
    """Which of "purchases" and "events" can change whom a rule selects; a condition of an unknown kind: both."""
    found: set[str] = set()
    for _, one in conditions(rule):
        kind = str(one.get("kind"))
        found |= _BY_KIND[kind] if kind in _BY_KIND else _BY_BEHAVIOUR.get(str(one.get("behaviour")), _ANY)
    return frozenset(found)


def in_hours(rule: Any) -> bool:
    """Whether a rule looks at a window in hours, so that it changes while nothing happens."""
    if isinstance(rule, Mapping):
        return rule.get("unit") == "hours" or any(in_hours(part) for part in rule.values())
    return isinstance(rule, list | tuple) and any(in_hours(part) for part in rule)


def levels(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The nodes of node → children, children before parents; those on or above a cycle are left out."""
    left = {node: {child for child in below if child in graph} for node, below in graph.items()}
    found: list[list[str]] = []
    while free := [node for node, below in left.items() if not below]:
        found.append(free)
        done = set(free)
        left = {node: below - done for node, below in left.items() if node not in done}
    return found
