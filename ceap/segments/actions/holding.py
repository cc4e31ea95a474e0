"""Segments locked while they are changed, or while something begins to use them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.kit.problem import Conflict, Forbidden, NotFound
from ceap.segments import queries
from ceap.segments.models import Segment


def hold(ids: Iterable[UUID]) -> None:
    """Lock segments that something begins to use, in the caller's transaction, so that none is archived meanwhile.

    Raises:
        Conflict: one of them is archived, or was deleted.
    """
    wanted = set(ids)
    rows = _lock(wanted)
    if wanted - rows.keys():
        raise Conflict("A segment was deleted meanwhile; choose another one.")
    for row in rows.values():
        if row.archived_at:
            raise Conflict(f"The segment “{row.name}” is archived; unarchive it first.")


def locked(actor: Actor, segment_id: UUID | str, key: str, using: Iterable[UUID] = ()) -> Segment:
    """The segment, locked, when `actor` may see it and `key` reaches it; locked beside it those that it will use.

    Raises:
        NotFound: it does not exist or may not be seen.
        Forbidden: it may be seen but not changed.
    """
    one = UUID(str(segment_id))
    if not queries.visible_to(actor).filter(pk=one).exists():
        raise NotFound("There is no such segment.")
    actor.require(key)
    rows = _lock({one, *using})
    if one not in rows:
        raise NotFound("There is no such segment.")
    if not actor.owns(key, rows[one].created_by_id):
        raise Forbidden("You may change only the segments that you created.")
    return rows[one]


def _lock(ids: set[UUID]) -> dict[UUID, Segment]:
    """In the order of their keys, so that of two who lock the same ones neither waits for the other for ever."""
    return {row.pk: row for row in Segment.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
