"""Live numbers of campaigns, for the socket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.campaigns import queries as campaigns
from ceap.kit.live import provider
from ceap.kit.problem import NotFound
from ceap.measurement import queries


@provider("campaign")
def campaign(actor: Actor, id: str) -> dict[str, Any]:
    """`queries.progress` of the campaign."""
    try:
        key = UUID(id)
    except ValueError:
        raise NotFound("There is no such campaign.") from None
    return queries.progress(campaigns.get(actor, key))
