"""F-6: events accepted durably, in batches of 100, beside raw SQLite inserts with `synchronous=FULL`."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

from benchmarks.edge_home import KEY, fill
from benchmarks.frame import Result, Scale, percentile, server
from benchmarks.load import load, request

ID = "F-6"
WORK = "events accepted durably (fsync), batches of 100: ≥ 10,000/s, P99 < 50 ms"
BATCH = 100


def run(scale: Scale) -> Result:
    customers, batches = (20_000, 600) if scale == "small" else (200_000, 5_000)
    port = fill(customers)
    random.seed(7)
    bodies = []
    for number in range(batches):
        events = [
            {
                "event": "product_viewed",
                "event_id": f"{number}-{n}",
                "customer": {"email": f"p{random.randrange(customers)}@example.test"},
                "item": f"sku-{random.randrange(5000)}",
                "amount": round(random.uniform(1, 99), 2),
                "properties": {"page": "/shop", "n": n},
            }
            for n in range(BATCH)
        ]
        bodies.append(json.dumps(events).encode())
    requests = [request("POST", "/v1/events", key=KEY, body=body) for body in bodies]
    with server("edge", f"http://127.0.0.1:{port}/readyz"):
        half = batches // 2
        fastest = load(port, requests[:half], connections=4, total=half)
        steady = load(port, requests[half:], connections=8, total=batches - half, rate=100)
    raw = raw_inserts(Path(os.environ["CEAP_HOME"]) / "raw.sqlite3", bodies[:half])
    ours = fastest.rate * BATCH
    refused = fastest.refused + steady.refused
    return Result(
        ID, scale, ours, "events/s", reached=ours >= 10_000 and steady.p99 < 50 and not refused, n=batches * BATCH,
        p99=steady.p99, limit=raw, ratio_limit=ours / raw,
        note=f"P99 at a steady 10,000 events/s (P50 {steady.p50:.1f} ms); at full speed, 4 connections, P99 "
        f"{fastest.p99:.1f} ms; {refused} refused; limit: the same rows by one process, one commit a batch",
    )  # fmt: skip


def raw_inserts(file: Path, bodies: list[bytes]) -> float:
    """Rows a second of plain inserts of the same events, one durable commit for each batch."""
    import pysqlite3.dbapi2 as driver

    from ceap.kit.sqlite import PRAGMAS

    connection = driver.connect(str(file), isolation_level=None)
    connection.executescript(PRAGMAS)
    connection.executescript(
        "CREATE TABLE e (seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, name TEXT, customer INTEGER, "
        "dedupe TEXT UNIQUE, payload TEXT); CREATE INDEX e_c ON e (customer, seq)"
    )
    batches = [
        [
            ("2026-01-01", e["event"], int(e["customer"]["email"][1:].split("@")[0]), e["event_id"], json.dumps(e))
            for e in json.loads(body)
        ]
        for body in bodies
    ]
    took = []
    started = time.perf_counter()
    for rows in batches:
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO e (at, name, customer, dedupe, payload) VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        took.append(time.perf_counter() - begun)
    assert percentile(took, 0.99) > 0
    return len(batches) * BATCH / (time.perf_counter() - started)
