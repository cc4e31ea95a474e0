"""What the checklist before a launch depends on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation, setting
from ceap.campaigns import rules
from ceap.campaigns.models import Campaign
from ceap.campaigns.queries.resolving import resolve, waterfall, zones
from ceap.campaigns.queries.rows import active
from ceap.campaigns.queries.trying import trial
from ceap.channels import queries as channels
from ceap.content import queries as content
from ceap.content.contracts import MARKETING, Fill, placeholders
from ceap.customers import queries as customers
from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.segments import queries as segments


def _whole(name: str) -> int:
    return int(str(setting(name)))


def segment_problem(campaign: Campaign) -> str:
    """Why the campaign's segments cannot be used now, in a sentence; "" when they can."""
    try:
        for segment in [campaign.segment, *campaign.exclusions.all()]:
            if segment is not None:
                segments.require_ready(segment)
    except Conflict as conflict:
        return conflict.detail
    return ""


def content_problem(campaign: Campaign) -> str:
    """Why the campaign's email cannot be sent as marketing now, in a sentence; "" when it can, or there is none."""
    found = content.purpose_of(campaign.content_version_id) if campaign.content_version_id else None
    return rules.service_email(found[0]) if found and found[1] != MARKETING else ""


def facts(campaign: Campaign, actor: Actor | None = None) -> rules.Facts:
    """What the checklist of `campaign` depends on, as things stand now.

    Args:
        actor: who looks at it: example customers are named as far as this user may see them; None: not at all.
    """
    home, schedule = organisation(), rules.Schedule.parse(campaign.schedule)
    at = max(now(), rules.due(schedule, "", home.time_zone, now()))
    members, gate, problem = BitMap(), None, segment_problem(campaign)
    if campaign.segment and not problem:
        members = resolve(campaign.segment, list(campaign.exclusions.all())).members
        gate = waterfall(members, campaign.channel, at)
    template = campaign.content_version.template if campaign.content_version else None
    sender = channels.sender(campaign.sender_id) if campaign.sender_id else channels.default_sender(campaign.channel)
    will = len(gate.allowed) if gate else 0
    fills = {name: Fill(**fill) for name, fill in campaign.mapping.items()}
    return rules.Facts(
        name=campaign.name,
        segment=campaign.segment.name if campaign.segment else None,
        segment_problem=problem,
        content=template.name if template else None,
        content_archived=bool(template and template.archived_at),
        content_purpose=template.purpose if template else MARKETING,
        sender=f"{sender.from_name} <{sender.from_address}>" if sender else None,
        schedule=schedule,
        now=now(),
        organisation_zone=home.time_zone,
        zones=zones(members) if schedule.local and schedule.zone == "recipient" else {},
        matched=len(members),
        will_receive=will,
        budget=campaign.budget,
        cost=rules.cost_of(campaign.cost_fixed, campaign.cost_per_message, will),
        currency=home.currency,
        active=active().exclude(pk=campaign.pk).count(),
        active_limit=_whole("active_campaigns"),
        approval_above=_whole("approval_above"),
        approved=campaign.approved_version == campaign.version,
        channel=campaign.channel,
        version=campaign.version,
        placeholders=tuple(placeholders(campaign.content_version.variables)) if campaign.content_version else (),
        mapping=fills,
        trial=_trial(campaign, actor, fills, gate.allowed) if gate else None,
        fields=frozenset(content.known_paths()),
        postal_address=str(setting("postal_address")),
    )


def _trial(campaign: Campaign, actor: Actor | None, fills: Mapping[str, Fill], audience: BitMap) -> rules.Trial | None:
    """What making the campaign's email for example customers showed; None: there is nothing to try yet."""
    chosen, known = campaign.content_version, content.known_paths()
    if chosen is None or campaign.channel != "email" or not audience or content_problem(campaign):
        return None
    used = {name: fills.get(name, Fill()) for name in placeholders(chosen.variables)}
    if any(fill.path not in known if fill.path else not fill.fallback for fill in used.values()):
        return None  # the checklist names the variable
    return trial(actor, content.compiled(chosen.pk), used, audience)


def mapping_for(actor: Actor, campaign: Campaign) -> tuple[dict[str, dict[str, str]], set[str]]:
    """What fills the placeholders of a campaign's content, and which of them hold a field hidden from `actor`.

    A hidden field is left out: its path is "".
    """
    hidden = {f"customer.{key}" for key in customers.hidden_from(actor)}
    unseen = {name for name, fill in campaign.mapping.items() if fill["path"] in hidden}
    shown = {name: fill | ({"path": ""} if name in unseen else {}) for name, fill in campaign.mapping.items()}
    return shown, unseen


def cost(campaign: Campaign, messages: int) -> Decimal:
    """What the campaign costs once `messages` messages have been sent, in the organisation's currency."""
    return rules.cost_of(campaign.cost_fixed, campaign.cost_per_message, messages)
