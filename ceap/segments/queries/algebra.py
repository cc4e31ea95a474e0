"""Several segments beside each other: who is in all, in some, in one and not in another. Exact, from the bitmaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import and_, or_
from uuid import UUID

from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.kit.problem import Conflict, invalid
from ceap.segments.contracts import Selection
from ceap.segments.models import MembershipVersion, Segment
from ceap.segments.queries.people import seen
from ceap.segments.queries.segments import current, get, members

FEWEST, MOST = 2, 4


@dataclass(frozen=True)
class Compared:
    """One of the segments: `seen` is how many of its members the actor may see."""

    segment: Segment
    version: MembershipVersion
    seen: int


@dataclass(frozen=True)
class Region:
    """How many customers a selection holds."""

    selection: Selection
    count: int


@dataclass(frozen=True)
class Comparison:
    """Segments and how they overlap, within what the actor may see.

    `regions` part those who are in any of them: each customer is in exactly one. `pairs`: for each two, who is in both,
    only in the first, only in the second.
    """

    segments: list[Compared]
    regions: list[Region]
    everywhere: Region
    anywhere: Region
    pairs: list[tuple[Region, Region, Region]]


def compare(actor: Actor, ids: Sequence[UUID]) -> Comparison:
    """How segments overlap.

    Raises:
        Forbidden: without the permission to see customers.
        Invalid: fewer than two or more than four. NotFound: one that the actor may not see.
        Conflict: the first membership of one is still being built.
    """
    ids = list(dict.fromkeys(ids))
    if not FEWEST <= len(ids) <= MOST:
        raise invalid("segments", f"Choose {FEWEST} to {MOST} segments.")
    rows, sets = _sets(actor, ids)
    masks = [[n for n in range(len(ids)) if mask >> n & 1] for mask in range(1, 1 << len(ids))]
    regions = [
        _region(sets, [ids[n] for n in inside], [one for n, one in enumerate(ids) if n not in inside])
        for inside in masks
    ]
    pairs = [(_region(sets, [a, b]), _region(sets, [a], [b]), _region(sets, [b], [a])) for a, b in combinations(ids, 2)]
    segments = [Compared(*rows[one], len(sets[one])) for one in ids]
    anywhere = _region(sets, ids, join="or")
    return Comparison(segments, regions, _region(sets, ids), anywhere, pairs)


def selected(actor: Actor, selection: Selection) -> BitMap:
    """Whom a selection holds, as far as the actor may see them.

    Raises:
        Invalid: no segment, or too many. Others as `compare`.
    """
    ids = [*selection.inside, *selection.outside]
    if not selection.inside or len(ids) > MOST:
        raise invalid("inside", f"Choose 1 to {MOST} segments.")
    return _chosen(_sets(actor, ids)[1], selection)


def _sets(
    actor: Actor, ids: Iterable[UUID]
) -> tuple[dict[UUID, tuple[Segment, MembershipVersion]], dict[UUID, BitMap]]:
    actor.require("customers_view")
    rows, sets = {}, {}
    for one in ids:
        segment = get(actor, one)
        if (version := current(segment)) is None:
            raise Conflict(f"“{segment.name}” is still being calculated; try again in a moment.")
        rows[one], sets[one] = (segment, version), members(version)
    allowed = seen(actor, reduce(or_, sets.values()))
    return rows, {one: people & allowed for one, people in sets.items()}


def _chosen(sets: dict[UUID, BitMap], selection: Selection) -> BitMap:
    inside = reduce(or_ if selection.join == "or" else and_, (sets[one] for one in selection.inside))
    return reduce(BitMap.difference, (sets[one] for one in selection.outside), inside)


def _region(
    sets: dict[UUID, BitMap], inside: Sequence[UUID], outside: Sequence[UUID] = (), join: str = "and"
) -> Region:
    selection = Selection(tuple(inside), tuple(outside), join)
    return Region(selection, len(_chosen(sets, selection)))
