"""What the first page says: only what the viewer may see."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation
from ceap.campaigns import queries as campaigns
from ceap.campaigns.contracts import ACTIVE, SOURCE, Status
from ceap.channels import queries as channels
from ceap.events import queries as events
from ceap.kit.clock import now
from ceap.segments import queries as segments
from ceap.segments.contracts import SegmentStatus

LATE = 60.0  # seconds that the figures may be behind before it is said
MOST = 20  # of each kind


def of(actor: Actor) -> dict[str, Any]:
    """{"awaiting": […], "trouble": […], "today": […], "sent_today": n}, as in `schemas.HomeOut`."""
    today = _today(actor)
    return {
        "awaiting": _awaiting(actor),
        "trouble": [*_held(actor), *_segments(actor), *_system(actor)],
        "today": today,
        "sent_today": sum(one["states"]["sent"] for one in today),
    }


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
        else:
            continue
        found.append({"kind": "segment", "id": str(one.pk), "name": one.name, "message": message})
    return found[:MOST]


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
