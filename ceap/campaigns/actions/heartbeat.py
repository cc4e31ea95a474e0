"""What campaigns do by themselves, every second."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM
from ceap.campaigns.actions.launching import start
from ceap.campaigns.actions.steering import over_budget, pause, planning_stopped
from ceap.campaigns.contracts import SOURCE, Status
from ceap.campaigns.models import Campaign
from ceap.channels import queries as deliveries
from ceap.channels.contracts import OPEN
from ceap.kit.clock import now
from ceap.kit.problem import Problem
from ceap.segments.contracts import NOT_READY

log = logging.getLogger("ceap.campaigns")


def tick() -> None:
    """The heartbeat of campaigns, every second: start what is due, pause what cannot go on, complete what is done."""
    for campaign in Campaign.objects.filter(status=Status.SCHEDULED, starts_at__lte=now()):
        _each(campaign, Status.SCHEDULED, start)
    for campaign in Campaign.objects.filter(status=Status.RUNNING, planned_at=None):
        if why := planning_stopped(campaign):
            pause(SYSTEM, campaign.pk, f"Its deliveries could not be planned: {why}"[:250])
    for campaign in Campaign.objects.filter(status=Status.RUNNING, budget__isnull=False):
        if over_budget(campaign) and _moving(campaign):
            pause(SYSTEM, campaign.pk, "Its budget is used up")
    for campaign in Campaign.objects.filter(status=Status.RUNNING, planned_at__isnull=False):
        if not _moving(campaign):
            _each(campaign, Status.RUNNING, _complete)


def _moving(campaign: Campaign) -> int:
    tally = deliveries.tally(SOURCE, campaign.pk)
    return sum(tally[state] for state in OPEN)


def _each(campaign: Campaign, status: Status, then: Callable[[Campaign], None]) -> None:
    with transaction.atomic():
        row = Campaign.objects.select_for_update().filter(pk=campaign.pk, status=status).first()
        if row is None:
            return
        try:
            with transaction.atomic():
                then(row)
        except Problem as problem:  # e.g. its segment failed: held, with the reason, for a person to decide
            held = row.status if problem.detail == NOT_READY else Status.PAUSED  # that passes by itself
            if (row.status, row.status_reason) != (held, problem.detail[:250]):
                log.warning("campaign %s does not go on: %s", row.pk, problem.detail)
            Campaign.objects.filter(pk=row.pk).update(status=held, status_reason=problem.detail[:250])


def _complete(campaign: Campaign) -> None:
    campaign.status, campaign.completed_at = Status.COMPLETED, now()
    campaign.save(update_fields=["status", "completed_at"])
    audit(SYSTEM, "campaigns.complete", "campaign", campaign.pk, campaign.name)
