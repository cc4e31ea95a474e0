"""Train again on a schedule."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time

from django.db import IntegrityError, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.kit.clock import now
from ceap.kit.problem import invalid
from ceap.learning import queries
from ceap.learning.contracts import MANAGE, Plan
from ceap.learning.models import Retraining, Schedule
from ceap.learning.queries.schedule import zone
from ceap.learning.rules import newest_due


def set_schedule(actor: Actor, plan: Plan) -> None:
    """Say when the model is trained again.

    Raises:
        Forbidden: `actor` may not train models. Invalid: a value is out of range.
    """
    actor.require(MANAGE)
    try:
        at = time.fromisoformat(plan.at)
    except ValueError:
        raise invalid("at", "Write the time as HH:MM, e.g. 03:00.") from None
    if len(plan.at) != 5 or at.tzinfo is not None:
        raise invalid("at", "Write the time as HH:MM, e.g. 03:00.")
    if not 0 <= plan.weekday <= 6:
        raise invalid("weekday", "The day of the week is from 0 (Monday) to 6.")
    if not 1 <= plan.day <= 28:
        raise invalid("day", "The day of the month is from 1 to 28: every month has it.")
    if plan.segments is not None and not 2 <= plan.segments <= 50:
        raise invalid("segments", "The number of segments is from 2 to 50.")
    with transaction.atomic():
        before = queries.plan()
        Schedule.objects.update_or_create(pk=1, defaults={**asdict(plan), "set_by": actor.name, "set_at": now()})
        audit(actor, "learning.schedule", "model", "schedule", before=asdict(before), after=asdict(plan))


def claim() -> Retraining | None:
    """Take the newest training that is due when nobody took it; safe to call at any time, from any process.

    A time that passed while nothing ran is made up for at the next start, on a later local date too: once, for the
    newest. A time that passed before the schedule was set is not due.
    """
    newest = newest_due(queries.plan(), now(), zone())
    if newest is None:
        return None
    day, due = newest
    row = Schedule.objects.get(pk=1)
    if (row.set_at and due < row.set_at) or Retraining.objects.filter(pk=day).exists():
        return None
    try:
        with transaction.atomic():
            return Retraining.objects.create(local_date=day, due_at=due, started_at=now())
    except IntegrityError:  # another process was first
        return None
