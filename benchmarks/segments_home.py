"""A home with a warehouse of many customers and 100 segments, for the benchmarks of memberships.

The warehouse is filled in its own file; the store holds only those customers that a benchmark will change.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from benchmarks.f01_preview import CITIES, columns
from benchmarks.frame import Scale

NOW = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)
SEGMENTS, ON_PURCHASES = 100, 10
SOURCES = ("WhatsApp", "Web", "Store", "Import", "Referral")
Condition = dict[str, Any]


def size(scale: Scale) -> int:
    """Customers of a scale."""
    return 200_000 if scale == "small" else 5_000_000


def rules() -> list[dict[str, Any]]:
    """100 rules of one or two groups of one to three conditions; ten of them also count purchases."""
    draw = random.Random(2)

    def field(name: str, operator: str, value: Any = None) -> Condition:
        return {"kind": "field", "field": name, "operator": operator, "value": value}

    def days(name: str) -> Condition:
        return field(name, "in_last", {"count": draw.choice((7, 30, 90, 365)), "unit": "days"})

    makers: list[Callable[[], Condition]] = [
        lambda: field("source", "is", draw.choice(SOURCES)),
        lambda: field("city", draw.choice(("is", "is", "is_not")), draw.choice(CITIES)),
        lambda: field("lifetime_earned", "greater", draw.randrange(100, 9_900)),
        lambda: field("balance_available", "less", draw.randrange(100, 9_900)),
        lambda: field("c_score", "between", sorted((draw.randrange(100), draw.randrange(100)))),
        lambda: field("email", "contains", f"{draw.randrange(10)}@"),
        lambda: field("marketing_opt_in", "is_true"),
        lambda: days("created_at"),
        lambda: days("last_activity_at"),
        lambda: field("date_of_birth", "before", f"{draw.randrange(1955, 2000)}-06-01"),
    ]

    def bought() -> Condition:
        window = {"count": draw.choice((30, 90, 365)), "unit": "days"}
        said = {"kind": "behaviour", "behaviour": "purchased", "window": window}
        if draw.random() < 0.5:
            return said | {"times": draw.randrange(1, 4)}
        return said | {"measure": "amount", "value": draw.randrange(50, 500)}

    def group(of: list[Callable[[], Condition]]) -> dict[str, Any]:
        conditions = [make() for make in draw.sample(of, draw.randrange(1, 4))]
        return {"join": draw.choice(("and", "and", "or")), "conditions": conditions}

    found = []
    for n in range(SEGMENTS):
        groups = [group(makers) for _ in range(draw.randrange(1, 3))]
        if n < ON_PURCHASES:
            groups[0]["conditions"] = [bought(), *groups[0]["conditions"][:2]]
        found.append({"join": draw.choice(("and", "or")), "groups": groups})
    return found


def fill(customers: int) -> None:
    """Make the home of `$CEAP_HOME`: a store with 100 segments, and a warehouse of customers and as many purchases."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ceap.web.settings")
    import django
    import duckdb

    django.setup()
    from django.core.management import call_command

    from ceap.accounts.models import Organisation
    from ceap.customers.models import CustomField
    from ceap.events import queries as events
    from ceap.kit.home import Home
    from ceap.segments.models import Segment

    home = Home.load().create()
    call_command("migrate", verbosity=0)
    Organisation.objects.create(time_zone="Asia/Colombo")
    custom = {name.removeprefix("c_"): sql for name, sql in columns().items() if name.startswith("c_")}
    CustomField.objects.bulk_create(
        CustomField(key=key, label=key, type="number" if key in ("score", "visits") else "text", created_at=NOW)
        for key in custom
    )
    events.warehouse().sync()
    events.close_warehouse()
    known = columns() | {"owner": "NULL", "assignee": "NULL", "chatroom": "i % 3 = 0", "usernames": "NULL",
                         "reward_name": "NULL"}  # fmt: skip
    listed = ", ".join(f"{sql} AS {name}" for name, sql in known.items())
    with duckdb.connect(home.warehouse_url.removeprefix("duckdb://")) as connection:
        connection.execute(f"INSERT INTO customers BY NAME SELECT i + 1 AS id, {listed} FROM range({customers}) r(i)")
        connection.execute(
            "INSERT INTO purchases BY NAME SELECT 'p' || i AS key, 'o' || (i // 2) AS order_id, "
            f"1 + (hash(i // 2 * 7) % {customers})::BIGINT AS customer, 'i' || (i % 500) AS item, 1 AS quantity, "
            "(hash(i) % 20000) / 100.0 AS unit_price, (hash(i) % 20000) / 100.0 AS amount, "
            "TIMESTAMP '2024-03-01' + to_seconds((hash(i // 2) % 65000000)::BIGINT) AS at "
            f"FROM range({customers}) r(i)"
        )
    Segment.objects.bulk_create(
        Segment(name=f"Segment {n}", rule=rule, created_at=NOW, updated_at=NOW) for n, rule in enumerate(rules())
    )


def queue_all() -> None:
    """Queue a version of every segment, as the daily run does."""
    from django.db import transaction

    from ceap.segments.actions import queue
    from ceap.segments.contracts import Cause
    from ceap.segments.models import Segment

    with transaction.atomic():
        for segment in Segment.objects.select_for_update().order_by("pk"):
            queue(segment, cause=Cause.DAILY, supersede=False)


def build() -> None:
    """Queue and build every segment.

    Raises:
        RuntimeError: one was not built.
    """
    from ceap.segments.actions import build_pending

    queue_all()
    if (ended := build_pending())["ready"] != SEGMENTS:
        raise RuntimeError(f"not every segment was built: {ended}")


@contextmanager
def timed(seconds: list[float], processor: list[float]) -> Iterator[None]:
    """Append how long the block took, by the clock and in processor time of this process."""
    wall, used = time.perf_counter(), time.process_time()
    yield
    seconds.append(time.perf_counter() - wall)
    processor.append(time.process_time() - used)
