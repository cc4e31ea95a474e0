"""The discovered segments that somebody may see, and the sums over their members who match."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from ceap.accounts.contracts import Actor, Level
from ceap.customers import queries as customers
from ceap.kit.clock import now
from ceap.kit.problem import FieldError, Invalid
from ceap.learning import queries as learning
from ceap.learning.contracts import Scored
from ceap.segments import memory, sources
from ceap.segments.contracts import Kind
from ceap.segments.models import Segment
from ceap.segments.queries.discovered.filters import Filters
from ceap.segments.queries.discovered.people import Members, People, members, only
from ceap.segments.queries.discovered.shapes import Choices, Portrait
from ceap.segments.queries.discovered.sums import Sums, matching, portrait, sums
from ceap.segments.queries.people import seen
from ceap.segments.queries.segments import KEY, visible_to

Mask = NDArray[np.bool_]
AGES_HIDDEN = "Your role may not see ages."
NO_AGES = "No customer's age is known."
NO_OUTLETS = "The data name no outlets."
NO_DATES = "The data have no days of purchases."


@dataclass(frozen=True, eq=False)
class Counted:
    """The active discovered segments, oldest first, with the sums over those members whom the actor sees and who match.

    sizes: actual sizes. seen: how many of the members the actor sees, whatever the filters. mask: which of them match.
    """

    segments: list[Segment]
    sizes: dict[UUID, int]
    seen: dict[UUID, int]
    found: Members
    mask: Mask | None
    sums: dict[UUID, Sums]
    choices: Choices
    scored: Scored | None
    today: date

    @property
    def ages(self) -> bool:
        """Whether the actor may see ages."""
        return self.choices.no_age != AGES_HIDDEN

    def portrait(self, segment: UUID | None = None) -> Portrait:
        """Of the members of one segment who match; None: of all segments."""
        total = self.sums[segment] if segment else reduce(add, self.sums.values(), _nobody(self.found))
        return portrait(total, self.found, ages=self.ages)

    def who(self, segment: UUID) -> BitMap:
        """The members of a segment who match."""
        part = self.found.bounds[segment]
        listed = self.found.people.who[part]
        return BitMap(listed if self.mask is None else listed[self.mask[part]])


def count(actor: Actor, filters: Filters) -> Counted:
    """The sums over the members of every discovered segment that `actor` may see.

    Raises:
        Forbidden: without the permission to see segments.
        Invalid: a filter names what is not there, or what the data or the actor's role do not have.
    """
    actor.require(KEY)
    today = now().astimezone(sources.zone()).date()
    rows = visible_to(actor).filter(kind=Kind.DISCOVERED, archived_at=None).order_by("created_at", "pk")
    segments = list(rows)
    versions = {row.pk: row.current_id for row in segments if row.current_id}
    bitmaps = memory.bitmaps_of(versions.values())
    held = {key: bitmaps.get(version, BitMap()) for key, version in versions.items()}
    scored = learning.scored()
    found = members(scored, [(key, versions[key], held[key]) for key in held], today)
    if actor.level("customers_view") is not Level.ALL:
        found = only(found, seen(actor, reduce(BitMap.union, held.values(), BitMap())))
    choices = _choices(actor, found)
    _refuse(filters, choices)
    mask = matching(filters, found)
    outlets = len(found.outlets)
    return Counted(
        segments,
        {key: len(bits) for key, bits in held.items()},
        {key: part.stop - part.start for key, part in found.bounds.items()},
        found,
        mask,
        {key: sums(_part(found, part, mask), outlets) for key, part in found.bounds.items()},
        choices,
        scored,
        today,
    )


def _part(found: Members, part: slice, mask: Mask | None) -> People:
    people = found.people.take(part)
    return people if mask is None else people.take(mask[part])


def _nobody(found: Members) -> Sums:
    return sums(found.people.take(slice(0, 0)), len(found.outlets))


def _choices(actor: Actor, found: Members) -> Choices:
    people = found.people
    hidden = "date_of_birth" in customers.hidden_from(actor)
    ages = people.age[people.age >= 0] if not hidden and "age" in found.has else people.age[:0]
    return Choices(
        int(ages.min()) if len(ages) else None,
        int(ages.max()) if len(ages) else None,
        found.outlets,
        found.categories,
        AGES_HIDDEN if hidden else "" if len(ages) else NO_AGES,
        "" if "outlet" in found.has else NO_OUTLETS,
        "" if "days" in found.has else NO_DATES,
    )


def _refuse(filters: Filters, choices: Choices) -> None:
    """Refuse filters by what is not there."""
    wrong = []
    for name, reason in (
        ("age_from", choices.no_age), ("age_to", choices.no_age),
        ("last_within", choices.no_last), ("last_over", choices.no_last),
    ):  # fmt: skip
        if reason and getattr(filters, name) is not None:
            wrong.append(FieldError(name, f"{reason} Leave this filter out."))
    for name, one, known in (
        ("outlets", "outlet", choices.outlets),
        ("categories", "category", choices.categories),
    ):
        if unknown := [each for each in getattr(filters, name) if each not in known]:
            wrong.append(FieldError(name, f"There is no {one} “{unknown[0]}”; leave it out."))
    if wrong:
        raise Invalid(f"{wrong[0].field}: {wrong[0].message}", errors=wrong)
