"""What is past its age goes, once a day: what and how long are settings of the organisation."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM, Actor, Level
from ceap.accounts.queries import organisation, setting
from ceap.core import retention
from ceap.core.copies import Beat, NotYet
from ceap.core.retention import Order
from ceap.customers.actions.holds import EVERYBODY
from ceap.customers.actions.unused import overwriting
from ceap.customers.models import Customer, RetentionRun
from ceap.customers.queries.erasures import discover
from ceap.customers.queries.retention import aged, everybody_is_held, held, held_person
from ceap.jobs import queries as jobs
from ceap.jobs.actions import enqueue
from ceap.kit.clock import now
from ceap.kit.wall import newest_due

log = logging.getLogger("ceap.customers")
KIND = "customers.retention"
AT = time(3)  # in the organisation's zone


def run_if_due() -> RetentionRun | None:
    """Queue the newest daily run that is due when nobody did; a time that passed while nothing ran is made up for, if
    there was a customer by then."""
    newest = newest_due(now(), AT, ZoneInfo(organisation().time_zone))
    if newest is None or RetentionRun.objects.filter(local_date=newest[0]).exists():
        return None
    if not Customer.objects.filter(created_at__lt=newest[1]).exists():
        return None
    try:
        with transaction.atomic():
            run = RetentionRun.objects.create(local_date=newest[0], due_at=newest[1], created_at=now(), by=SYSTEM.name)
            enqueue(KIND, run_id=str(run.pk))
    except IntegrityError:  # another process was first
        return None
    return run


def start_retention(actor: Actor) -> Any:
    """Queue a run now; the job, or None when one is under way.

    Raises:
        Forbidden: without "settings_manage".
    """
    actor.require("settings_manage", Level.ALL)
    if jobs.on_the_way(KIND):
        return None
    with transaction.atomic():
        run = RetentionRun.objects.create(created_at=now(), by=actor.name[:120])
        return enqueue(KIND, actor, run_id=str(run.pk))


def would_go(actor: Actor) -> dict[str, int]:
    """How many of each kind a run would take now, by setting; 0 where it is kept for ever or a hold is over all.

    Raises:
        Forbidden: without "settings_manage".
    """
    actor.require("settings_manage", Level.ALL)
    discover()
    orders = {} if everybody_is_held() else _orders(now())
    return {key: kept.count(orders[key]) if key in orders else 0 for key, kept in retention.KEPT.items()}


def retain(run_id: UUID | str, beat: Beat = lambda doing: None) -> dict[str, Any]:
    """Carry out a run, or what an interruption left of it; what became of it: removed and spared (by setting), problem.

    A kind that has to wait or fails is left for the next run, with the reason; the others go on.
    """
    discover()
    run = RetentionRun.objects.get(pk=run_id)
    if run.finished_at is None:
        orders = {} if everybody_is_held() else _orders(run.created_at, beat)
        problems = [EVERYBODY] if everybody_is_held() else []
        with overwriting():
            for key, order in orders.items():
                if key not in run.done:
                    problems += _removed(run, key, order)
        run.problem, run.finished_at = " ".join(problems)[:500], now()
        run.held = len(held())
        with transaction.atomic():
            run.save(update_fields=["problem", "finished_at", "held"])
            audit(
                SYSTEM, "customers.retention", "retention_run", run.pk, run.by,
                after={"removed": run.removed, "spared": run.spared, "held": run.held, "problem": run.problem},
            )  # fmt: skip
    return {"removed": run.removed, "spared": run.spared, "held": run.held, "problem": run.problem}


def _removed(run: RetentionRun, key: str, order: Order) -> list[str]:
    """Take away one kind, noting how many after each part; what went wrong, in sentences."""
    kept, problems = retention.KEPT[key], []
    order.beat(kept.name)
    try:
        for count in kept.remove(order):
            run.removed[key] = run.removed.get(key, 0) + count
            run.save(update_fields=["removed"])
            order.beat(kept.name)
    except NotYet as reason:
        problems.append(f"{kept.name}: {reason}")
    except (OSError, ValueError) as error:
        log.exception("retention: %s failed", key)
        problems.append(f"{kept.name}: {type(error).__name__}.")
    if order.spared:
        run.spared[key] = len(order.spared)
    run.done[key] = now().isoformat()
    run.save(update_fields=["done", "spared"])
    return problems


def _orders(at: datetime, beat: Beat = lambda doing: None) -> dict[str, Order]:
    """What goes, by setting, for each kind that is not kept for ever."""
    person = held_person()
    days = {key: int(str(setting(key))) for key in retention.KEPT}
    return {key: aged(at - timedelta(days=n), person, beat) for key, n in days.items() if n}
