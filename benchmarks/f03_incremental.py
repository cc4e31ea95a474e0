"""F-3: 10,000 customers changed, 100 segments follow; beside a full recalculation of the same."""

from __future__ import annotations

import random
import statistics
from datetime import datetime
from typing import Any

from benchmarks.f01_preview import CITIES
from benchmarks.frame import Result, Scale
from benchmarks.segments_home import NOW, SEGMENTS, SOURCES, build, fill, size, timed

ID = "F-3"
WORK = "incremental: 10,000 changed customers, 100 segments: < 1 s"
CHANGED, ROUNDS = 10_000, 5


def run(scale: Scale) -> Result:
    customers = size(scale)
    fill(customers)
    ids = list(range(1, customers + 1, customers // CHANGED))[:CHANGED]
    _store(ids)
    from ceap.events import queries as events
    from ceap.kit import clock
    from ceap.segments import actions
    from ceap.segments.models import MembershipVersion

    took: list[float] = []
    processor: list[float] = []
    full: list[float] = []
    versions = []
    with clock.frozen(NOW):
        events.warehouse().sync()
        build()
        while actions.follow():
            pass
        for n in range(ROUNDS):
            _change(ids, n)
            with timed(took, processor):
                versions.append(actions.follow())
        moved = _moved()
        with timed(full, []):
            build()
        wrong = MembershipVersion.objects.exclude(entered=0, left=0).filter(cause="daily", entered__isnull=False)
        if wrong.exists():
            raise RuntimeError("what followed the changes is not what a full recalculation finds")
    value = statistics.median(took)
    return Result(
        ID, scale, value, "s", reached=value < 1, n=CHANGED, peer=full[0], ratio_peer=full[0] / value,
        note=f"{CHANGED:,} of {customers:,} customers changed in one field each, {SEGMENTS} segments; median of "
        f"{ROUNDS} rounds ({min(took):.3g} to {max(took):.3g} s), {statistics.median(processor):.3g} s of processor "
        f"time, the load into the warehouse included; {statistics.median(versions):.0f} memberships published, "
        f"{moved:,} moves in the last round; a full recalculation finds the same; peer: that",
    )  # fmt: skip


def _store(ids: list[int]) -> None:
    """Put these customers into the store as the warehouse has them."""
    from ceap.customers.models import Customer
    from ceap.events import queries as events

    house = events.warehouse()
    table = house.table("customers")
    plain = {field.attname for field in Customer._meta.concrete_fields}
    nullable = {field.attname for field in Customer._meta.concrete_fields if field.null}
    rows = []
    for row in house.run(table.filter(table.id.isin(ids))).to_pylist():
        own = {name.removeprefix("c_"): value for name, value in row.items() if name.startswith("c_")}
        values = {name: _aware(v) for name, v in row.items() if name in plain and (v is not None or name in nullable)}
        rows.append(Customer(custom={key: value for key, value in own.items() if value is not None}, **values))
    Customer.objects.bulk_create(rows, batch_size=500)


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=NOW.tzinfo) if isinstance(value, datetime) else value


def _change(ids: list[int], salt: int) -> None:
    """Change one field of each customer that rules look at, and say so in the change log."""
    from django.db import connection, transaction

    from ceap.core import changelog
    from ceap.customers.models import Customer

    draw = random.Random(salt)
    shares: list[dict[str, Any]] = [
        *({"source": source} for source in SOURCES), *({"city": city} for city in CITIES[:5]),
        *({"lifetime_earned": draw.randrange(10_000)} for _ in range(5)),
        *({"balance_available": draw.randrange(10_000)} for _ in range(5)),
    ]  # fmt: skip
    mixed = draw.sample(ids, len(ids))
    with transaction.atomic():
        for n, values in enumerate(shares):
            Customer.objects.filter(pk__in=mixed[n :: len(shares)]).update(**values)
        with connection.cursor() as cursor:
            changelog.customers_changed(cursor, ids, connection.vendor)


def _moved() -> int:
    from ceap.segments.models import Segment

    rows = Segment.objects.values_list("current__entered", "current__left", "current__cause")
    return sum((came or 0) + (went or 0) for came, went, cause in rows if cause == "changes")
