"""What the processes of the warehouse's crash test do; each function runs in a fork of its own."""

from __future__ import annotations

import os
import signal
from typing import Any

from django.db import connection, transaction

from ceap.core import changelog
from ceap.events import queries, warehouse
from ceap.events.loading import Loader
from ceap.web.store import prepare


def fill(entries: int) -> None:
    """Make a home whose warehouse is empty and whose log is full."""
    prepare()
    queries.warehouse().sync()
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, entries, 2000):
            some = [changelog.event("visit", n % 50 + 1, dedupe=f"d{n}") for n in range(start, start + 2000)]
            changelog.append(cursor, some, connection.vendor)


def load(plant: str = "") -> None:
    """Load the log in many small transactions, so that kills fall into and between them; says each."""
    warehouse.BATCH = 40
    apply: Any = two_steps if plant == "position after" else warehouse.Warehouse._apply

    def said(self: Any, entries: Any, moment: Any) -> None:
        apply(self, entries, moment)
        print("loaded", flush=True)  # noqa: T201

    warehouse.Warehouse._apply = said  # type: ignore[method-assign]
    queries.warehouse().sync()


def two_steps(self: Any, entries: Any, moment: Any) -> None:
    """The planted defect: rows in one transaction, the position in the next."""
    with self._engine.writing() as writer:
        loader = Loader(writer, fresh=False)
        loader.apply(entries)
        loader.finish()
    if entries[-1].seq > 400:
        os.kill(os.getpid(), signal.SIGKILL)
    with self._engine.writing() as writer:
        self._place = self._write_place(writer, entries[-1], moment)


def count() -> None:
    """Says how many events there are, and how many keys they have."""
    house = queries.warehouse()
    house.sync()
    events = house.table("events")
    print([*house.run(events.aggregate(n=events.count(), k=events.key.nunique())).to_pylist()[0].values()])  # noqa: T201
