"""The customers of a membership version, as one user may see them (S-14)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyroaring import BitMap

from ceap.accounts.contracts import Actor, Level
from ceap.core import bitmaps
from ceap.customers import queries as customers
from ceap.kit.pagination import PAGE_SIZE, page_by
from ceap.segments import memory
from ceap.segments.models import MembershipVersion, Segment
from ceap.segments.queries.segments import KEY, members, visible_to

CHUNK = 5_000
MEMBERS = "members"


@dataclass(frozen=True)
class Page:
    """Some members: `size` is the actual size of the segment, `seen` how many of them the actor may see."""

    items: list[Any]
    next: str | None
    size: int
    seen: int


def seen(actor: Actor, everyone: BitMap) -> BitMap:
    """Those of `everyone` that `actor` may see."""
    if actor.level("customers_view") is Level.ALL:
        return everyone
    own = customers.visible_to(actor).values_list("pk", flat=True)
    return everyone & BitMap(own.iterator(chunk_size=CHUNK))


def visible_count(actor: Actor, version: MembershipVersion) -> int:
    """How many members `actor` may see."""
    return len(seen(actor, members(version)))


def members_page(actor: Actor, version: MembershipVersion, *, cursor: str | None, limit: int = PAGE_SIZE) -> Page:
    """The members after `cursor` that `actor` may see, by key; customers merged or erased since are left out.

    Raises:
        Forbidden: without the permission to see customers.
        Conflict: the version is not ready.
    """
    actor.require("customers_view")
    visible = seen(actor, members(version))

    def behind(last: list[Any] | None, count: int) -> list[Any]:
        keys = bitmaps.after(visible, last[0] if last else None)
        found: list[Any] = []
        while len(found) < count and (chunk := list(islice(keys, count))):
            found += customers.visible_to(actor).filter(pk__in=chunk).order_by("pk")
        return found

    shown, following = page_by(behind, lambda row: [row.pk], of=MEMBERS, cursor=cursor, limit=limit)
    return Page(shown, following, len(members(version)), len(visible))


def segments_with(actor: Actor, customer_id: int) -> list[Segment]:
    """The active segments that hold a customer, of those that `actor` may see, by name.

    Raises:
        Forbidden: without the permission to see segments.
        NotFound: there is no such customer, or `actor` may not see it.
    """
    actor.require(KEY)
    who = customers.find(actor, customer_id).pk
    rows = list(visible_to(actor).filter(archived_at=None).exclude(current=None).order_by("name", "pk"))
    known = memory.bitmaps_of(row.current_id for row in rows if row.current_id)
    return [row for row in rows if row.current_id and who in known.get(row.current_id, ())]
