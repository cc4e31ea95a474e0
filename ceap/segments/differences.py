"""What changed from one rule to another, in words. Order does not matter in a rule, so moving is no change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Condition = Mapping[str, Any]
Say = Callable[[Condition], str]
SUBJECT = ("kind", "field", "behaviour", "event", "which", "segment", "campaign")


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    JOIN = "join"  # and became or, or the other way round


@dataclass(frozen=True)
class Difference:
    """One change; `before` and `after` are conditions in words, or "and" and "or"; "" where there is none.

    `group` counts from 1, in the rule that has the condition (of a join: 0 is the one between the groups).
    """

    change: Change
    group: int
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any], say: Say) -> list[Difference]:
    """What to tell of a rule that was `before` and is `after`; empty when both select the same way.

    Every condition that is only before is removed or changed, every one that is only after is added or changed; joins
    are told of where both had something to join.
    """
    old, new = _groups(before), _groups(after)
    found: list[Difference] = []
    pairs = _paired(old, new)
    if len(old) > 1 and len(new) > 1 and _join(before) != _join(after):
        found.append(Difference(Change.JOIN, 0, _join(before), _join(after)))
    for o, n in pairs:
        one = _conditions(old[o]) if o is not None else []
        other = _conditions(new[n]) if n is not None else []
        if o is not None and n is not None and len(one) > 1 and len(other) > 1 and _join(old[o]) != _join(new[n]):
            found.append(Difference(Change.JOIN, n + 1, _join(old[o]), _join(new[n])))
        found += _between(one, other, (o or 0) + 1 if n is None else n + 1, say)
    return found


def _groups(rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(rule.get("groups") or [])


def _conditions(group: Mapping[str, Any]) -> list[Condition]:
    return list(group.get("conditions") or [])


def _join(part: Mapping[str, Any]) -> str:
    return str(part.get("join") or "and")


def _key(condition: Condition) -> str:
    return json.dumps(condition, sort_keys=True, default=str)


def _subject(condition: Condition) -> str:
    return _key({name: condition.get(name) for name in SUBJECT})


def _paired(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int | None, int | None]]:
    """Which group became which: equal ones first, then those with most conditions in common, then by place."""
    keys = [[sorted(_key(c) for c in _conditions(group)) for group in groups] for groups in (old, new)]

    def distance(o: int, n: int) -> tuple[Any, ...]:
        one, other, joined = keys[0][o], keys[1][n], _join(old[o]) != _join(new[n])
        common = sum((Counter(one) & Counter(other)).values())
        return one != other or (joined and len(one) > 1), one != other, -common, joined, abs(o - n), o, n

    scored = sorted(distance(o, n) for o in range(len(old)) for n in range(len(new)))
    free_old, free_new = set(range(len(old))), set(range(len(new)))
    pairs: list[tuple[int | None, int | None]] = []
    for *_, o, n in scored:
        if o in free_old and n in free_new:
            pairs.append((o, n))
            free_old.remove(o)
            free_new.remove(n)
    pairs.sort(key=lambda pair: pair[1] or 0)
    return pairs + [(o, None) for o in sorted(free_old)] + [(None, n) for n in sorted(free_new)]


def _between(old: list[Condition], new: list[Condition], group: int, say: Say) -> list[Difference]:
    left, right = list(old), list(new)
    for one in old:
        same = next((other for other in right if _key(other) == _key(one)), None)
        if same is not None:
            left.remove(one)
            right.remove(same)
    found = []
    for one in list(left):
        about = next((other for other in right if _subject(other) == _subject(one)), None)
        if about is not None:
            found.append(Difference(Change.CHANGED, group, say(one), say(about)))
            left.remove(one)
            right.remove(about)
    found += [Difference(Change.REMOVED, group, say(one), "") for one in left]
    return found + [Difference(Change.ADDED, group, "", say(one)) for one in right]
