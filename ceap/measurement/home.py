"""What the first page says: only what the viewer may see."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation, setting
from ceap.campaigns import queries as campaigns
from ceap.campaigns.contracts import ACTIVE, SOURCE, Status
from ceap.channels import queries as channels
from ceap.customers import queries as customers
from ceap.events import queries as events
from ceap.kit.clock import now
from ceap.measurement.queries import progress
from ceap.segments import queries as segments
from ceap.segments.contracts import SegmentStatus

LATE = 60.0  # seconds that the figures may be behind before it is said
MOST = 20  # of each kind
RECENT = 3  # campaigns


def of(actor: Actor) -> dict[str, Any]:
    """What the first page says, as in `schemas.HomeOut`."""
    today = _today(actor)
    return {
        "setup": _setup(actor),
        "customers": _customers(actor),
        "segments": segments.listed(actor, segments.Filters(), limit=1).total if actor.may(segments.KEY) else None,
        "recent": _recent(actor),
        "awaiting": _awaiting(actor),
        "trouble": [*_held(actor), *_segments(actor), *_system(actor)],
        "today": today,
        "sent_today": sum(one["states"]["sent"] for one in today),
    }


def _setup(actor: Actor) -> list[str]:
    """The settings of the organisation that a launch waits for, for those who may give them."""
    return ["postal_address"] if actor.may("settings_manage") and not setting("postal_address") else []


def _customers(actor: Actor) -> dict[str, Any] | None:
    """How many customers the actor sees, and how many of them have an email address (null = may not be seen)."""
    if not actor.may("customers_view"):
        return None
    if customers.hides_address(actor, "email"):
        found = customers.counts(actor)
        return {"visible": found.visible, "reachable": None, "owned_only": found.owned_only}
    found = customers.counts(actor, customers.Filters(reachable="email"))
    return {"visible": found.visible, "reachable": found.matched, "owned_only": found.owned_only}


def _recent(actor: Actor) -> list[dict[str, Any]]:
    """The campaigns launched last, with what was sent and what came of it."""
    rows = campaigns.visible_to(actor).exclude(launched_at=None).order_by("-launched_at")[:RECENT]
    wanted = ("planned", "opened", "clicked", "orders", "revenue", "currency")
    found = []
    for one in rows:
        went = progress(one)
        said = {"id": str(one.pk), "name": one.name, "status": one.status, "launched_at": one.launched_at}
        found.append(said | {"sent": went["states"]["sent"]} | {name: went[name] for name in wanted})
    return found


def _awaiting(actor: Actor) -> list[dict[str, Any]]:
    """Drafts whose approval was asked for, for those who may give it and those who asked."""
    rows = campaigns.awaiting(actor).select_related("created_by").order_by("approval_requested_at")
    if not actor.may("campaigns_approve"):
        rows = rows.filter(created_by_id=actor.user_id)
    return [
        {"id": str(one.pk), "name": one.name, "created_by": one.created_by.name if one.created_by else "",
         "requested_at": one.approval_requested_at}
        for one in rows[:MOST]
    ]  # fmt: skip


def _held(actor: Actor) -> list[dict[str, Any]]:
    rows = campaigns.visible_to(actor).exclude(status_reason="").filter(status__in=ACTIVE)
    return [
        {"kind": "campaign", "id": str(one.pk), "name": one.name, "message": one.status_reason}
        for one in rows.order_by("-pk")[:MOST]
    ]


def _segments(actor: Actor) -> list[dict[str, Any]]:
    if not actor.may(segments.KEY):
        return []
    found = []
    for one in segments.listed(actor, segments.Filters(), limit=500).items:
        status = segments.status(one.latest_state, one.latest_as_of)
        if status is SegmentStatus.FAILED:
            message = f"Its recalculation failed: {one.latest_error}"
        elif status is SegmentStatus.STALE:
            message = "Its membership is older than a day."
        elif status is SegmentStatus.HELD and _may_let(actor, one.created_by_id):
            message = "Its rule waits until somebody who sees all customers recalculates it."
        else:
            continue
        found.append({"kind": "segment", "id": str(one.pk), "name": one.name, "message": message})
    return found[:MOST]


def _may_let(actor: Actor, owner: int | None) -> bool:
    return actor.customers_seen == "all" and actor.owns("customers_segment_manage", owner)


def _system(actor: Actor) -> list[dict[str, Any]]:
    if not actor.may("health_view"):
        return []
    return [
        {"kind": "system", "id": lag.consumer, "name": lag.consumer,
         "message": f"It is {round(lag.seconds):,} seconds behind ({lag.entries:,} entries)."}
        for lag in events.lags() if lag.seconds > LATE
    ]  # fmt: skip


def _today(actor: Actor) -> list[dict[str, Any]]:
    """Campaigns that are active, or ended since midnight in the organisation's zone, with their states."""
    zone = ZoneInfo(organisation().time_zone)
    midnight = datetime.combine(now().astimezone(zone).date(), time(), zone)
    ended = Q(status__in=(Status.COMPLETED, Status.CANCELLED), completed_at__gte=midnight)
    rows = campaigns.visible_to(actor).filter(Q(status__in=ACTIVE) | ended).order_by("-pk")[:MOST]
    return [
        {"id": str(one.pk), "name": one.name, "status": one.status, "starts_at": one.starts_at,
         "states": (states := channels.tally(SOURCE, one.pk)), "planned": sum(states.values())}
        for one in rows
    ]  # fmt: skip
