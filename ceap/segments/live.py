"""How far a segment's membership is, for the socket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.kit.live import provider
from ceap.kit.problem import NotFound
from ceap.segments import queries


@provider("segment")
def segment(actor: Actor, id: str) -> dict[str, Any]:
    """What changes when a segment is edited, archived, or its membership is built or published."""
    try:
        found = queries.get(actor, UUID(id))
    except ValueError:
        raise NotFound("There is no such segment.") from None
    newest = queries.latest(found)
    return {
        "rule_version": found.rule_version,
        "archived": found.archived_at is not None,
        "state": newest.state if newest else None,
        "version": newest.number if newest else None,
        "current": str(found.current_id) if found.current_id else None,
    }
