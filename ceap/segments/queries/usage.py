"""What uses a segment. Packages above register what they know; segments that name others are found here."""

from __future__ import annotations

from uuid import UUID

from django.utils.module_loading import import_string

from ceap.accounts.contracts import Actor
from ceap.segments.contracts import Use, finders
from ceap.segments.models import Segment
from ceap.segments.queries.checking import HIDDEN
from ceap.segments.queries.segments import get, visible_to
from ceap.segments.references import segments_of


def uses(actor: Actor, segment_id: UUID | str) -> list[Use]:
    """What uses a segment, what has ended last.

    Raises:
        NotFound: there is no such segment, or `actor` may not see it.
    """
    return uses_of(actor, get(actor, segment_id).pk)


def uses_of(actor: Actor, segment_id: UUID) -> list[Use]:
    """As `uses`, of a segment that was looked up already."""
    found = [use for finder in (_segments, *map(import_string, finders())) for use in finder(actor, segment_id)]
    return sorted(found, key=lambda use: (use.ended, use.kind, use.name))


def _segments(actor: Actor, segment_id: UUID) -> list[Use]:
    rows = [row for row in Segment.objects.exclude(rule={}) if segment_id in segments_of(row.rule)]
    seen = set(visible_to(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [
        Use("segment", row.pk if row.pk in seen else None, row.name if row.pk in seen else HIDDEN,
            "archived" if row.archived_at else "active", row.archived_at is not None)
        for row in rows
    ]  # fmt: skip
