"""A running campaign is held, goes on, or ends."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM, Actor
from ceap.campaigns import rules
from ceap.campaigns.actions.launching import queue_planning
from ceap.campaigns.actions.locking import locked
from ceap.campaigns.contracts import SOURCE, Status
from ceap.campaigns.models import Campaign
from ceap.channels import actions as channels
from ceap.channels import queries as deliveries
from ceap.channels.contracts import COSTS
from ceap.jobs import queries as jobs
from ceap.jobs.contracts import State as JobState
from ceap.kit.clock import now
from ceap.kit.problem import Conflict


def pause(actor: Actor, campaign_id: UUID, reason: str = "") -> Campaign:
    """Hold every delivery not yet handed over."""
    with transaction.atomic():
        campaign = locked(actor, campaign_id, "campaigns_launch")
        if campaign.status not in (Status.RUNNING, Status.SCHEDULED):
            raise Conflict(f"A {campaign.status} campaign cannot be paused.")
        campaign.status, campaign.status_reason = Status.PAUSED, reason or f"Paused by {actor.name}"
        campaign.save(update_fields=["status", "status_reason"])
        channels.pause(SOURCE, campaign.pk)
        audit(actor, "campaigns.pause", "campaign", campaign.pk, campaign.name, after={"reason": reason})
    return campaign


def resume(actor: Actor, campaign_id: UUID) -> Campaign:
    """Go on with a paused campaign; nobody is sent to twice.

    Raises:
        Conflict: it is not paused, or its budget is used up.
    """
    with transaction.atomic():
        campaign = locked(actor, campaign_id, "campaigns_launch")
        if campaign.status != Status.PAUSED:
            raise Conflict(f"A {campaign.status} campaign cannot be resumed.")
        if over_budget(campaign):
            raise Conflict("Its budget is used up; it cannot go on.")
        campaign.status = Status.RUNNING if campaign.pinned else Status.SCHEDULED
        campaign.status_reason = ""
        campaign.save(update_fields=["status", "status_reason"])
        channels.resume(SOURCE, campaign.pk)
        if campaign.pinned and not campaign.planned_at and planning_stopped(campaign):
            queue_planning(campaign)
        audit(actor, "campaigns.resume", "campaign", campaign.pk, campaign.name)
    return campaign


def cancel(actor: Actor, campaign_id: UUID) -> Campaign:
    """End it: what is not handed over yet is never sent."""
    with transaction.atomic():
        campaign = locked(actor, campaign_id, "campaigns_launch")
        if campaign.status not in (Status.RUNNING, Status.SCHEDULED, Status.PAUSED):
            raise Conflict(f"A {campaign.status} campaign cannot be cancelled.")
        campaign.status, campaign.status_reason = Status.CANCELLED, f"Cancelled by {actor.name}"
        campaign.completed_at = now()
        campaign.save(update_fields=["status", "status_reason", "completed_at"])
        channels.cancel_source(SOURCE, campaign.pk)
        audit(actor, "campaigns.cancel", "campaign", campaign.pk, campaign.name)
    return campaign


def over_budget(campaign: Campaign) -> bool:
    """Whether one more message would cost more than the budget."""
    if campaign.budget is None:
        return False
    tally = deliveries.tally(SOURCE, campaign.pk)
    spent = sum(tally[state] for state in COSTS) + 1
    return rules.cost_of(campaign.cost_fixed, campaign.cost_per_message, spent) > campaign.budget


def planning_stopped(campaign: Campaign) -> str:
    """Why the planning of its deliveries has ended before its end; "" while it goes on."""
    if campaign.job_id is None:
        return "it was never queued"
    job = jobs.get(SYSTEM, campaign.job_id)
    return job.message or job.state if job.state in (JobState.FAILED, JobState.CANCELLED) else ""


def after_restore() -> int:
    """Hold every campaign that was active when a restored store was backed up: it may have gone on since then.

    Returns:
        How many were held.
    """
    reason = "The store was restored from a backup: see what was sent since then before you resume."
    held = list(Campaign.objects.filter(status__in=(Status.RUNNING, Status.SCHEDULED)).values_list("pk", flat=True))
    for key in held:
        pause(SYSTEM, key, reason)
    return len(held)
