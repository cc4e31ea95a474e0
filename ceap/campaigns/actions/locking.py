"""The row of a campaign, locked, once somebody may write it; and what the audit trail says of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.campaigns import queries
from ceap.campaigns.models import Campaign
from ceap.kit.problem import Forbidden, NotFound

EDITABLE = (
    "name", "type", "objective", "segment_id", "channel", "content_version_id", "mapping", "sender_id", "schedule",
    "send_within_hours", "budget", "cost_fixed", "cost_per_message", "conversion_days",
)  # fmt: skip


def locked(actor: Actor, campaign_id: UUID, permission: str) -> Campaign:
    """The row, locked, once `actor` may do `permission` to it."""
    campaign = queries.visible_to(actor).select_for_update(of=("self",)).filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("There is no such campaign.")
    if not actor.owns(permission, campaign.created_by_id):
        raise Forbidden("Your role does not let you do this to this campaign.")
    return campaign


def state_of(campaign: Campaign) -> dict[str, Any]:
    """The values of `EDITABLE`, as the audit trail keeps them."""
    values = {name: getattr(campaign, name) for name in EDITABLE}
    return {k: v if isinstance(v, int | dict | None) else str(v) for k, v in values.items()}
