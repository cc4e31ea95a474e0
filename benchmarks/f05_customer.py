"""F-5's route shape: one customer by any identity, on the edge, beside a bare ASGI function with SQLite."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from benchmarks.edge_home import KEY, fill
from benchmarks.frame import ROOT, Result, Scale, free_port, server
from benchmarks.load import Load, load, request

ID = "F-5"
WORK = "customer look-up on the data plane (F-5's route shape): P99 < 10 ms at 5,000/s; ≥ 0.5 × bare ASGI + SQLite"


def run(scale: Scale) -> Result:
    customers, total = (20_000, 15_000) if scale == "small" else (500_000, 60_000)
    port = fill(customers)
    random.seed(5)
    paths = [f"/v1/customers/email/p{random.randrange(customers)}@example.test" for _ in range(20_000)]
    ours = [request("GET", path, key=KEY) for path in paths]
    with server("edge", f"http://127.0.0.1:{port}/readyz"):
        load(port, ours, connections=16, total=2_000)  # warm
        fastest = load(port, ours, connections=16, total=total)
        steady = load(port, ours, connections=32, total=total, rate=5_000)
    bare = _bare([request("GET", path) for path in paths], total)
    good = steady.p99 < 10 and fastest.rate >= bare.rate / 2 and not fastest.refused + steady.refused
    return Result(
        ID, scale, fastest.rate, "requests/s", reached=good, n=2 * total, p99=steady.p99, limit=bare.rate,
        ratio_limit=fastest.rate / bare.rate,
        note=f"P99 at {steady.rate:,.0f}/s (P50 {steady.p50:.1f} ms), {customers:,} customers; value: as fast as 16 "
        "connections go; candidates are a later part",
    )  # fmt: skip


def _bare(requests: list[bytes], total: int) -> Load:
    port = free_port()
    file = Path(os.environ["CEAP_HOME"]) / "store.sqlite3"
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.bare", str(file), str(port)], cwd=ROOT)
    try:
        for _ in range(200):
            try:
                urlopen(f"http://127.0.0.1:{port}/x", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        return load(port, requests, connections=16, total=total)
    finally:
        process.terminate()
        process.wait()
