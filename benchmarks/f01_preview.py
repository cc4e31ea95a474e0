"""F-1: the exact preview of a rule of 2 groups × 3 conditions over 5 M customers × 40 fields, 10 of them custom,
beside the same question in hand-written DuckDB SQL and in PostgreSQL over a JSONB column."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import ibis

from benchmarks.frame import Result, Scale, percentile

ID = "F-1"
WORK = "exact preview, 2 groups × 3 conditions, 5 M × 40 fields: p95 < 300 ms; ≤ 1.3 × hand-written DuckDB SQL"
NOW = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)
CITIES = ("Galle", "Kandy", "Colombo", "Jaffna", "Negombo", "Matara", "Ella", "Trincomalee")
RULE: dict[str, Any] = {
    "join": "or",
    "groups": [
        {"join": "and", "conditions": [
            {"kind": "field", "field": "source", "operator": "is", "value": "WhatsApp"},
            {"kind": "field", "field": "lifetime_earned", "operator": "greater", "value": 500},
            {"kind": "field", "field": "created_at", "operator": "in_last", "value": {"count": 365, "unit": "days"}},
        ]},
        {"join": "and", "conditions": [
            {"kind": "field", "field": "city", "operator": "is", "value": "Galle"},
            {"kind": "field", "field": "c_score", "operator": "between", "value": [20, 60]},
            {"kind": "field", "field": "email", "operator": "contains", "value": "7@"},
        ]},
    ],
}  # fmt: skip
# What one would write by hand: the same answer (count, count per condition, total) for these data.
BY_HAND = """
SELECT count(*), sum((w AND l AND c OR g AND s AND e)::INT), sum(w::INT), sum(l::INT), sum(c::INT),
       sum(g::INT), sum(s::INT), sum(e::INT)
FROM (SELECT lower(source) = 'whatsapp' AS w, lifetime_earned > 500 AS l,
             created_at >= TIMESTAMP '2025-03-28 18:30:00' AND created_at <= TIMESTAMP '2026-03-29 10:30:00' AS c,
             lower(city) = 'galle' AS g, c_score BETWEEN 20 AND 60 AS s, contains(lower(email), '7@') AS e
      FROM customers)"""
JSONB = """
SELECT count(*), count(*) FILTER (WHERE w AND l AND c OR g AND s AND e), count(*) FILTER (WHERE w),
       count(*) FILTER (WHERE l), count(*) FILTER (WHERE c), count(*) FILTER (WHERE g), count(*) FILTER (WHERE s),
       count(*) FILTER (WHERE e)
