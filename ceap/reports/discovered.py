"""Gathers what a report of a discovered segment says: the same numbers that its page shows to its maker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import organisation
from ceap.customers import queries as customers
from ceap.reports.collecting import Step, heading, members_note
from ceap.reports.contracts import Campaign, DiscoveredReport, Fact, Part, WaterfallStep
from ceap.segments.queries import discovered
from ceap.segments.queries.discovered import Detail, Filters

CHUNK = 10_000
FROM_PURCHASES, UNKNOWN = "Purchases", "Unknown"
# Column of the workbook, field of the customer, width.
FIELDS = (
    ("Customer ID", "customer_id", 16), ("Name", "full_name", 26), ("Email", "email", 34), ("Phone", "phone", 16),
    ("City", "city", 20), ("Source", "source", 12), ("Status", "status", 12),
)  # fmt: skip
Columns = list[tuple[str, int]]


def report(actor: Actor, segment_id: UUID, filters: Filters, number: int, step: Step) -> DiscoveredReport:
    """What a report of a discovered segment says.

    Raises:
        NotFound, Conflict, Invalid: as `segments.queries.discovered.detail`.
    """
    step(0, 0, "Counting")
    found = discovered.detail(actor, segment_id, filters)
    mine, all_of_them = found.portrait, found.average
    hidden = "date_of_birth" in customers.hidden_from(actor)
    traits = [(one.words, one.size) for one in found.traits if not (hidden and one.feature == "age")]
    rule = found.rule if found.rule and not (hidden and "age" in found.rule.words.split()) else None
    return DiscoveredReport(
        heading=heading(
            actor, title=found.name, description=found.description, as_of=found.as_of, number=number
        ),
        words=filters.words(),
        size=found.size,
        seen=found.seen,
        matched=mine.kpis.customers,
        everyone=all_of_them.kpis.customers,
        currency=found.currency,
        facts=_facts(found),
        categories=_parts(mine.categories, all_of_them.categories, lambda one: one.spend) or [],
        outlets=_somebody(_parts(mine.outlets, all_of_them.outlets, lambda one: one.spend)),
        recency=_parts(mine.recency, all_of_them.recency),
        ages=_parts(mine.ages, all_of_them.ages),
        traits=traits,
        rule=rule.words if rule else "",
        fidelity=rule.fidelity if rule else None,
        campaign=Campaign(**vars(found.recommendation)) if found.recommendation else None,
        reach=[WaterfallStep(one.label, one.count) for one in found.reach.steps] if found.reach else [],
        model=_model(found),
        source=FROM_PURCHASES if found.source == "purchases" else found.source,
        members_note=members_note(actor),
    )  # fmt: skip


def columns(actor: Actor, segment_id: UUID, filters: Filters) -> Columns:
    """The columns of the customers of a workbook, with their widths: what `actor` may see and the data have."""
    table = discovered.listed(actor, segment_id, filters)
    hidden = customers.hidden_from(actor)
    shown = [(title, width) for title, key, width in FIELDS if key not in hidden]
    money = [(f"{name.capitalize()} ({organisation().currency})", 16) for name in _categories(table)]
    spend = (f"Spend ({organisation().currency})", 16)
    age = [("Age", 8)] if "age" in table.column_names else []
    return [*shown, ("Main outlet", 24), *age, ("Last purchase", 14), ("Orders", 10), spend, *money]


def members(actor: Actor, segment_id: UUID, filters: Filters, step: Step) -> Iterator[pa.Table]:
    """Tables of `columns`: the customers who match and whom `actor` may see and export, by key."""
    if not actor.may("customers_export", Level.ALL) or not actor.may("customers_view"):
        return
    table = discovered.listed(actor, segment_id, filters)
    hidden = customers.hidden_from(actor)
    keys = [key for _, key, _ in FIELDS if key not in hidden]
    for start in range(0, table.num_rows, CHUNK):
        part = table.slice(start, CHUNK)
        ids = part["customer"].to_pylist()
        rows = customers.visible_to(actor).filter(pk__in=ids).order_by("pk").values_list("pk", *keys)
        found = [*zip(*rows, strict=True)] or [()] * (1 + len(keys))
        there = part.filter(pc.is_in(part["customer"], pa.array(found[0], pa.uint32())))  # not merged or erased since
        texts = {key: pa.array(values, pa.string()) for key, values in zip(keys, found[1:], strict=True)}
        yield pa.table({**texts, **{name: there[name] for name in table.column_names if name != "customer"}})
        step(min(start + CHUNK, table.num_rows), table.num_rows, "Writing the customers")


def _categories(table: Any) -> list[str]:
    return [name.removeprefix("amount:") for name in table.column_names if name.startswith("amount:")]


def _facts(found: Detail) -> list[Fact]:
    mine, all_of_them = found.portrait.kpis, found.average.kpis
    told = (
        ("Sales", "sales", "money"), ("Spend per customer", "each", "money"), ("Average basket", "basket", "money"),
        ("Orders per customer", "frequency", "number"), ("Days since last purchase", "recency", "days"),
    )  # fmt: skip
    return [Fact(label, getattr(mine, name), getattr(all_of_them, name), unit) for label, name, unit in told]


def _parts(
    mine: Sequence[Any] | None, all_of_them: Sequence[Any] | None, money: Callable[[Any], float] | None = None
) -> list[Part] | None:
    """The lines of a distribution beside those of all segments; an unknown one only with somebody in it."""
    if mine is None:
        return None
    average = {_label(one): one.share for one in all_of_them or ()}
    return [
        Part(_label(one), one.customers, one.share, average.get(_label(one), 0.0), money(one) if money else None)
        for one in mine
        if one.customers or _label(one) != UNKNOWN
    ]


def _somebody(parts: list[Part] | None) -> list[Part] | None:
    return parts and [one for one in parts if one.count or one.average]


def _label(one: Any) -> str:
    return getattr(one, "label", None) or getattr(one, "name", "") or UNKNOWN


def _model(found: Detail) -> str:
    if found.model is None:
        return "–"
    trained = found.trained_at and found.trained_at.astimezone(ZoneInfo(organisation().time_zone))
    told = f"version {found.model}"
    if trained:
        told += f", trained on {trained.day} {trained:%b %Y}"
    return told + (f" on {found.trained_on:,} customers" if found.trained_on else "")
