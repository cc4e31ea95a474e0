"""What is not kept for ever: each package says in its `copies.py` what goes by age, and how; one daily job does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ceap.core.copies import Beat


@dataclass(frozen=True)
class Order:
    """What is older than `before` goes, except what is known of the customers `held` (keys, under a legal hold)."""

    before: datetime
    held: frozenset[int] = frozenset()
    beat: Beat = lambda doing: None


@dataclass(frozen=True)
class Kept:
    """One kind of what is kept for a number of days.

    setting: the organisation's setting with the days; 0 = for ever.
    name: what it is, for people, and what of it goes.
    count: how many would go.
    remove: takes them away, and gives how many after each part that is committed; safe to run again after any
        interruption. It may raise `copies.NotYet`.
    """

    setting: str
    name: str
    count: Callable[[Order], int]
    remove: Callable[[Order], Iterator[int]]


KEPT: dict[str, Kept] = {}


def kept(
    setting: str, name: str, *, count: Callable[[Order], int]
) -> Callable[[Callable[[Order], Iterator[int]]], None]:
    """Register what goes by age; decorates `remove`."""

    def register(remove: Callable[[Order], Iterator[int]]) -> None:
        KEPT[setting] = Kept(setting, name, count, remove)

    return register
