"""F-12: a CSV of customers with 40 columns through the whole import, beside DuckDB's `read_csv`."""

from __future__ import annotations

import csv
import random
import resource
import time
from pathlib import Path

from benchmarks.frame import Result, Scale

ID = "F-12"
WORK = "import of 1 M customers from CSV, 40 fields, validated, receipts: ≤ 60 s, memory flat"
OWN: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Score", "number", ()),
    ("Visits", "number", ()),
    ("Renewal", "date", ()),
    ("Last call", "datetime", ()),
    ("Wholesale", "boolean", ()),
    ("Tags", "multiple", ("red", "green", "blue")),
    ("Size", "dropdown", ("S", "M", "L")),
    ("Site", "url", ()),
    ("Note", "text", ()),
    ("Branch", "text", ()),
)
DEFAULT = (
    "customer_id", "full_name", "phone", "email", "usernames", "job_title", "sex", "date_of_birth", "street", "city",
    "province", "postal_code", "country", "time_zone", "language", "source", "status", "marketing_opt_in",
    "marketing_opt_in_business", "marketing_opt_in_at", "member_created_at", "reward_expired_at", "current_tier",
    "reward_name", "reward_status", "balance_available", "balance_pending", "lifetime_earned", "bsuid", "chatroom",
)  # fmt: skip
BAD_EVERY = 1_000  # one row in a thousand has a value that cannot be


def write(path: Path, rows: int) -> int:
    """A file of made-up customers; returns its size."""
    chance = random.Random(12)
    first = ["Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Zoë"]
    last = ["Lee", "Ray", "Fox", "Kim", "Poe", "Orr"]
    days = [f"{y}-{m:02}-{d:02}" for y in range(1950, 2006) for m in (1, 5, 9) for d in (3, 17, 28)]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([*DEFAULT, *(label for label, _, _ in OWN)])
        for n in range(rows):
            name = f"{chance.choice(first)} {chance.choice(last)}"
            bad = n % BAD_EVERY == BAD_EVERY - 1
            day, moment = chance.choice(days), f"2025-{n % 12 + 1:02}-{n % 28 + 1:02} {n % 24:02}:{n % 60:02}:00"
            mail = "broken" if bad else f"p.{n}@mail{n % 97}.example.test"
            out.writerow(
                [
                    f"C{n:08}", name, f"+4477{n:08}", mail, "", "Buyer" if n % 3 else "", "f" if n % 2 else "Male", day,
                    f"{n % 200} High Street", f"City {n % 300}", f"Province {n % 40}", f"{n % 99999:05}", "Country",
                    "Europe/London", "en", ("Web", "Store", "WhatsApp")[n % 3], ("Active", "Lead")[n % 2],
                    ("yes", "no", "")[n % 3], "Shop", moment if n % 3 < 2 else "", moment, "", "Gold" if n % 9 else "",
                    "", "", f"{n % 500}.25", "", n % 9000, f"b{n}" if n % 5 == 0 else "", "true" if n % 4 == 0 else "",
                    f"{n % 100}.5", n % 77, day, moment, "yes" if n % 2 else "no", ("red;blue", "green", "")[n % 3],
                    ("S", "M", "L")[n % 3], f"https://shop{n}.example.test/", f"note {n}", f"Branch {n % 20}",
                ]
            )  # fmt: skip
    return path.stat().st_size


def run(scale: Scale) -> Result:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ceap.web.settings")
    import django

    django.setup()
    import duckdb

    from ceap.accounts.contracts import SYSTEM
    from ceap.connectors import actions, queries
    from ceap.customers.actions import add_field
    from ceap.jobs.actions import run as run_job
    from ceap.kit.home import Home
    from ceap.web.store import prepare

    rows = 50_000 if scale == "small" else 1_000_000
    home = Home.load().create()
    prepare()
    for label, kind, options in OWN:
        add_field(SYSTEM, label, kind, options=options)
    file = home.path / "customers.csv"
    size = write(file, rows)
    mapping = {g: g for g in DEFAULT} | {label: label.lower().replace(" ", "_") for label, _, _ in OWN}

    warm = actions.upload(SYSTEM, "customers", "warm.csv", [b"customer_id\nwarm\n"])
    run_job(str(actions.start(SYSTEM, warm.pk, {"customer_id": "customer_id"}, {}).job_id))
    before = _resident()
    began, worked = time.perf_counter(), time.process_time()
    with file.open("rb") as opened:
        row = actions.upload(SYSTEM, "customers", file.name, iter(lambda: opened.read(1 << 20), b""))
    uploaded = time.perf_counter() - began
    row = actions.start(SYSTEM, row.pk, mapping, {})
    halves: list[int] = []
    watch = _watch(halves)
    run_job(str(row.job_id))
    took, spent = time.perf_counter() - began, time.process_time() - worked
    watch()
    row = queries.get(SYSTEM, row.pk)
    bad = rows // BAD_EVERY
    complete = (row.state, row.created, row.rejected) == ("done", rows - bad, bad)

    began = time.perf_counter()
    with duckdb.connect(":memory:", config={"threads": 2}) as db:
        db.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{file}')")
    limit = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    quarter = halves[len(halves) // 4] if halves else 0
    return Result(
        ID, scale, took, "s", reached=complete and took <= 60 and peak < 2_048, n=rows, limit=limit,
        ratio_limit=limit / took,
        note=f"{size / 1e6:,.0f} MB, {rows:,} rows × {len(mapping)} fields, {bad:,} rejected with reasons; upload "
        f"{uploaded:.1f} s of it, {spent:.0f} s of processor time; resident {before} MB before, {quarter} MB after "
        f"a quarter, {max(halves or [0])} MB at most; three identities, evidence of consent, search text a row; "
        f"limit: `read_csv` alone, in memory, no rules, keys, disk{'' if complete else '; INCOMPLETE ' + row.message}",
    )  # fmt: skip


def _resident() -> int:
    """Megabytes of this process in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1_000_000


def _watch(into: list[int]):  # type: ignore[no-untyped-def]
    """Note the resident memory four times a second until the returned function is called."""
    import threading

    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.25):
            into.append(_resident())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join()

    return end
