"""End the leases of processes that have ended, as soon as that is known: at once on this machine, by their heartbeat
on another.

Nobody's row is taken by this: a lease ends before its time, and whoever takes over ended leases does what it always
does. Every write of a holder names its token, so one that was wrongly taken for dead changes nothing twice.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.db import connection
from django.db.models import F
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from ceap.core.sql import moment, text_list, text_rows
from ceap.jobs.actions import run_job
from ceap.jobs.contracts import State
from ceap.jobs.models import Heartbeat, Job
from ceap.jobs.rules import Pulse
from ceap.kit import leases
from ceap.kit.clock import now
from ceap.kit.home import Home

log = logging.getLogger("ceap.jobs")
AGAIN = 10.0  # seconds after a death was noticed in which a last transaction of the dead may still be committed
FORGET = 600.0  # longer than any lease lasts


class Watch:
    """What this process knows of other holders of leases."""

    def __init__(self) -> None:
        self.noticed: dict[str, float] = {}  # id -> when this process learnt of its end
        self.pulse = Pulse()

    def look(self) -> int:
        """One look: notice which holders have ended, and end their leases. Returns how many leases were ended."""
        home, at = Home.load(), time.monotonic()
        here = leases.holders(home)
        gone = {id for id, lives in here.items() if not lives}
        if connection.vendor == "postgresql":  # a SQLite store is one machine's
            gone |= self.pulse.feel(dict(Heartbeat.objects.values_list("pk", "beats")), at) - here.keys()
        for id in gone:
            self.noticed.setdefault(id, at)
        fresh = [id for id in gone if at - self.noticed[id] < AGAIN]
        ended = end_leases(fresh) if fresh else 0
        for id in [id for id in self.noticed if at - self.noticed[id] > FORGET]:
            leases.forget(home, id)
            Heartbeat.objects.filter(pk=id).delete()
            del self.noticed[id]
        return ended


def beat() -> None:
    """Say that this process lives, to those that cannot see its lock."""
    if connection.vendor != "postgresql":
        return
    mine = Heartbeat.objects.filter(pk=leases.holder())
    if not mine.update(beats=F("beats") + 1, at=now()):
        Heartbeat.objects.create(pk=leases.holder(), machine=leases.machine()[:64], beats=0, at=now())


def end_leases(holders: list[str]) -> int:
    """End the leases of these holders in every table that has leases, and have them taken over; returns how many."""
    vendor, at = connection.vendor, now()
    total = 0
    for one in leases.TABLES.values():
        token, until = one.columns
        theirs = (
            f"{one.where} AND {until} > %s AND substr({token}, 1, {leases.ID}) IN {text_rows(vendor)}",
            [moment(vendor, at), text_list(vendor, holders)],
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {one.table} WHERE {theirs[0]} LIMIT 1", theirs[1])  # takes no write lock
            if not cursor.fetchone():
                continue
            passed = moment(vendor, at - timedelta(seconds=1))
            cursor.execute(f"UPDATE {one.table} SET {until} = %s WHERE {theirs[0]}", [passed, *theirs[1]])
            count = cursor.rowcount
        log.warning("%d leases in %s ended with their holder", count, one.table)
        total += count
        _take_over(one)
    return total + _lost_tasks(holders)


def _lost_tasks(holders: list[str]) -> int:
    """Start anew what these took off the queue of tasks without having taken the job; returns how many."""
    lost = 0
    for task in DBTaskResult.objects.running().filter(task_path=run_job.module_path):
        if not any(str(id)[: leases.ID] in holders for id in task.worker_ids[-1:]):
            continue
        DBTaskResult.objects.filter(pk=task.pk, status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.FAILED, finished_at=now()
        )
        job_id = task.args_kwargs["args"][0]
        if Job.objects.filter(pk=job_id, state=State.QUEUED).exists():
            run_job.enqueue(job_id)
            lost += 1
    return lost


def _take_over(one: leases.Leased) -> None:
    then: Any = one.then
    if isinstance(then, str):
        module, _, name = then.rpartition(".")
        then = getattr(import_module(module), name)
    if then:
        then()


_watch = Watch()


def look() -> int:
    """The loop of app and worker; see `Watch.look`."""
    return _watch.look()
