"""F-4: one customer's segments over HTTP, 200 active segments, on the edge."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.edge_home import KEY, fill
from benchmarks.frame import Result, Scale, server
from benchmarks.load import load, request

ID = "F-4"
WORK = "one customer's segments over HTTP, 200 active segments: P99 < 5 ms at 2,000/s"
SEGMENTS = 200


def run(scale: Scale) -> Result:
    customers, keys, total = (20_000, 200_000, 20_000) if scale == "small" else (100_000, 5_000_000, 60_000)
    port = fill(customers)
    _segments(customers, keys)
    random.seed(4)
    paths = [f"/v1/customers/email/p{random.randrange(customers)}@example.test/segments" for _ in range(20_000)]
    asked = [request("GET", path, key=KEY) for path in paths]
    with server("edge", f"http://127.0.0.1:{port}/readyz") as process:
        load(port, asked, connections=16, total=4_000)  # warm; the memberships are in memory afterwards
        steady = load(port, asked, connections=32, total=total, rate=2_000)
        fastest = load(port, asked, connections=16, total=total)
        resident = _resident(process.pid)
        reading = load(port, _batches(customers), connections=2, total=20)
    good = steady.p99 < 5 and steady.rate > 1_900 and not steady.refused + fastest.refused + reading.refused
    return Result(
        ID, scale, steady.p99, "ms", reached=good, n=2 * total, p99=steady.p99, limit=5.0, ratio_limit=5 / steady.p99,
        note=f"at {steady.rate:,.0f}/s (P50 {steady.p50:.1f} ms); as fast as 16 connections go {fastest.rate:,.0f}/s; "
        f"a batch of 1,000 customers {reading.p50:.0f} ms; {SEGMENTS} segments over {keys:,} keys ({customers:,} "
        f"stored), {resident:,} MiB resident; limit: the time allowed",
    )  # fmt: skip


def _segments(customers: int, keys: int) -> None:
    """200 active segments with memberships of many shapes and sizes."""
    import numpy as np
    from pyroaring import BitMap

    from ceap.accounts.models import ApiKey
    from ceap.core import bitmaps
    from ceap.kit.clock import now
    from ceap.segments.models import MembershipVersion, Segment

    ApiKey.objects.update(scopes=["events:write", "customers:read", "customers:write", "segments:read"])
    at = now()

    def shapes() -> Iterator[BitMap]:
        draw = np.random.default_rng(4)
        for n in range(SEGMENTS):
            if n % 4 == 3:  # a range, as of customers created in a month
                first = int(draw.integers(1, keys))
                yield BitMap(range(first, min(first + keys // 12, keys)))
            else:
                share = (0.001, 0.02, 0.1, 0.3, 0.5)[n % 5]
                yield bitmaps.of(np.flatnonzero(draw.random(keys) < share) + 1)

    for n, members in enumerate(shapes()):
        segment = Segment.objects.create(name=f"Segment {n}", rule={}, created_at=at, updated_at=at)
        version = MembershipVersion.objects.create(
            segment=segment, number=1, rule={}, rule_version=1, state="ready", bitmap=bitmaps.pack(members),
            size=len(members), total=keys, data_as_of=at, ready_at=at, created_at=at,
        )  # fmt: skip
        Segment.objects.filter(pk=segment.pk).update(current=version)


def _batches(customers: int) -> list[bytes]:
    import json

    random.seed(5)
    some = [[{"email": f"p{random.randrange(customers)}@example.test"} for _ in range(1_000)] for _ in range(5)]
    return [request("POST", "/v1/customers/segments", key=KEY, body=json.dumps(each).encode()) for each in some]


def _resident(pid: int) -> int:
    """MiB of resident memory of a process."""
    if not os.path.exists("/proc"):
        return 0
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))
