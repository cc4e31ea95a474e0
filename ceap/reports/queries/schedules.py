"""Reads about schedules; `schedules_visible_to` is the only door to rows."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from ceap.accounts.contracts import Actor, Level
from ceap.kit.problem import NotFound
from ceap.reports.models import Schedule
from ceap.reports.queries.reports import KEY


def schedules_visible_to(actor: Actor) -> QuerySet[Schedule]:
    """The schedules that `actor` may see: all, one's own, or none."""
    level = actor.level(KEY)
    if level is Level.ALL:
        return Schedule.objects.all()
    if level is Level.OWNED and actor.user_id:
        return Schedule.objects.filter(created_by_id=actor.user_id)
    return Schedule.objects.none()


def schedules(actor: Actor) -> list[Schedule]:
    """Every schedule, the newest first.

    Raises:
        Forbidden: without the permission to see reports.
    """
    actor.require(KEY)
    return list(schedules_visible_to(actor).select_related("created_by", "last_report").order_by("-created_at", "-pk"))


def get_schedule(actor: Actor, schedule_id: UUID | str) -> Schedule:
    """One schedule.

    Raises:
        NotFound: there is none, or `actor` may not see it.
    """
    row = schedules_visible_to(actor).select_related("created_by", "last_report").filter(pk=schedule_id).first()
    if row is None:
        raise NotFound("There is no such schedule.")
    return row
