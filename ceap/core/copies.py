"""Where personal data of customers is kept, and what an erasure does to it: one table, which every package adds to.

Each package lists its tables and folders in its `copies.py`; the erasure (`ceap.customers.actions.erasing`) and the
export of a person go by this table and nothing else, and a test compares it with every table and folder there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from ceap.core.traces import Traces

Beat = Callable[[str], None]


@dataclass(frozen=True)
class Person:
    """Who is erased: the keys of the customer and of those merged into it, what names the person, when it was asked.

    `fields`: the organisation's own id and other short values, by kind of identity, for files that say which column
    holds which kind. `beat` is told what is being done and may raise to stop.
    """

    request: str
    customers: tuple[int, ...]
    traces: Traces
    fields: Mapping[str, tuple[str, ...]]
    at: datetime
    beat: Beat = lambda doing: None
    created: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One table of the store.

    plain: columns without personal data of a customer; `why` says how that can be.
    of: the column with the customer's key.
    wiped: column -> what it holds after an erasure, in the rows of the person (SQL literal).
    scrubbed: columns in which text that names the person is replaced by `[erased]`, in whosoever's row.
    handled: column -> what becomes of it, where an action of the package sees to it.
    export: under which name an export of the person has the rows; `excluded` says why it has none.
    shown: columns that the export leaves out besides `of`: technical ones.
    """

    name: str
    plain: str = ""
    why: str = ""
    key: str = "id"
    of: str = ""
    wiped: Mapping[str, str] = field(default_factory=dict)
    scrubbed: str = ""
    json: str = ""
    handled: Mapping[str, str] = field(default_factory=dict)
    export: str = ""
    excluded: str = ""
    hidden: str = ""

    @property
    def columns(self) -> set[str]:
        """Every column that is listed."""
        named = {*self.plain.split(), *self.wiped, *self.scrubbed.split(), *self.json.split(), *self.handled, self.key}
        return named | ({self.of} if self.of else set())

    @property
    def personal(self) -> bool:
        """Whether it holds, or may hold, personal data of a customer."""
        return bool(self.wiped or self.scrubbed or self.json or self.handled)


@dataclass(frozen=True)
class Folder:
    """One file or folder of the home (a glob below it): what is in it, what an erasure does, and why."""

    path: str
    fate: str
    export: str = ""
    excluded: str = ""


@dataclass(frozen=True)
class Step:
    """One part of the erasure of one person, safe to run again: rows of the store first (order 0), then files."""

    name: str
    run: Callable[[Person], None]
    order: int = 0


@dataclass(frozen=True)
class Last:
    """What is done once for all persons erased together, after every `Step`: what deletions leave on the disk."""

    name: str
    run: Callable[[Beat], None]
    order: int = 0


class NotYet(Exception):
    """A step has to wait for something that is under way (an import); it is tried again. The message says for what."""


Known = Callable[[Any, str, Sequence[int]], Mapping[str, Sequence[str]]]
TABLES: dict[str, Table] = {}
FOLDERS: dict[str, Folder] = {}
STEPS: dict[str, Step] = {}
LASTS: dict[str, Last] = {}
KNOWN: list[Known] = []
KINDS = ("email", "phone", "id", "name", "text")


def listed(*places: Table | Folder) -> None:
    """Add places to the table."""
    for place in places:
        if isinstance(place, Table):
            TABLES[place.name] = place
        else:
            FOLDERS[place.path] = place


def known_of(find: Known) -> Known:
    """Register what knows former values of customers: called with a cursor, its vendor and keys, before they go.

    It gives values by kind (`KINDS`).
    """
    KNOWN.append(find)
    return find


def step(name: str, order: int = 0) -> Callable[[Callable[[Person], None]], Callable[[Person], None]]:
    """Register what erases one person's copies in some place; it must be safe to run again after any interruption."""

    def register(run: Callable[[Person], None]) -> Callable[[Person], None]:
        STEPS[name] = Step(name, run, order)
        return run

    return register


def last(name: str, order: int = 0) -> Callable[[Callable[[Beat], None]], Callable[[Beat], None]]:
    """Register what is done once for everybody erased together; it must be safe to run again."""

    def register(run: Callable[[Beat], None]) -> Callable[[Beat], None]:
        LASTS[name] = Last(name, run, order)
        return run

    return register


def steps() -> list[Step]:
    """Every step, in the order in which they run."""
    return sorted(STEPS.values(), key=lambda one: (one.order, one.name))


def lasts() -> list[Last]:
    """What comes at the end, in order."""
    return sorted(LASTS.values(), key=lambda one: (one.order, one.name))


def place_of(path: str) -> Folder | None:
    """The line of the table for a file, by its path below the home."""
    return next((place for pattern, place in FOLDERS.items() if fnmatchcase(path, pattern)), None)
