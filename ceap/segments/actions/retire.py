"""Taking a segment out of use: archived, then deleted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.segments import queries
from ceap.segments.actions.holding import locked
from ceap.segments.actions.membership import drop_waiting
from ceap.segments.contracts import Use
from ceap.segments.models import Segment

NAMED = 3  # uses that a refusal names; the rest is counted


def archive(actor: Actor, segment_id: UUID | str) -> Segment:
    """Take a segment out of the active lists; it is no longer recalculated.

    Raises:
        Conflict: it is archived already, or used by an active segment or a campaign that has not ended.
    """
    with transaction.atomic():
        segment = locked(actor, segment_id, "customers_segment_archived")
        if segment.archived_at:
            raise Conflict("This segment is archived already.")
        if using := [use for use in queries.uses_of(actor, segment.pk) if not use.ended]:
            raise Conflict(f"This segment cannot be archived: it is used by {_named(using)}.")
        segment.archived_at = now()
        segment.save(update_fields=["archived_at"])
        drop_waiting(segment)
        audit(actor, "segments.archive", "segment", segment.pk, segment.name)
    return segment


def delete(actor: Actor, segment_id: UUID | str) -> None:
    """Delete an archived segment with its history.

    Raises:
        Conflict: it is not archived, or something uses it, ended or not (a campaign keeps whom it was meant for).
    """
    with transaction.atomic():
        segment = locked(actor, segment_id, "customers_segment_archived")
        if not segment.archived_at:
            raise Conflict("Only an archived segment can be deleted; archive it first.")
        if using := queries.uses_of(actor, segment.pk):
            raise Conflict(f"This segment cannot be deleted: it is used by {_named(using)}.")
        before = {"name": segment.name, "description": segment.description, "rule": segment.rule}
        audit(actor, "segments.delete", "segment", segment.pk, segment.name, before=before)
        segment.delete()


def _named(using: list[Use]) -> str:
    """ "the campaign “Spring” (draft), the segment “Fans” (active) and 2 more"."""
    said = [
        f"the {use.kind} “{use.name}” ({use.state})" if use.id else f"a {use.kind} that you may not see"
        for use in using[:NAMED]
    ]
    if more := len(using) - NAMED:
        said += [f"{more} more"] if more > 0 else []
    return " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))
