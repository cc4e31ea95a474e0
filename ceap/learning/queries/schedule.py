"""When the model is trained again."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation
from ceap.kit.clock import now
from ceap.kit.wall import is_missed
from ceap.learning.contracts import VIEW, Deploy, Every, Plan
from ceap.learning.models import Retraining, Schedule
from ceap.learning.rules import next_due


def plan() -> Plan:
    """The schedule in force; off until somebody sets one."""
    row = Schedule.objects.first()
    if row is None:
        return Plan()
    return Plan(Every(row.every), row.weekday, row.day, row.at, Deploy(row.deploy), row.segments, row.seed)


def zone() -> ZoneInfo:
    """The organisation's time zone."""
    return ZoneInfo(organisation().time_zone)


def schedule_of(actor: Actor) -> dict[str, Any]:
    """The schedule, its zone, who set it, when it is due next, and the missed time that the last one made up for.

    Raises:
        Forbidden: `actor` may not see segments.
    """
    actor.require(VIEW)
    found, row, last = plan(), Schedule.objects.first(), Retraining.objects.order_by("-local_date").first()
    return {
        **vars(found), "time_zone": str(zone()), "next": next_due(found, now(), zone()),
        "set_by": row.set_by if row else "", "set_at": row.set_at if row else None,
        "missed_at": last.due_at if last and is_missed(last.due_at, last.started_at) else None,
    }  # fmt: skip
