"""What a rule selects now: exact counts and a sample."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from ceap.accounts.contracts import Actor, Level
from ceap.customers import queries as customers
from ceap.kit.problem import NotFound
from ceap.segments import expressions, sentences, sources
from ceap.segments.queries.checking import checked as check
from ceap.segments.queries.questions import questions
from ceap.segments.queries.segments import KEY

SAMPLE = 5


@dataclass(frozen=True)
class Preview:
    """What a rule selects: exact numbers of one scan, of the customers that the actor may see.

    `of`: whose customers are counted: "all", "owned" (by the actor) or "none".
    `conditions` has the count of each condition by itself, per group; `sample` some customers that the actor may see.
    """

    total: int
    matched: int
    conditions: list[list[int]]
    sentence: str
    sample: list[Any]
    as_of: datetime
    of: str


class Seen:
    """The warehouse with those customers alone that `actor` may see: what counts for rules that are not saved."""

    def __init__(self, actor: Actor, tables: expressions.Tables):
        self.actor, self.tables = actor, tables

    def table(self, name: str) -> ir.Table:
        found = self.tables.table(name)
        if name != "customers":
            return found  # joined to the customers
        try:
            own = seen_by(self.actor, found)
        except NotFound:
            return found.filter(ibis.literal(False))
        return found if own is None else found.filter(own)


def preview(actor: Actor, rule: Any) -> Preview:
    """Count a rule without saving it.

    Raises:
        Forbidden: without the permission to see segments.
        Invalid: the rule is wrong; every error with its path.
    """
    actor.require(KEY)
    checked = check(rule, actor)
    context, warehouse = sources.context(), sources.warehouse()
    as_of = warehouse.as_of
    scan = expressions.scan(Seen(actor, warehouse), [checked], context)

    def count() -> tuple[dict[str, Any], Sequence[int]]:
        row = warehouse.run(expressions.numbers(scan)).to_pylist()[0]
        return row, _sample(warehouse, scan) if row["matched"] else []

    row, ids = questions.answer(("preview", *same(actor, rule, warehouse)), count)
    flat = iter(range(len(scan.rules[0].conditions)))
    counts = [[row[f"c{next(flat)}"] for _ in group.conditions] for group in checked.groups]
    return Preview(
        row["total"], row["matched"], counts, sentences.sentence(checked, context.users),
        list(customers.visible_to(actor).filter(pk__in=ids).order_by("pk")), as_of, actor.customers_seen,
    )  # fmt: skip


def same(actor: Actor, rule: Any, warehouse: sources.Warehouse) -> tuple[Any, ...]:
    """What two questions about rules have in common when they have one answer."""
    whose = actor.customers_seen
    owner = actor.user_id if whose == "owned" else None
    return warehouse, warehouse.position(), whose, owner, json.dumps(rule, sort_keys=True, default=str)


def seen_by(actor: Actor, table: ir.Table) -> ir.BooleanValue | None:
    """Which customers of the warehouse `actor` may see; None for all.

    Raises:
        NotFound: none at all.
    """
    level = actor.level("customers_view")
    if level is Level.ALL:
        return None
    if level is Level.OWNED and actor.user_id:
        return table.owner == actor.user_id
    raise NotFound("You may not see any customers.")


def _sample(warehouse: sources.Warehouse, scan: expressions.Scan) -> Sequence[int]:
    wanted = scan.table.filter(scan.rules[0].whole).select("id").limit(SAMPLE)
    found: list[int] = warehouse.run(wanted).column("id").to_pylist()
    return found
