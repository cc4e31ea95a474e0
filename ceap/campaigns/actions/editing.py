"""Drafts: make, change, copy, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.campaigns import queries, rules
from ceap.campaigns.actions.locking import EDITABLE, locked, state_of
from ceap.campaigns.contracts import ACTIVE, Status, Type
from ceap.campaigns.models import Campaign
from ceap.channels import queries as deliveries
from ceap.content import queries as content
from ceap.content.contracts import MARKETING
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, invalid
from ceap.segments import actions as segment_actions
from ceap.segments import queries as segments


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
        audit(actor, "campaigns.create", "campaign", campaign.pk, campaign.name, after=state_of(campaign))
    return campaign


def update(actor: Actor, campaign_id: UUID, version: int, **changes: Any) -> Campaign:
    """Change a draft that is still at `version`; an approval given before lapses.

    Of a campaign that has been launched and not ended, the budget alone can be changed.

    Raises:
        Conflict: it is no longer a draft, or somebody else changed it meanwhile.
    """
    with transaction.atomic():
        campaign = locked(actor, campaign_id, "campaigns_manage")
        if campaign.status != Status.DRAFT and not (set(changes) == {"budget"} and campaign.status in ACTIVE):
            raise Conflict(f"A {campaign.status} campaign cannot be edited; duplicate it instead.")
        if campaign.version != version:
            raise Conflict("Somebody else changed this campaign meanwhile; reload it and try again.")
        changes = _checked(actor, changes, campaign.mapping)
        before, exclusions = state_of(campaign), changes.pop("exclusions", None)
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
        after = state_of(campaign)
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
        campaign = locked(actor, campaign_id, "campaigns_manage")
        if campaign.status != Status.DRAFT:
            raise Conflict("Only a draft can be deleted; its deliveries are kept.")
        audit(actor, "campaigns.delete", "campaign", campaign.pk, campaign.name, before=state_of(campaign))
        campaign.delete()
