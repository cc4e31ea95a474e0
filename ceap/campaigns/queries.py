"""Reads about campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet
from pyroaring import BitMap

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import organisation, setting
from ceap.campaigns import rules
from ceap.campaigns.contracts import ACTIVE, SOURCE, Status
from ceap.campaigns.models import Campaign as Campaign  # noqa: PLC0414  for those who read them
from ceap.campaigns.models import MembershipVersion, Segment
from ceap.channels import queries as channels
from ceap.consent import queries as consent
from ceap.consent.contracts import Gate
from ceap.content import queries as content
from ceap.content.contracts import MARKETING, Fill, placeholders
from ceap.customers import queries as customers
from ceap.customers.contracts import Field, FieldUse
from ceap.kit import pagination
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, NotFound
from ceap.segments import queries as segments
from ceap.segments.contracts import Use

CHUNK = 10_000


def visible_to(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns `actor` may see: all, those they created, or none."""
    level = actor.level("campaigns_view")
    if level is Level.ALL:
        return Campaign.objects.all()
    if level is Level.OWNED and actor.user_id:
        return Campaign.objects.filter(created_by_id=actor.user_id)
    return Campaign.objects.none()


def names(actor: Actor) -> dict[str, str]:
    """The names of the campaigns `actor` may see, by id, newest first."""
    rows = visible_to(actor).order_by("-created_at").values_list("pk", "name")
    return {str(key): name for key, name in rows}


_AWAITING = Q(status=Status.DRAFT, approval_requested_at__isnull=False, approved_at=None)


def awaiting(actor: Actor) -> QuerySet[Campaign]:
    """The drafts `actor` may see whose approval was asked for and not given."""
    return visible_to(actor).filter(_AWAITING)


def get(actor: Actor, campaign_id: UUID) -> Campaign:
    """One campaign with what it refers to.

    Raises:
        NotFound: there is none that `actor` may see.
    """
    related = ("segment", "content_version__template", "created_by", "approved_by")
    row = visible_to(actor).select_related(*related).prefetch_related("exclusions").filter(pk=campaign_id).first()
    if row is None:
        raise NotFound("There is no such campaign.")
    return row


@dataclass(frozen=True)
class Audience:
    """The customers a campaign resolves to at a moment, and the membership versions that say so."""

    members: BitMap
    version: MembershipVersion
    exclusions: tuple[MembershipVersion, ...]


def resolve(segment: Segment, exclusions: list[Segment]) -> Audience:
    """The members of the segment's version, without those of the excluded segments' versions.

    Raises:
        Conflict: one of the segments is archived, failed, stale, or still being recalculated; the sentence says which.
    """
    version = segments.require_ready(segment)
    left_out = tuple(segments.require_ready(one) for one in exclusions)
    return Audience(_without(version, left_out), version, left_out)


def _without(version: MembershipVersion, left_out: Iterable[MembershipVersion]) -> BitMap:
    members = segments.members(version)
    for one in left_out:
        members -= segments.members(one)
    return members


def pinned(campaign: Campaign) -> BitMap:
    """The audience that a campaign pinned when it started."""
    if campaign.pinned is None:
        raise ValueError("the campaign has not started")
    return _without(campaign.pinned, campaign.pinned_exclusions.all())


def waterfall(members: BitMap, channel: str, at: datetime) -> Gate:
    """Who of `members` would be sent to at `at`, and why the others not: the same query that the sender asks."""
    return consent.gate(members, channel=channel, at=at)


def chunks(members: BitMap, size: int = CHUNK) -> Iterator[list[int]]:
    """The ids of `members` in order, `size` at a time."""
    for start in range(0, len(members), size):
        yield list(members[start : start + size])


def zones(members: BitMap) -> dict[str, int]:
    """How many of `members` live in each time zone; "" stands for the organisation's."""
    count: Counter[str] = Counter()
    for ids in chunks(members):
        count.update(customers.time_zones(ids).values())
    return dict(count)


def active() -> QuerySet[Campaign]:
    """Campaigns that count against the limit."""
    return Campaign.objects.filter(status__in=ACTIVE)


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


def facts(campaign: Campaign) -> rules.Facts:
    """What the checklist of `campaign` depends on, as things stand now."""
    home, schedule = organisation(), rules.Schedule.parse(campaign.schedule)
    at = max(now(), rules.due(schedule, "", home.time_zone, now()))
    members, gate, problem = BitMap(), None, segment_problem(campaign)
    if campaign.segment and not problem:
        members = resolve(campaign.segment, list(campaign.exclusions.all())).members
        gate = waterfall(members, campaign.channel, at)
    template = campaign.content_version.template if campaign.content_version else None
    sender = channels.sender(campaign.sender_id) if campaign.sender_id else channels.default_sender(campaign.channel)
    will = len(gate.allowed) if gate else 0
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
        mapping={name: Fill(**fill) for name, fill in campaign.mapping.items()},
        fields=frozenset(content.known_paths()),
        postal_address=str(setting("postal_address")),
    )


def mapping_for(actor: Actor, campaign: Campaign) -> tuple[dict[str, dict[str, str]], set[str]]:
    """What fills the placeholders of a campaign's content, and which of them hold a field hidden from `actor`.

    A hidden field is left out: its path is "".
    """
    hidden = {f"customer.{key}" for key in customers.hidden_from(actor)}
    unseen = {name for name, fill in campaign.mapping.items() if fill["path"] in hidden}
    shown = {name: fill | ({"path": ""} if name in unseen else {}) for name, fill in campaign.mapping.items()}
    return shown, unseen


