"""Reads about what customers did."""

from __future__ import annotations

from ceap.events import log
from ceap.events.contracts import Entry
from ceap.events.models import Position


def read(consumer: str, limit: int = 10_000) -> list[Entry]:
    """The next entries of the change log that `consumer` has not passed, in the order of commits.

    Reading changes nothing: do the work, then `actions.advance(consumer, entries[-1].seq)` in the same transaction.
    """
    place = Position.objects.filter(consumer=consumer).values_list("tx", "seq").first()
    return log.after(*(place or (0, 0)), limit)
