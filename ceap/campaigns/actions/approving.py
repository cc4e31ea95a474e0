"""Somebody else looks at a campaign before it goes to many."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor, Level
from ceap.campaigns import queries
from ceap.campaigns.actions.locking import locked
from ceap.campaigns.contracts import Status
from ceap.campaigns.models import Campaign
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, NotFound


def request_approval(actor: Actor, campaign_id: UUID) -> Campaign:
    """Ask somebody with the permission to approve the campaign as it is."""
    with transaction.atomic():
        campaign = locked(actor, campaign_id, "campaigns_manage")
        if campaign.status != Status.DRAFT:
            raise Conflict("It has been launched already.")
        campaign.approval_requested_at = now()
        campaign.save(update_fields=["approval_requested_at"])
        audit(actor, "campaigns.request_approval", "campaign", campaign.pk, campaign.name)
    return campaign


def approve(actor: Actor, campaign_id: UUID, version: int) -> Campaign:
    """Approve the campaign as it is at `version`; any later edit needs a new approval."""
    actor.require("campaigns_approve", Level.ALL)
    with transaction.atomic():
        campaign = queries.visible_to(actor).select_for_update(of=("self",)).filter(pk=campaign_id).first()
        if campaign is None:
            raise NotFound("There is no such campaign.")
        if campaign.version != version or campaign.status != Status.DRAFT:
            raise Conflict("It has changed since you looked at it; look again before you approve.")
        campaign.approved_by_id, campaign.approved_at, campaign.approved_version = actor.user_id, now(), version
        campaign.save(update_fields=["approved_by", "approved_at", "approved_version"])
        audit(actor, "campaigns.approve", "campaign", campaign.pk, campaign.name, after={"version": version})
    return campaign
