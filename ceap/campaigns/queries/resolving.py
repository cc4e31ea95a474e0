"""The customers that a campaign resolves to, why others will not receive it, and when each is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation
from ceap.campaigns import rules
from ceap.campaigns.models import Campaign, MembershipVersion, Segment
from ceap.consent import queries as consent
from ceap.consent.contracts import Gate
from ceap.customers import queries as customers
from ceap.kit.clock import now
from ceap.segments import queries as segments

CHUNK = 10_000


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
