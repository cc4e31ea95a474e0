"""States of a segment and its membership versions, and the limits of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from uuid import UUID

from ceap.accounts.contracts import Actor

ENTERED, LEFT = "segment_entered", "segment_left"
RESERVED = frozenset({ENTERED, LEFT})  # names of events that only segments write; no rule counts them
MOVES = "segment moves"  # the name of the entry that announces a file of them
DISCOVER = "segments.discover"  # the job that scores all customers by the model in use
RETRAIN = "segments.retrain"  # the job that trains the model again on its schedule
NOT_READY = "Segment is still being recalculated, please wait"
HELD = (
    "Whoever wrote this rule may not see every customer, so its members are counted when somebody who may presses "
    "Recalculate."
)


class Build(StrEnum):
    """How far one membership version is. Only a ready one is ever shown or used."""

    HELD = "held"  # until somebody who sees every customer lets the rule be evaluated
    QUEUED = "queued"
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class Kind(StrEnum):
    """Where a segment's members come from."""

    RULE = "rule"
    STATIC = "static"  # a list of customers that somebody uploaded
    DISCOVERED = "discovered"  # customers that a model puts together


# What a kind of segment cannot do, and why.
NO_RULE: dict[str, str] = {
    Kind.STATIC: "A segment made from a list has no rule; upload another list instead.",
    Kind.DISCOVERED: "A discovered segment has no rule; train the model again instead.",
}
NO_COPY: dict[str, str] = {
    Kind.STATIC: "An uploaded list has no rule to copy; upload it again under another name.",
    Kind.DISCOVERED: "A discovered segment has no rule to copy.",
}
NO_RECALCULATION: dict[str, str] = {
    Kind.STATIC: "An uploaded list has nothing to recalculate; upload another list instead.",
    Kind.DISCOVERED: "The model says who belongs to it; that changes when customers are scored again.",
}


class How(StrEnum):
    """What a list does to the members of a static segment."""

    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True)
class Selection:
    """Customers who are in all segments of `inside` (join "or": in any of them), and in none of `outside`."""

    inside: tuple[UUID, ...]
    outside: tuple[UUID, ...] = ()
    join: str = "and"


class Cause(StrEnum):
    """Why a membership version was made."""

    RULE = "rule"  # created or edited
    DAILY = "daily"
    ASKED = "asked"  # somebody pressed Recalculate
    CHANGES = "changes"  # customers changed between the daily runs
    UPLOAD = "upload"
    MODEL = "model"  # a model said who belongs to it


class SegmentStatus(StrEnum):
    """How a segment is: the state of its newest version, or stale when a ready one has grown too old."""

    HELD = "held"
    QUEUED = "queued"
    BUILDING = "building"
    READY = "ready"
    STALE = "stale"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Limits:
    """How large a rule may be (organisation settings)."""

    conditions: int = 3
    groups: int = 2


@dataclass(frozen=True)
class Use:
    """Something that uses a segment: its kind in a word, id and name as far as the asker may see it, its state.

    What has not `ended` keeps the segment from being archived; whatever uses it, ended or not, from being deleted.
    """

    kind: str
    id: UUID | None
    name: str
    state: str
    ended: bool


_finders: list[str] = []


def segment_uses(path: str) -> None:
    """Register, by its dotted path, a function (actor, segment's id) that gives the `Use`s a package above knows of.

    What the actor may not see it gives without id, so that nobody takes a segment away from it unawares. By path:
    registering loads nothing.
    """
    if path not in _finders:
        _finders.append(path)


def finders() -> list[str]:
    """The registered paths."""
    return list(_finders)


_campaigns: list[str] = []


def name_campaigns(path: str) -> None:
    """Register, by its dotted path, a function (actor) that gives the names of the campaigns they may see, by id."""
    if path not in _campaigns:
        _campaigns.append(path)


def campaign_names(actor: Actor) -> dict[str, str]:
    """The campaigns that `actor` may see, by id, in the order in which they are offered."""
    found: dict[str, str] = {}
    for path in _campaigns:
        module, _, name = path.rpartition(".")
        found |= getattr(import_module(module), name)(actor)
    return found