FROM (SELECT lower(a->>'source') = 'whatsapp' AS w, (a->>'lifetime_earned')::numeric > 500 AS l,
             (a->>'created_at')::timestamp BETWEEN '2025-03-28 18:30:00' AND '2026-03-29 10:30:00' AS c,
             lower(a->>'city') = 'galle' AS g, (a->>'c_score')::numeric BETWEEN 20 AND 60 AS s,
             strpos(lower(a->>'email'), '7@') > 0 AS e FROM people) people"""


def columns() -> dict[str, str]:
    """40 fields as SQL over i: 30 default ones, 10 custom."""

    def pick(salt: int, *values: str) -> str:
        return f"[{', '.join(repr(v) for v in values)}][1 + (hash(i * 31 + {salt}) % {len(values)})::INT]"

    found = {
        "customer_id": "'C' || i", "full_name": "'Person ' || (hash(i) % 400000)", "phone": "'+9477' || (i % 10000000)",
        "email": "'user' || (hash(i * 3) % 9000000) || '@example.test'", "usernames": "NULL::TEXT",
        "job_title": pick(1, "Teacher", "Driver", "Nurse", "Clerk"), "owner": "(hash(i * 5) % 40)::BIGINT",
        "assignee": "(hash(i * 7) % 40)::BIGINT", "sex": pick(2, "Female", "Male"),
        "date_of_birth": "DATE '1950-01-01' + (hash(i * 11) % 20000)::INT", "street": "(hash(i * 13) % 900) || ' Main'",
        "city": pick(3, *CITIES), "province": pick(4, "Western", "Central", "Southern"),
        "postal_code": "(i % 90000)::TEXT",
        "country": "'LK'", "time_zone": "'Asia/Colombo'", "language": pick(5, "si", "ta", "en"),
        "source": pick(6, "WhatsApp", "Web", "Store", "Import", "Referral"), "status": pick(7, "active", "new", "lost"),
        "marketing_opt_in": "CASE hash(i * 17) % 3 WHEN 0 THEN true WHEN 1 THEN false END",
        "marketing_opt_in_at": "TIMESTAMP '2020-01-01' + to_seconds((hash(i * 19) % 190000000)::BIGINT)",
        "current_tier": pick(8, "gold", "silver", "none"), "reward_name": "NULL::TEXT", "reward_status": "NULL::TEXT",
        "balance_available": "(hash(i * 23) % 100000) / 10.0", "balance_pending": "(hash(i * 29) % 1000) / 10.0",
        "lifetime_earned": "CASE WHEN i % 10 > 0 THEN (hash(i * 37) % 1000000) / 100.0 END",
        "created_at": "TIMESTAMP '2020-01-01' + to_seconds((hash(i * 41) % 197000000)::BIGINT)",
        "updated_at": "TIMESTAMP '2020-01-01' + to_seconds((hash(i * 43) % 197000000)::BIGINT)",
        "last_activity_at": "TIMESTAMP '2020-01-01' + to_seconds((hash(i * 47) % 197000000)::BIGINT)",
    }  # fmt: skip
    found |= {"c_score": "(hash(i * 53) % 10000) / 100.0", "c_visits": "(hash(i * 59) % 300)::DOUBLE"}
    found |= {f"c_choice{n}": pick(20 + n, "a", "b", "c", "d") for n in range(4)}
    found |= {f"c_note{n}": f"'note ' || (hash(i * {61 + n}) % 5000)" for n in range(4)}
    return found


class Tables:
    """The warehouse of the benchmark, asked as the product asks its own."""

    def __init__(self, file: Path):
        self.connection = ibis.duckdb.connect(str(file), read_only=True)
        self.as_of, self.fillings = NOW, 1

    def position(self) -> tuple[int, int]:
        return 0, 0

    def sync(self) -> None:
        """Nothing changes."""

    def table(self, name: str) -> ibis.Table:
        return self.connection.table(name)

    def run(self, expression: Any, unwanted: Any = None, look: float = 0) -> Any:
        return self.connection.to_pyarrow(expression)


def measure(times: int, *works: Callable[[], Any]) -> list[list[float]]:
    """Milliseconds of each of `times` runs of each work, after two to warm up; the works take turns."""
    spent: list[list[float]] = [[] for _ in works]
    for n in range(times + 2):
        for work, found in zip(works, spent, strict=True):
            started = time.perf_counter()
            work()
            if n >= 2:
                found.append((time.perf_counter() - started) * 1000)
    return spent


def run(scale: Scale) -> Result:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ceap.web.settings")
    import django

    from ceap.customers.contracts import DEFAULT_FIELDS, Field, FieldType

    django.setup()
    from ceap.accounts.contracts import SYSTEM
    from ceap.segments import validation
    from ceap.segments.context import Context
    from ceap.segments.queries import holding
    from ceap.segments.queries.questions import questions

    rows = 200_000 if scale == "small" else 5_000_000
    file = Path(os.environ["CEAP_HOME"]) / "f1.duckdb"
    with duckdb.connect(str(file)) as connection:
        listed = ", ".join(f"{sql} AS {name}" for name, sql in columns().items())
        connection.execute(f"CREATE TABLE customers AS SELECT i + 1 AS id, {listed} FROM range({rows}) r(i)")
    fields = {f.column: f for f in DEFAULT_FIELDS} | {
        "c_score": Field("score", "Score", FieldType.NUMBER, "Custom", custom=True)
    }
    tables = Tables(file)
    answers: dict[str, Any] = {}

    context, everyone = Context(NOW, ZoneInfo("Asia/Colombo"), {}), holding.Everyone()

    def ours() -> None:
        """All of a preview but the sample, of a rule none of whose conditions was asked for before."""
        key = holding.key_of(everyone, context)
        customers, holding.known = holding.known.get(tables, key), holding.Known()
        if customers:
            holding.known.keep(tables, key, customers)
        kept()

    def kept() -> None:
        """The same of a rule all of whose conditions are known."""
        with questions.asking("bench") as asking:
            found = holding.counted(asking, tables, SYSTEM, validation.check(RULE, fields), context)
        answers["ours"] = (found.total, len(found.matched), *found.conditions)

    def by_hand() -> None:
        answers["hand"] = tables.connection.con.execute(BY_HAND).fetchone()

    times = 20 if scale == "small" else 40
    mine, hand = measure(times, ours, by_hand)
    if answers["ours"] != answers["hand"]:
        raise RuntimeError(f"the answers differ: {answers}")
    p95, limit = percentile(mine, 0.95), percentile(hand, 0.95)
    [again] = measure(times, kept)
    peer, beside = in_postgresql(tables, rows, answers)
    middle = f"medians {statistics.median(mine):.0f} and {statistics.median(hand):.0f} ms"
    return Result(
        ID, scale, p95, "ms", reached=p95 < 300 and p95 <= 1.3 * limit, n=times, limit=limit, peer=peer,
        ratio_limit=limit / p95, ratio_peer=peer / p95 if peer else None, p99=percentile(mine, 0.99),
        note=f"p95 of {times} previews of {rows:,} × {len(columns())} fields, answers equal; limit: hand-written "
        f"DuckDB SQL ({middle}); of a rule whose conditions were asked for before {percentile(again, 0.95):.1f} ms; "
        f"{beside}",
    )  # fmt: skip


def in_postgresql(tables: Tables, rows: int, answers: dict[str, Any]) -> tuple[float | None, str]:
    """The p95 of the same question over a JSONB column, scaled to `rows` when fewer were loaded; and what was done."""
    import psycopg

    url = os.environ.get("CEAP_BENCH_POSTGRESQL", "")
    if not url:
        return None, "PostgreSQL left out: set CEAP_BENCH_POSTGRESQL"
    loaded = min(rows, 500_000)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE people (id BIGINT PRIMARY KEY, a JSONB NOT NULL)")
        source = tables.connection.con.execute(
            f"SELECT id, to_json({{{', '.join(f'{n}: {n}' for n in columns())}}})::TEXT FROM customers "
            f"WHERE id <= {loaded}"
        )
        with connection.cursor().copy("COPY people FROM STDIN") as copy:
            while chunk := source.fetchmany(10_000):
                for row in chunk:
                    copy.write_row(row)
        connection.execute("ANALYZE people")
        [spent] = measure(5, lambda: answers.update(jsonb=connection.execute(JSONB).fetchone()))
        connection.execute("DROP TABLE people")
    if loaded == rows and answers["jsonb"] != answers["ours"]:
        raise RuntimeError(f"PostgreSQL answers otherwise: {answers}")
    p95 = percentile(spent, 0.95)
    scaled = "" if loaded == rows else f", {p95:.0f} ms for {loaded:,} rows, times {rows // loaded}"
    return p95 * rows / loaded, f"peer: PostgreSQL, one JSONB column, the same question{scaled}"
