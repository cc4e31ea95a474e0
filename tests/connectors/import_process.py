"""What the processes of the import's crash test do; each function runs in a fork of its own."""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from ceap.accounts.contracts import SYSTEM
from ceap.connectors import actions
from ceap.connectors.models import Finding, Import
from ceap.customers.models import Customer, Identity
from ceap.events.queries import warehouse
from ceap.jobs.actions import discover, run
from ceap.jobs.models import Job
from ceap.web.store import prepare

discover()  # once for all forks


def say(what: Any) -> None:
    print(what if isinstance(what, str) else json.dumps(what), flush=True)  # noqa: T201


def begin(file: str, target: str, mapping: dict[str, str], options: dict[str, Any]) -> None:
    """Upload a file and start bringing it in; says the job."""
    prepare()
    row = actions.upload(SYSTEM, target, "k.csv", [Path(file).read_bytes()])
    say([str(actions.start(SYSTEM, row.pk, mapping, options).job_id)])


def go_on(job: str, plant: str = "") -> None:
    """Be the next runner of the job, the one before being dead; says each part that it has brought in."""
    Job.objects.filter(pk=job, state="running").update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    importing: Any = importlib.import_module("ceap.connectors.actions.run")
    real = importing._bring_in

    def bring_in(actor: Any, target: Any, row: Import, part: Any, given: Any, options: Any, seen: Any) -> None:
        if plant == "effect first" and row.position:  # the position is kept in another transaction, and comes too late
            with transaction.atomic():
                importing.take(actor, target, given, options, source="k.csv", seen=seen)
            os.kill(os.getpid(), signal.SIGKILL)
        real(actor, target, row, part, given, options, seen)
        say("part")
        if plant == "full disk":
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    importing._bring_in = bring_in
    say("go")
    run(job)


def facts(job: str) -> None:
    row = Import.objects.get(job_id=job)
    house = warehouse()
    house.sync()
    say({
        "state": row.state, "position": row.position, "created": row.created, "updated": row.updated,
        "unchanged": row.unchanged, "rejected": row.rejected, "findings": Finding.objects.count(),
        "distinct": Finding.objects.values("row").distinct().count(), "customers": Customer.objects.count(),
        "identities": Identity.objects.count(), "warehouse": house.count("customers"),
        "purchases": house.count("purchases"),
    })  # fmt: skip
