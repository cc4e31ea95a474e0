"""What a rule selects now: exact counts, a sample, and why one customer is in or out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir

from ceap.accounts.contracts import Actor, Level
from ceap.customers import queries as customers
from ceap.customers.contracts import FieldType
from ceap.kit.problem import Forbidden, NotFound
from ceap.segments import expressions, operators, sentences, sources
from ceap.segments.conditions import CheckedRule, OnField
from ceap.segments.models import Segment
from ceap.segments.queries.checking import checked as check
from ceap.segments.queries.segments import KEY
from ceap.segments.queries.words import RULE_HIDDEN, hides

SAMPLE = 5


@dataclass(frozen=True)
class Preview:
    """What a rule selects: exact numbers of one scan.

    `conditions` has the count of each condition by itself, per group; `sample` some customers that the actor may see.
    """

    total: int
    matched: int
    conditions: list[list[int]]
    sentence: str
    sample: list[Any]
    as_of: datetime


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
    scan = expressions.scan(warehouse, [checked], context)
    row = warehouse.run(expressions.numbers(scan)).to_pylist()[0]
    flat = iter(range(len(scan.rules[0].flat())))
    counts = [[row[f"c{next(flat)}"] for _ in group.conditions] for group in checked.groups]
    ids = _sample(actor, warehouse, scan) if row["matched"] else []
    return Preview(
        row["total"], row["matched"], counts, sentences.sentence(checked, context.users),
        list(customers.visible_to(actor).filter(pk__in=ids).order_by("pk")), as_of,
    )  # fmt: skip


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


def _sample(actor: Actor, warehouse: sources.Warehouse, scan: expressions.Scan) -> Sequence[int]:
    try:
        own = seen_by(actor, scan.table)
    except NotFound:
        return []
    wanted = scan.rules[0].whole if own is None else scan.rules[0].whole & own
    found: list[int] = warehouse.run(scan.table.filter(wanted).select("id").limit(SAMPLE)).column("id").to_pylist()
    return found


@dataclass(frozen=True)
class Seen:
    """One condition about one customer: its words, whether it holds, the value it looked at."""

    words: str
    holds: bool
    value: Any


@dataclass(frozen=True)
class Verdict:
    """Whether a rule selects one customer now, and each condition of each group."""

    matches: bool
    groups: list[list[Seen]]
    customer: Any
    as_of: datetime


def why(actor: Actor, rule: Any, customer_id: int) -> Verdict:
    """Test one customer against a rule that `actor` writes.

    Raises:
        NotFound: there is no such customer, or `actor` may not see it.
        Invalid: the rule is wrong.
    """
    return _verdict(actor, check(rule, actor), customer_id)


def why_member(actor: Actor, segment: Segment, customer_id: int) -> Verdict:
    """Test one customer against the rule of a segment.

    Raises:
        NotFound: there is no such customer, or `actor` may not see it.
        Forbidden: the rule uses a field that the actor's role may not see.
    """
    if hides(actor, segment.rule):
        raise Forbidden(RULE_HIDDEN)
    return _verdict(actor, check(segment.rule, seen_by=actor), customer_id)


def _verdict(actor: Actor, checked: CheckedRule, customer_id: int) -> Verdict:
    actor.require(KEY)
    customer = customers.visible_to(actor).filter(pk=customer_id).first()
    if customer is None:
        raise NotFound("There is no such customer.")
    context, warehouse = sources.context(), sources.warehouse()
    warehouse.sync()
    scan = expressions.scan(warehouse, [checked], context)
    compiled = scan.rules[0]
    listed = [one for group in checked.groups for one in group.conditions]
    columns: dict[str, Any] = {"whole": compiled.whole}
    for n, (one, flag) in enumerate(zip(listed, compiled.flat(), strict=True)):
        columns |= {f"c{n}": flag, f"v{n}": scan.values[one]}
    rows = warehouse.run(scan.table.filter(scan.table.id == customer_id).select(**columns)).to_pylist()
    if not rows:
        raise NotFound("This customer is not in the warehouse yet; try again in a moment.")
    row, n, groups = rows[0], 0, []
    for group in checked.groups:
        parts = []
        for one in group.conditions:
            value = operators.seen(row[f"v{n}"])
            if isinstance(one, OnField) and one.field.type is FieldType.USER and value is not None:
                value = context.users.get(value, f"user {value}")
            parts.append(Seen(sentences.condition(one, context.users), bool(row[f"c{n}"]), value))
            n += 1
        groups.append(parts)
    return Verdict(bool(row["whole"]), groups, customer, warehouse.as_of)
