"""Who the members of a segment are: size over time, source, province, age, gender (S-12)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import ibis
import ibis.expr.types as ir
from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.core.folding import fold
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, invalid
from ceap.segments import sources
from ceap.segments.context import keys
from ceap.segments.contracts import NOT_READY
from ceap.segments.models import SegmentDay
from ceap.segments.queries.answers import Answers
from ceap.segments.queries.segments import current, get, members
from ceap.segments.shares import BANDS, FIRST_AGES, latest_birthday, percentages

UNKNOWN, OTHER = "Unknown", "Other"
GENDERS = ("Male", "Female")
MOST = 50  # values listed by themselves; the rest is one line
PERIODS = (7, 30)


@dataclass(frozen=True)
class Slice:
    """One value's share. `kind`: "value", "empty" (nothing known), or "rest" (all values behind the first `MOST`)."""

    label: str
    kind: str
    count: int
    percent: float


@dataclass(frozen=True)
class Performance:
    """Distributions over the membership that serves: each adds to `size`, and its percentages to 100.0.

    Members are as of `data_as_of`; what is known of them is as of now, of more than 200,000 members at most ten minutes
    old. `gone` of the members were merged or erased since it was calculated: nothing is known of them any more, and
    they are counted so ("Other", "Unknown"). Ages are those of `today`.
    """

    version: int
    size: int
    gone: int
    data_as_of: datetime
    today: date
    days: list[SegmentDay]
    source: list[Slice]
    province: list[Slice]
    age: list[Slice]
    gender: list[Slice]


def performance(actor: Actor, segment_id: UUID | str, days: int | None = None) -> Performance:
    """The performance of a segment; sizes of all time or of the last `days`.

    Raises:
        NotFound: there is no such segment, or `actor` may not see it.
        Conflict: its first membership is still being built.
        Invalid: there is no such period.
    """
    if days is not None and days not in PERIODS:
        raise invalid("days", "Choose 7 or 30, or leave this out for all time.")
    version = current(get(actor, segment_id))
    if version is None or version.data_as_of is None:
        raise Conflict(NOT_READY)
    everyone = members(version)
    today = now().astimezone(sources.zone()).date()
    rows = SegmentDay.objects.filter(segment_id=version.segment_id)
    if days:
        rows = rows.filter(day__gt=today - timedelta(days=days))
    found = _counts.get((version.pk, today), lambda: (_counted(everyone, today), len(everyone)))
    gone = len(everyone) - sum(row["n"] for row in found)
    sums: dict[str, Counter[str | None]] = defaultdict(Counter)
    for row in found:
        for name in ("source", "province", "age", "gender"):
            sums[name][row[name] or None] += row["n"]
    for name in ("source", "province", "age", "gender"):
        sums[name][None] += gone
    return Performance(
        version.number, len(everyone), gone, version.data_as_of, today, list(rows.order_by("day")),
        _frequent(sums["source"], OTHER), _frequent(sums["province"], UNKNOWN),
        _slices([(band, "value", sums["age"][band]) for band in BANDS], sums["age"][None]),
        _slices([(one, "value", sums["gender"][one]) for one in GENDERS], sums["gender"][None]),
    )  # fmt: skip


_counts: Answers[list[dict[str, Any]]] = Answers(100)


def _counted(everyone: BitMap, today: date) -> list[dict[str, Any]]:
    """How many members there are of each source, province, age band and gender together, in one scan."""
    if not everyone:
        return []
    warehouse = sources.warehouse()
    customers = warehouse.table("customers")
    first, last = everyone.min(), everyone.max()
    table = customers.filter(customers.id >= first, customers.id <= last)
    others = everyone.flip(first, last + 1)
    if others and len(others) < len(everyone):  # whichever is shorter is told to the warehouse
        chosen = keys(others)
        table = table.anti_join(chosen, table.id == chosen.key)
    elif others:
        chosen = keys(everyone)
        table = table.semi_join(chosen, table.id == chosen.key)
    columns = {"source": table.source, "province": table.province, "age": _band(table.date_of_birth, today),
               "gender": _gender(table.sex)}  # fmt: skip
    rows: list[dict[str, Any]] = warehouse.run(table.group_by(**columns).agg(n=table.count())).to_pylist()
    return rows


def _band(born: ir.DateValue, today: date) -> ir.StringValue:
    """The band of an age; null when the date of birth is empty or to come."""
    edges = [latest_birthday(age, today) for age in FIRST_AGES]
    cases: list[Any] = [(born > ibis.literal(today), ibis.null("string"))]
    cases += [(born > ibis.literal(edge), band) for edge, band in zip(edges, BANDS, strict=False)]
    return ibis.cases(*cases, (born.notnull(), BANDS[-1]), else_=ibis.null("string"))


def _gender(sex: ir.StringValue) -> ir.StringValue:
    return ibis.cases(*((sex.lower() == one.lower(), one) for one in GENDERS), else_=ibis.null("string"))


def _frequent(counts: Counter[str | None], empty: str) -> list[Slice]:
    """Values by how often they occur, spellings that a rule takes as the same together under the most frequent one."""
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for value, count in counts.items():
        if value is not None:
            spelled[fold(value)][value] += count
    ranked = sorted(spelled.values(), key=lambda known: (-known.total(), known.most_common(1)[0][0]))
    listed = [(_usual(known), "value", known.total()) for known in ranked[:MOST]]
    if rest := ranked[MOST:]:
        listed.append((f"{len(rest):,} more", "rest", sum(known.total() for known in rest)))
    return _slices(listed, counts[None], empty)


def _usual(known: Counter[str]) -> str:
    return min(known, key=lambda value: (-known[value], value))


def _slices(listed: Iterable[tuple[str, str, int]], empty: int, label: str = UNKNOWN) -> list[Slice]:
    lines = [*listed, (label, "empty", empty)]
    shares = percentages([count for _, _, count in lines])
    return [Slice(*line, share) for line, share in zip(lines, shares, strict=True)]
