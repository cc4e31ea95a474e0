"""F-2: the daily recalculation of 100 segments over 5 M customers, memberships stored, beside the one-scan SQL alone
and one query per segment."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks.frame import Result, Scale
from benchmarks.segments_home import NOW, SEGMENTS, build, fill, size, timed

ID = "F-2"
WORK = "recalculation of 100 segments over 5 M customers, memberships stored: ≤ 30 s; ≤ 1.5 × the one-scan SQL alone"
DAYS = 3


def run(scale: Scale) -> Result:
    customers = size(scale)
    fill(customers)
    from ceap.events import queries as events
    from ceap.kit import clock
    from ceap.segments.models import MembershipVersion

    alone: list[float] = []
    cheap: list[float] = []
    took: list[float] = []
    processor: list[float] = []
    first: list[float] = []
    with clock.frozen(NOW):
        events.warehouse().sync()
        with timed(first, []):
            build()
        for _ in range(DAYS):
            clock.advance(timedelta(days=1))
            scan = one_scan()
            with timed(alone, cheap):
                scan()
            with timed(took, processor):
                build()
        singly = one_by_one()
    newest = MembershipVersion.objects.order_by("-number")[:SEGMENTS]
    moved = sum((v.entered or 0) + (v.left or 0) for v in newest.defer("bitmap", "came", "went"))
    value, limit = statistics.median(took), statistics.median(alone)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Result(
        ID, scale, value, "s", reached=value <= 30 and value <= 1.5 * limit, n=SEGMENTS, limit=limit,
        ratio_limit=limit / value, peer=singly, ratio_peer=singly / value,
        note=f"{SEGMENTS} segments over {customers:,} × 40 fields (10 of them also over {customers:,} purchases), "
        f"median of {DAYS} daily runs ({min(took):.3g} to {max(took):.3g} s), {statistics.median(processor):.3g} s "
        f"of processor time (the SQL alone {statistics.median(cheap):.3g} s), {moved:,} moves published a day; the "
        f"first build {first[0]:.3g} s; at most {resident:,} MiB resident; "
        f"limit: the one-scan SQL alone, into memory; peer: one query per segment, nothing stored",
    )  # fmt: skip


def _checked() -> list[Any]:
    from ceap.segments import queries
    from ceap.segments.models import Segment

    return [queries.checked(segment.rule) for segment in Segment.objects.order_by("pk")]


def one_scan() -> Callable[[], Any]:
    """The SQL of one scan for every rule, its answer into memory."""
    from ceap.segments import expressions, sources

    warehouse, rules = sources.warehouse(), _checked()
    scan = expressions.scan(warehouse, rules, sources.context())
    question = expressions.flags(scan, expressions.reachable(scan.table))
    return lambda: warehouse.run(question)


def one_by_one() -> float:
    """Seconds of one query of ids for each segment."""
    from ceap.segments import expressions, sources

    warehouse, rules = sources.warehouse(), _checked()
    started = time.perf_counter()
    for rule in rules:
        warehouse.run(expressions.matched(expressions.scan(warehouse, [rule], sources.context())))
    return time.perf_counter() - started