def campaigns_with(actor: Actor, field: Field) -> Iterator[FieldUse]:
    """The campaigns not ended that map a variable to `field`; one that `actor` may not see is not named.

    A message is written without the field, or with its fallback, so none breaks.
    """
    seen = set(visible_to(actor).values_list("pk", flat=True))
    rows = Campaign.objects.filter(status__in=(Status.DRAFT, *ACTIVE)).exclude(mapping={}).order_by("name")
    for row in rows.only("pk", "name", "mapping"):
        if any(fill["path"] == f"customer.{field.key}" for fill in row.mapping.values()):
            known = row.pk in seen
            name = row.name or "Untitled" if known else "A campaign of another user"
            yield FieldUse("campaign", name, f"/campaigns/{row.pk}" if known else "", False)


def cost(campaign: Campaign, messages: int) -> Decimal:
    """What the campaign costs once `messages` messages have been sent, in the organisation's currency."""
    return rules.cost_of(campaign.cost_fixed, campaign.cost_per_message, messages)


def due_times(campaign: Campaign, ids: list[int]) -> dict[int, datetime]:
    """When each of these customers is due (UTC)."""
    schedule, home = rules.Schedule.parse(campaign.schedule), organisation().time_zone
    if campaign.launched_at is None:
        raise ValueError("the campaign has not been launched")
    living = customers.time_zones(ids) if schedule.zone == "recipient" else {}
    return {one: rules.due(schedule, living.get(one, ""), home, campaign.launched_at) for one in ids}


def audience(actor: Actor, segment_id: UUID, exclusions: list[UUID], channel: str) -> dict[str, object]:
    """The waterfall of a segment's members less exclusions, with a few names `actor` may see.

    Raises:
        NotFound: a segment does not exist, or `actor` may not see it.
        Conflict: a segment is not ready.
    """
    resolved = resolve(segments.get(actor, segment_id), [segments.get(actor, one) for one in exclusions])
    gate = waterfall(resolved.members, channel, now())
    seen = customers.visible_to(actor).filter(pk__in=list(gate.allowed[:CHUNK])).order_by("pk")[:5]
    return {
        "steps": gate.steps,
        "refused": {reason: len(ids) for reason, ids in gate.refused.items()},
        "will_receive": len(gate.allowed),
        "segment_version": resolved.version.number,
        "data_as_of": resolved.version.data_as_of,
        "sample": [{"id": one.pk, "name": str(one)} for one in seen],
    }


def deliveries(
    actor: Actor, campaign_id: UUID, state: str, reason: str, cursor: str, limit: int
) -> tuple[list[dict[str, object]], str | None]:
    """One page of a campaign's deliveries to customers that `actor` may see, newest first, and the next cursor.

    Raises:
        NotFound: there is no such campaign that `actor` may see.
    """
    campaign = get(actor, campaign_id)
    rows, following = channels.deliveries(
        actor, SOURCE, campaign.pk, state=state, reason=reason, cursor=cursor, limit=limit
    )
    seen = customers.visible_to(actor).filter(pk__in=[row.customer_id for row in rows])
    names = {one.pk: str(one) for one in seen}
    wanted = ("id", "customer_id", "address", "state", "detail", "due_at", "sent_at", "opened_at", "clicked_at")
    return [
        {**{name: getattr(row, name) for name in wanted}, "name": names.get(row.customer_id, ""),
         "said": channels.said(row)}
        for row in rows
    ], following  # fmt: skip


def movement(actor: Actor, campaign_id: UUID) -> dict[str, object]:
    """Why is (nothing of) a campaign moving: as `ceap.channels.queries.movement`.

    Raises:
        NotFound: there is no such campaign that `actor` may see.
    """
    return channels.movement(SOURCE, get(actor, campaign_id).pk)


def senders(actor: Actor) -> list[dict[str, object]]:
    """Who a campaign's emails can be from, the default first: [{"id", "name", "address"}].

    Raises:
        Forbidden: without the permission to see campaigns.
    """
    actor.require("campaigns_view")
    return [{"id": one.pk, "name": one.from_name, "address": one.from_address} for one in channels.senders("email")]


def page(
    actor: Actor, search: str, status: str, only_awaiting: bool, cursor: str, limit: int
) -> tuple[list[Campaign], str | None, int]:
    """One keyset page of campaigns, newest first: the rows, the next cursor, the total.

    Raises:
        Forbidden: without the permission to see campaigns.
    """
    actor.require("campaigns_view")
    rows = visible_to(actor)
    if search:
        rows = rows.filter(name__icontains=search)
    if status:
        rows = rows.filter(status__in=status.split(","))
    if only_awaiting:
        rows = rows.filter(_AWAITING)
    found = rows.select_related("segment", "created_by")
    return *pagination.page(found, "-pk", cursor=cursor, limit=limit), rows.count()


def uses_of_segment(actor: Actor, segment_id: UUID) -> list[Use]:
    """The campaigns that are meant for a segment, or leave it out."""
    wanted = Q(segment_id=segment_id) | Q(exclusions=segment_id) | Q(pinned__segment_id=segment_id)
    rows = Campaign.objects.filter(wanted | Q(pinned_exclusions__segment_id=segment_id)).distinct()
    seen = set(visible_to(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    ended = (Status.COMPLETED, Status.CANCELLED)
    return [
        Use("campaign", row.pk, row.name or "Untitled", row.status, row.status in ended)
        if row.pk in seen
        else Use("campaign", None, segments.HIDDEN, row.status, row.status in ended)
        for row in rows
    ]
