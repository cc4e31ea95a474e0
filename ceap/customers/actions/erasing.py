"""Erasing every copy of erased persons: each step is noted when it is done, so that any interruption resumes."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from ceap.accounts.contracts import SYSTEM, Actor
from ceap.core import copies, scrubbing
from ceap.core.copies import Beat, NotYet, Person
from ceap.core.traces import Traces
from ceap.customers.actions.erase import JOURNAL, remember
from ceap.customers.actions.holds import EVERYBODY
from ceap.customers.models import Erasure, Identity
from ceap.customers.queries.erasures import discover
from ceap.customers.queries.retention import everybody_is_held
from ceap.jobs import queries as jobs
from ceap.jobs.actions import enqueue
from ceap.kit import journal
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.seal import unseal

log = logging.getLogger("ceap.customers")
KIND = "customers.erase_copies"
GATHERED = timedelta(hours=12)  # requests of half a day are carried out together: what comes last reads everything
AGAIN = timedelta(hours=1)  # after a step that had to wait, or failed


def start_erasing(actor: Actor = SYSTEM, *, at_once: bool = False) -> Any:
    """Queue the job that erases last copies, once a request has waited `GATHERED` (or `at_once`); the job or None."""
    waiting = Erasure.objects.filter(finished_at=None)
    due = waiting if at_once else waiting.filter(requested_at__lte=now() - GATHERED)
    if not due.exists() or jobs.on_the_way(KIND):
        return None
    tried = [job for job in jobs.latest([KIND]) if job.created_at > now() - AGAIN]
    return None if tried and not at_once else enqueue(KIND, actor)


def erase_copies(beat: Beat = lambda doing: None) -> dict[str, int]:
    """Erase the copies of every person whose erasure is open; how many are finished and how many wait.

    A step that has to wait, or fails, is left open with the reason; the others go on.
    """
    discover()
    rows = list(Erasure.objects.filter(finished_at=None).order_by("requested_at"))
    if rows and everybody_is_held():
        _note(rows, EVERYBODY)
        return {"erased": 0, "waiting": len(rows)}
    whole = [row for row in rows if _steps_of(row, beat)]
    for last in copies.lasts():
        if any(last.name not in row.steps for row in whole):
            beat(last.name)
            try:
                last.run(beat)
            except NotYet as reason:
                _note(whole, str(reason))
                return {"erased": 0, "waiting": len(rows)}
            for row in whole:
                _done(row, last.name)
    Erasure.objects.filter(pk__in=[row.pk for row in whole]).update(known=None, problem="", finished_at=now())
    return {"erased": len(whole), "waiting": len(rows) - len(whole)}


def _steps_of(row: Erasure, beat: Beat) -> bool:
    """Do what is left of one person's steps; whether none is left."""
    person, whole = _person(row, beat), True
    for step in copies.steps():
        if step.name in row.steps:
            continue
        beat(step.name)
        try:
            step.run(person)
        except NotYet as reason:
            whole = False
            _note([row], str(reason))
        except (OSError, ValueError) as error:
            whole = False
            log.exception("erasure %s: %s failed", row.pk, step.name)
            _note([row], f"{step.name}: {type(error).__name__}")
        else:
            _done(row, step.name)
    return whole


def _done(row: Erasure, name: str) -> None:
    row.steps = row.steps | {name: now().isoformat()}
    row.save(update_fields=["steps"])


def _note(rows: list[Erasure], problem: str) -> None:
    Erasure.objects.filter(pk__in=[row.pk for row in rows]).update(problem=problem[:250])


def _person(row: Erasure, beat: Beat) -> Person:
    """Who is erased. What belongs to a customer again by now (the person came back) is not looked for."""
    assert row.known is not None
    said = unseal(settings.HOME.secret, row.known)
    traces, fields = Traces.read(said["traces"]), said["fields"]
    values = [value for kind in ("emails", "phones", "ids") for value in said["traces"][kind]]
    back = set(Identity.objects.filter(value__in=values).values_list("value", flat=True))
    left = {kind: [v for v in found if v not in back] for kind, found in traces.json().items()}
    return Person(str(row.pk), tuple(row.customers), Traces.read(left), fields, row.requested_at, beat, said["created"])


@copies.step("the journal of erasures", order=-1)
def _journal(person: Person) -> None:
    """Where the process died between the commit and the journal, it is written now."""
    if not any(said["customer"] == person.customers[0] for said in journal.read(Home.load().path / JOURNAL)):
        remember(person.customers[0], person.created, person.at)


@copies.step("rows of the store")
def _rows(person: Person) -> None:
    """Wipe and scrub what the table of copies lists, one transaction for each table."""
    for table in copies.TABLES.values():
        with transaction.atomic(), connection.cursor() as cursor:
            scrubbing.wipe(cursor, connection.vendor, table, person.customers)
            scrubbing.scrub(cursor, connection.vendor, table, person)
        person.beat(table.name)
