"""The wire of campaigns: parse, call, return."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.campaigns import actions, queries, rules
from ceap.campaigns.models import Campaign
from ceap.campaigns.schemas import (
    CampaignAudienceIn,
    CampaignAudienceOut,
    CampaignChecklistOut,
    CampaignDeliveryPage,
    CampaignIn,
    CampaignMovementOut,
    CampaignOut,
    CampaignPage,
    CampaignPatch,
    CampaignSenderOut,
    CampaignVersionIn,
)

router = Router(tags=["campaigns"])


def _row(campaign: Campaign) -> dict[str, Any]:
    pending = campaign.status == "draft" and campaign.approval_requested_at is not None
    return {
        "id": campaign.pk, "name": campaign.name, "type": campaign.type, "status": campaign.status,
        "status_reason": campaign.status_reason, "segment": campaign.segment, "planned": campaign.planned,
        "created_by": campaign.created_by.name if campaign.created_by else "", "created_at": campaign.created_at,
        "launched_at": campaign.launched_at, "starts_at": campaign.starts_at, "completed_at": campaign.completed_at,
        "awaiting_approval": pending and campaign.approved_version != campaign.version,
    }  # fmt: skip


def _out(me: Actor, campaign_id: UUID) -> dict[str, Any]:
    campaign = queries.get(me, campaign_id)
    version, (mapping, hidden) = campaign.content_version, queries.mapping_for(me, campaign)
    return _row(campaign) | {
        "objective": campaign.objective, "channel": campaign.channel,
        "exclusions": list(campaign.exclusions.all()),
        "content": version and {
            "version_id": version.pk, "template_id": version.template_id, "name": version.template.name,
            "subject": version.subject, "number": version.number,
        },
        "mapping": {name: fill | {"hidden": name in hidden} for name, fill in mapping.items()},
        "sender_id": campaign.sender_id, "schedule": campaign.schedule,
        "send_within_hours": campaign.send_within_hours, "budget": campaign.budget, "cost_fixed": campaign.cost_fixed,
        "cost_per_message": campaign.cost_per_message, "conversion_days": campaign.conversion_days,
        "approved_by": campaign.approved_by.name if campaign.approved_by else None,
        "approved": campaign.approved_version == campaign.version, "version": campaign.version,
        "job_id": campaign.job_id,
        "may": {
            "edit": me.owns("campaigns_manage", campaign.created_by_id),
            "launch": me.owns("campaigns_launch", campaign.created_by_id),
            "approve": me.may("campaigns_approve"),
        },
    }  # fmt: skip


def _given(payload: CampaignIn) -> dict[str, Any]:
    given = payload.dict(exclude_unset=True)
    given.pop("version", None)
    if given.get("schedule"):
        given["schedule"] = {k: v for k, v in given["schedule"].items() if v is not None}
    nullable = {"segment_id", "content_version_id", "sender_id", "budget"}
    return {key: value for key, value in given.items() if value is not None or key in nullable}


@router.get("", response=CampaignPage)
def index(
    request: HttpRequest, search: str = "", status: str = "", awaiting: bool = False, cursor: str = "", limit: int = 50
) -> Any:
    """Campaigns, newest first; `status` takes several, separated by commas."""
    page, following, total = queries.page(actor(request), search, status, awaiting, cursor, limit)
    return {"items": [_row(one) for one in page], "next": following, "total": total}


@router.post("", response={201: CampaignOut})
def create(request: HttpRequest, payload: CampaignIn) -> Any:
    """A new draft."""
    me = actor(request)
    return Status(201, _out(me, actions.create(me, **_given(payload)).pk))


@router.post("/audience", response=CampaignAudienceOut)
def audience(request: HttpRequest, payload: CampaignAudienceIn) -> Any:
    """The waterfall of a segment less exclusions: the same query that the sender asks."""
    return queries.audience(actor(request), payload.segment_id, payload.exclusions, payload.channel)


@router.get("/senders", response=list[CampaignSenderOut])
def senders(request: HttpRequest) -> Any:
    """Who emails can be from; the first one is used where none is chosen."""
    return queries.senders(actor(request))


@router.get("/{campaign_id}", response=CampaignOut)
def read(request: HttpRequest, campaign_id: UUID) -> Any:
    """One campaign."""
    return _out(actor(request), campaign_id)


@router.patch("/{campaign_id}", response=CampaignOut)
def update(request: HttpRequest, campaign_id: UUID, payload: CampaignPatch) -> Any:
    """Change a draft."""
    me = actor(request)
    actions.update(me, campaign_id, payload.version, **_given(payload))
    return _out(me, campaign_id)


@router.delete("/{campaign_id}", response={204: None})
def delete(request: HttpRequest, campaign_id: UUID) -> Any:
    """Remove a draft."""
    actions.delete(actor(request), campaign_id)
    return Status(204, None)


@router.get("/{campaign_id}/checklist", response=CampaignChecklistOut)
def checklist(request: HttpRequest, campaign_id: UUID) -> Any:
    """What is in order before a launch and what is not."""
    me = actor(request)
    campaign = queries.get(me, campaign_id)
    facts = queries.facts(campaign, me)
    checks = rules.checklist(facts)
    return {
        "checks": checks, "launchable": not rules.refusals(checks), "matched": facts.matched,
        "will_receive": facts.will_receive, "cost": facts.cost, "currency": facts.currency,
        "version": campaign.version,
    }  # fmt: skip


@router.get("/{campaign_id}/deliveries", response=CampaignDeliveryPage)
def deliveries(
    request: HttpRequest, campaign_id: UUID, state: str = "", reason: str = "", cursor: str = "", limit: int = 50
) -> Any:
    """Who it was (not) sent to, newest first."""
    found, following = queries.deliveries(actor(request), campaign_id, state, reason, cursor, limit)
    return {"items": found, "next": following}


@router.get("/{campaign_id}/movement", response=CampaignMovementOut)
def movement(request: HttpRequest, campaign_id: UUID) -> Any:
    """Why is nothing moving? The queue, the last claim, and what holds it back."""
    return queries.movement(actor(request), campaign_id)


@router.post("/{campaign_id}/duplicate", response={201: CampaignOut})
def duplicate(request: HttpRequest, campaign_id: UUID) -> Any:
    """A new draft like this one."""
    me = actor(request)
    return Status(201, _out(me, actions.duplicate(me, campaign_id).pk))


@router.post("/{campaign_id}/request-approval", response=CampaignOut)
def request_approval(request: HttpRequest, campaign_id: UUID) -> Any:
    """Ask for approval."""
    me = actor(request)
    actions.request_approval(me, campaign_id)
    return _out(me, campaign_id)


@router.post("/{campaign_id}/approve", response=CampaignOut)
def approve(request: HttpRequest, campaign_id: UUID, payload: CampaignVersionIn) -> Any:
    """Approve the version one looked at."""
    me = actor(request)
    actions.approve(me, campaign_id, payload.version)
    return _out(me, campaign_id)


@router.post("/{campaign_id}/launch", response=CampaignOut)
def launch(request: HttpRequest, campaign_id: UUID, payload: CampaignVersionIn) -> Any:
    """Start it, or put it on the schedule."""
    me = actor(request)
    actions.launch(me, campaign_id, payload.version)
    return _out(me, campaign_id)


@router.post("/{campaign_id}/pause", response=CampaignOut)
def pause(request: HttpRequest, campaign_id: UUID) -> Any:
    """Hold what is not handed over yet."""
    me = actor(request)
    actions.pause(me, campaign_id)
    return _out(me, campaign_id)


@router.post("/{campaign_id}/resume", response=CampaignOut)
def resume(request: HttpRequest, campaign_id: UUID) -> Any:
    """Go on."""
    me = actor(request)
    actions.resume(me, campaign_id)
    return _out(me, campaign_id)


@router.post("/{campaign_id}/cancel", response=CampaignOut)
def cancel(request: HttpRequest, campaign_id: UUID) -> Any:
    """End it: what is not handed over yet is never sent."""
    me = actor(request)
    actions.cancel(me, campaign_id)
    return _out(me, campaign_id)
