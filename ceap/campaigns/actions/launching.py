"""From a draft to deliveries: launch, start when it is due, plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM, Actor
from ceap.campaigns import queries, rules
from ceap.campaigns.actions.locking import locked
from ceap.campaigns.contracts import SOURCE, Status
from ceap.campaigns.models import Campaign
from ceap.channels import actions as channels
from ceap.channels import queries as deliveries
from ceap.jobs.actions import Progress, enqueue
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, FieldError

_LAUNCH_LOCK = 7_230_041


class NotLaunchable(Conflict):
    """The checklist has errors; `errors` names each."""

    title = "The campaign is not ready to launch"


def launch(actor: Actor, campaign_id: UUID, version: int) -> Campaign:
    """Start a draft, or put it on the schedule. Of two at once, one wins and the other is refused.

    Raises:
        NotLaunchable: with one error for each thing that stands in the way.
        Conflict: it was launched already, or edited meanwhile.
    """
    facts = queries.facts(queries.get(actor, campaign_id), actor)  # takes long, so not while others wait for the lock
    with transaction.atomic():
        _one_launch_at_a_time()
        campaign = locked(actor, campaign_id, "campaigns_launch")
        if campaign.status != Status.DRAFT:
            raise Conflict(f"This campaign is {campaign.status} already.")
        if campaign.version != version or facts.version != version:
            raise Conflict("Somebody else changed this campaign meanwhile; check it again before you launch.")
        active, problem = queries.active().count(), queries.segment_problem(campaign)
        errors = rules.refusals(rules.checklist(replace(facts, active=active, segment_problem=problem)))
        if not errors and (service := queries.content_problem(campaign)):  # changed since `facts` looked
            errors = [FieldError("content", service)]
        if errors:
            raise NotLaunchable(" ".join(error.message for error in errors), errors=errors)
        if campaign.sender_id is None:
            sender = deliveries.default_sender(campaign.channel)
            campaign.sender_id = sender.pk if sender else None
        campaign.launched_at = moment = now()
        schedule = rules.Schedule.parse(campaign.schedule)
        first = moment
        if schedule.local:
            first = rules.earliest(schedule, list(facts.zones), facts.organisation_zone, moment)
        campaign.starts_at = max(first - rules.LEAD, moment)
        campaign.status = Status.SCHEDULED
        campaign.save()
        audit(actor, "campaigns.launch", "campaign", campaign.pk, campaign.name, after={"starts_at": str(first)})
        if campaign.starts_at <= moment:
            start(campaign)
    return campaign


def start(campaign: Campaign) -> None:
    """Pin the audience and queue its planning, inside the caller's transaction and lock.

    Raises:
        Conflict: a segment is not ready, or its email is no marketing any more.
    """
    if campaign.segment is None or campaign.sender_id is None:
        raise Conflict("It has no segment or no sender.")
    if service := queries.content_problem(campaign):
        raise Conflict(service)
    audience = queries.resolve(campaign.segment, list(campaign.exclusions.all()))
    campaign.pinned = audience.version
    campaign.pinned_exclusions.set(audience.exclusions)
    campaign.status, campaign.status_reason = Status.RUNNING, ""
    channels.register(SOURCE, campaign.pk, campaign.sender_id)
    queue_planning(campaign)


def queue_planning(campaign: Campaign) -> None:
    """Have the deliveries of a campaign planned by a job, and save the campaign with it."""
    key = str(campaign.pk)
    campaign.job_id = enqueue("campaigns.plan", SYSTEM, subject=f"campaign:{key}", campaign_id=key).pk
    campaign.save()


def _one_launch_at_a_time() -> None:
    """So that two campaigns launched at once cannot both be the last one allowed (SQLite: writers are alone anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LAUNCH_LOCK])


def plan(campaign_id: UUID, progress: Progress) -> int:
    """Write one delivery row for every customer of the pinned audience; safe to repeat.

    Returns:
        How many rows there are.
    """
    campaign = Campaign.objects.select_related("pinned").get(pk=campaign_id)
    members = queries.pinned(campaign)
    progress.step(0, len(members), "Planning deliveries")
    if campaign.sender_id is None or campaign.content_version_id is None or campaign.launched_at is None:
        raise ValueError("the campaign has not been launched")
    planned = channels.plan(
        SOURCE, campaign.pk, customers=members, channel=campaign.channel, sender_id=campaign.sender_id,
        content_version_id=campaign.content_version_id, due=lambda ids: queries.due_times(campaign, ids),
        expires_after=timedelta(hours=campaign.send_within_hours), mapping=campaign.mapping, progress=progress.step,
    )  # fmt: skip
    Campaign.objects.filter(pk=campaign.pk).update(planned_at=now(), planned=planned)
    return planned
