"""What is not kept for ever: each package says in its `copies.py` what goes by age, and how; one daily job does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ceap.core.copies import Beat, Person


@dataclass(frozen=True)
class Order:
    """What is older than `before` goes, except what is known of the customers `held` (keys, under a legal hold).

    person: the held customers as one person, to find them in files; None: there is no hold.
    spared: the names of files that stay because they name one of them.
    """

    before: datetime
    held: frozenset[int] = frozenset()
    beat: Beat = lambda doing: None
    person: Person | None = None
    spared: list[str] = field(default_factory=list)

    def spares(
        self, path: Path, columns: Mapping[str, Sequence[str]] | None = None, form: Mapping[str, Any] | None = None
    ) -> bool:
        """Whether a file has to stay because it names a held customer; see `redact_file` for how it is read."""
        from ceap.core.redaction import names_person  # late: it brings the libraries of workbooks and Parquet

        found = self.person is not None and names_person(path, self.person, columns=columns, form=form)
        if found:
            self.spared.append(path.name)
        return found


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
