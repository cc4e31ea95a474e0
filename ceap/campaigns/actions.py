"""Writes about campaigns: one function a verb, checked again under the row's lock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM, Actor, Level
from ceap.campaigns import queries, rules
from ceap.campaigns.contracts import ACTIVE, SOURCE, Status, Type
from ceap.campaigns.models import Campaign
from ceap.channels import actions as channels
from ceap.channels import queries as deliveries
from ceap.channels.contracts import COSTS, OPEN
from ceap.content import queries as content
from ceap.content.contracts import MARKETING
from ceap.jobs import queries as jobs
from ceap.jobs.actions import Progress, enqueue
from ceap.jobs.contracts import State as JobState
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, FieldError, Forbidden, NotFound, Problem, invalid
from ceap.segments import actions as segment_actions
from ceap.segments import queries as segments
from ceap.segments.contracts import NOT_READY

log = logging.getLogger("ceap.campaigns")
_LAUNCH_LOCK = 7_230_041
EDITABLE = (
    "name", "type", "objective", "segment_id", "channel", "content_version_id", "mapping", "sender_id", "schedule",
    "send_within_hours", "budget", "cost_fixed", "cost_per_message", "conversion_days",
)  # fmt: skip


class NotLaunchable(Conflict):
    """The checklist has errors; `errors` names each."""

    title = "The campaign is not ready to launch"


def _locked(actor: Actor, campaign_id: UUID, permission: str) -> Campaign:
    """The row, locked, once `actor` may do `permission` to it."""
    campaign = queries.visible_to(actor).select_for_update(of=("self",)).filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("There is no such campaign.")
    if not actor.owns(permission, campaign.created_by_id):
        raise Forbidden("Your role does not let you do this to this campaign.")
    return campaign


def _state(campaign: Campaign) -> dict[str, Any]:
    values = {name: getattr(campaign, name) for name in EDITABLE}
    return {k: v if isinstance(v, int | dict | None) else str(v) for k, v in values.items()}


def _checked(actor: Actor, changes: dict[str, Any], mapping: dict[str, dict[str, str]]) -> dict[str, Any]:
    """`changes`, once each names something that exists and is allowed; `mapping` is what is mapped so far."""
    if unknown := set(changes) - {*EDITABLE, "exclusions"}:
        raise invalid(min(unknown), "This cannot be changed.")
    if "name" in changes and not (0 < len(changes["name"].strip()) <= 80):
        raise invalid("name", "Give a name of at most 80 characters.")
    if "type" in changes and changes["type"] not in list(Type):
        raise invalid("type", f"Choose one of {', '.join(Type)}.")
    if "schedule" in changes:
        rules.Schedule.parse(changes["schedule"])
    for name in ("budget", "cost_fixed", "cost_per_message"):
        if changes.get(name) is not None and changes[name] < 0:
            raise invalid(name, "Give an amount of zero or more.")
        if changes.get(name) is not None and not changes[name] < rules.LARGEST_AMOUNT:
            raise invalid(name, "Give an amount below a thousand thousand million (1,000,000,000,000).")
    for name, top in (("conversion_days", 365), ("send_within_hours", 720)):
        if name in changes and not 1 <= changes[name] <= top:
            raise invalid(name, f"Give a whole number from 1 to {top}.")
    if changes.get("segment_id") and not segments.visible_to(actor).filter(pk=changes["segment_id"]).exists():
        raise invalid("segment_id", "There is no such segment.")
    if changes.get("content_version_id"):
        email = content.visible_to(actor).filter(versions=changes["content_version_id"], channel="email").first()
        if email is None:
            raise invalid("content_version_id", "There is no such email.")
        if email.purpose != MARKETING:
            raise invalid("content_version_id", rules.service_email(email.name))
    if "mapping" in changes:
        seen = {variable.path for variable in content.variables(actor)}
        changes["mapping"] = rules.mapped(changes["mapping"], mapping, seen)
    if changes.get("sender_id") and deliveries.sender(changes["sender_id"]) is None:
        raise invalid("sender_id", "There is no such sender.")
    if "exclusions" in changes:
        wanted = set(changes["exclusions"])
        found = set(segments.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
        if wanted - found:
            raise invalid("exclusions", "One of these segments does not exist.")
    return changes


def create(actor: Actor, **values: Any) -> Campaign:
    """A new draft.

    Raises:
        Forbidden, Invalid: nothing was made.
    """
    actor.require("campaigns_manage")
    values.setdefault("name", "")
    values = _checked(actor, values, {})
    exclusions = values.pop("exclusions", [])
    with transaction.atomic():
        segment_actions.hold({*exclusions, *filter(None, [values.get("segment_id")])})
        campaign = Campaign.objects.create(**values, created_by_id=actor.user_id, created_at=now(), updated_at=now())
        campaign.exclusions.set(exclusions)
        audit(actor, "campaigns.create", "campaign", campaign.pk, campaign.name, after=_state(campaign))
    return campaign


def update(actor: Actor, campaign_id: UUID, version: int, **changes: Any) -> Campaign:
    """Change a draft that is still at `version`; an approval given before lapses.

    Of a campaign that has been launched and not ended, the budget alone can be changed.

    Raises:
        Conflict: it is no longer a draft, or somebody else changed it meanwhile.
    """
    with transaction.atomic():
        campaign = _locked(actor, campaign_id, "campaigns_manage")
        if campaign.status != Status.DRAFT and not (set(changes) == {"budget"} and campaign.status in ACTIVE):
            raise Conflict(f"A {campaign.status} campaign cannot be edited; duplicate it instead.")
        if campaign.version != version:
            raise Conflict("Somebody else changed this campaign meanwhile; reload it and try again.")
        changes = _checked(actor, changes, campaign.mapping)
        before, exclusions = _state(campaign), changes.pop("exclusions", None)
        fresh = {*(exclusions or ()), *filter(None, [changes.get("segment_id")])}
        segment_actions.hold(fresh - {campaign.segment_id, *campaign.exclusions.values_list("pk", flat=True)})
        for name, value in changes.items():
            setattr(campaign, name, value)
        campaign.version, campaign.updated_at = version + 1, now()
        if campaign.status == Status.DRAFT:
            campaign.approval_requested_at = campaign.approved_at = campaign.approved_by = None
        campaign.save()
        if exclusions is not None:
            campaign.exclusions.set(exclusions)
        after = _state(campaign)
        changed = {key for key in after if after[key] != before[key]}
        audit(
            actor, "campaigns.update", "campaign", campaign.pk, campaign.name,
            before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
        )  # fmt: skip
    return campaign


def duplicate(actor: Actor, campaign_id: UUID) -> Campaign:
    """A new draft like this one."""
    original = queries.get(actor, campaign_id)
    values = {name: getattr(original, name) for name in EDITABLE} | {"name": f"Copy of {original.name}"[:80]}
    seen = {variable.path for variable in content.variables(actor)}
    values["mapping"] = {
        name: fill if fill["path"] in seen else fill | {"path": ""} for name, fill in original.mapping.items()
    }
    if original.segment and original.segment.archived_at:
        values["segment_id"] = None
    if queries.content_problem(original):
        values["content_version_id"] = None
    return create(actor, **values, exclusions=[one.pk for one in original.exclusions.filter(archived_at=None)])


def delete(actor: Actor, campaign_id: UUID) -> None:
    """Remove a draft; what has been launched stays."""
    with transaction.atomic():
        campaign = _locked(actor, campaign_id, "campaigns_manage")
        if campaign.status != Status.DRAFT:
            raise Conflict("Only a draft can be deleted; its deliveries are kept.")
        audit(actor, "campaigns.delete", "campaign", campaign.pk, campaign.name, before=_state(campaign))
        campaign.delete()


def request_approval(actor: Actor, campaign_id: UUID) -> Campaign:
    """Ask somebody with the permission to approve the campaign as it is."""
    with transaction.atomic():
        campaign = _locked(actor, campaign_id, "campaigns_manage")
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


def launch(actor: Actor, campaign_id: UUID, version: int) -> Campaign:
    """Start a draft, or put it on the schedule. Of two at once, one wins and the other is refused.

    Raises:
        NotLaunchable: with one error for each thing that stands in the way.
        Conflict: it was launched already, or edited meanwhile.
    """
    facts = queries.facts(queries.get(actor, campaign_id))  # counts everybody, so not while others wait for the lock
    with transaction.atomic():
        _one_launch_at_a_time()
        campaign = _locked(actor, campaign_id, "campaigns_launch")
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
            _start(campaign)
    return campaign


def _start(campaign: Campaign) -> None:
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
    _queue_planning(campaign)


def _queue_planning(campaign: Campaign) -> None:
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


def pause(actor: Actor, campaign_id: UUID, reason: str = "") -> Campaign:
    """Hold every delivery not yet handed over."""
    with transaction.atomic():
        campaign = _locked(actor, campaign_id, "campaigns_launch")
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
        campaign = _locked(actor, campaign_id, "campaigns_launch")
        if campaign.status != Status.PAUSED:
            raise Conflict(f"A {campaign.status} campaign cannot be resumed.")
        if over_budget(campaign):
            raise Conflict("Its budget is used up; it cannot go on.")
        campaign.status = Status.RUNNING if campaign.pinned else Status.SCHEDULED
        campaign.status_reason = ""
        campaign.save(update_fields=["status", "status_reason"])
        channels.resume(SOURCE, campaign.pk)
        if campaign.pinned and not campaign.planned_at and _planning_stopped(campaign):
            _queue_planning(campaign)
        audit(actor, "campaigns.resume", "campaign", campaign.pk, campaign.name)
    return campaign


def cancel(actor: Actor, campaign_id: UUID) -> Campaign:
    """End it: what is not handed over yet is never sent."""
    with transaction.atomic():
        campaign = _locked(actor, campaign_id, "campaigns_launch")
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


def tick() -> None:
    """The heartbeat of campaigns, every second: start what is due, pause what cannot go on, complete what is done."""
    for campaign in Campaign.objects.filter(status=Status.SCHEDULED, starts_at__lte=now()):
        _each(campaign, Status.SCHEDULED, _start)
    for campaign in Campaign.objects.filter(status=Status.RUNNING, planned_at=None):
        if why := _planning_stopped(campaign):
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


def _planning_stopped(campaign: Campaign) -> str:
    """Why the planning of its deliveries has ended before its end; "" while it goes on."""
    if campaign.job_id is None:
        return "it was never queued"
    job = jobs.get(SYSTEM, campaign.job_id)
    return job.message or job.state if job.state in (JobState.FAILED, JobState.CANCELLED) else ""


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


def _complete(campaign: Campaign) -> None:
    campaign.status, campaign.completed_at = Status.COMPLETED, now()
    campaign.save(update_fields=["status", "completed_at"])
    audit(SYSTEM, "campaigns.complete", "campaign", campaign.pk, campaign.name)
