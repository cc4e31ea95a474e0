"""Members of segments as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.customers.actions import write_chosen
from ceap.jobs import actions as jobs
from ceap.kit.problem import Conflict
from ceap.segments import queries
from ceap.segments.contracts import Selection

EXPORT = "segments.export"


def export(actor: Actor, selection: Selection, format: str) -> Any:
    """Queue the export of whom a selection holds, as far as the actor may see them, with every field they may see.

    Raises:
        Forbidden: the actor may not export, or not see customers.
        NotFound: a segment that the actor may not see. Conflict: nobody to export, or no membership yet.
    """
    actor.require("customers_export")
    if not queries.selected(actor, selection):
        raise Conflict("There is nobody to export.")
    inside, outside = ([*map(str, ids)] for ids in (selection.inside, selection.outside))
    told = {"inside": inside, "outside": outside, "join": selection.join}
    with transaction.atomic():
        job = jobs.enqueue(
            EXPORT, actor, subject="segments:export", **told, format=format, actor_kind=actor.kind, actor_id=actor.id
        )
        audit(actor, EXPORT, "job", job.pk, after=told | {"format": format})
    return job


def write_members(
    actor: Actor, selection: Selection, format: str, name: str, step: Callable[[int, int], None]
) -> dict[str, Any]:
    """Write the file `name`, by the memberships that serve now.

    Returns:
        The manifest, as of an export of customers.
    """
    return write_chosen(actor, list(queries.selected(actor, selection)), format, name, step)
