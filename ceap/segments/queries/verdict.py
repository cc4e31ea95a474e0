"""Why one customer is in or out, and when that would change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.customers import queries as customers
from ceap.customers.contracts import FieldType
from ceap.kit.clock import now
from ceap.kit.problem import Forbidden, NotFound
from ceap.segments import expressions, operators, sentences, sources, turns
from ceap.segments.conditions import Checked, CheckedRule, OnField
from ceap.segments.context import Context
from ceap.segments.contracts import Kind
from ceap.segments.counting import TABLES, of_customer
from ceap.segments.models import Segment
from ceap.segments.queries.checking import checked as check
from ceap.segments.queries.segments import KEY, current, members
from ceap.segments.queries.words import RULE_HIDDEN, hides
from ceap.segments.windows import since


@dataclass(frozen=True)
class Seen:
    """One condition about one customer: its words, whether it holds, the value it looked at.

    `changes_at`: when it would begin, or cease, to hold if nothing else happened; None: never.
    """

    words: str
    holds: bool
    value: Any
    changes_at: datetime | None


@dataclass(frozen=True)
class Verdict:
    """Whether a rule selects one customer now, each condition of each group, and when the whole would change."""

    matches: bool
    changes_at: datetime | None
    groups: list[list[Seen]]
    customer: Any
    as_of: datetime


def why(actor: Actor, rule: Any, customer_id: int) -> Verdict:
    """Test one customer against a rule that `actor` writes.

    Raises:
        NotFound: there is no such customer, or `actor` may not see it.
        Invalid: the rule is wrong.
    """
    actor.require(KEY)
    return _why(actor, check(rule, actor), customer_id)


def why_member(actor: Actor, segment: Segment, customer_id: int) -> Verdict:
    """Test one customer against the rule of a segment, or look whether its list or its model has it.

    Raises:
        NotFound: there is no such customer, or `actor` may not see it.
        Forbidden: the rule uses a field that the actor's role may not see.
    """
    actor.require(KEY)
    if hides(actor, segment.rule):
        raise Forbidden(RULE_HIDDEN)
    if segment.kind != Kind.RULE:
        version = current(segment)
        holds = version is not None and customer_id in members(version)
        where = "is on the list of" if segment.kind == Kind.STATIC else "is put by the model into"
        seen = Seen(f"{where} “{segment.name}”", holds, None, None)
        return Verdict(holds, None, [[seen]], _customer(actor, customer_id), now())
    return _why(actor, check(segment.rule, seen_by=actor), customer_id)


def _why(actor: Actor, rule: CheckedRule, customer_id: int) -> Verdict:
    customer = _customer(actor, customer_id)
    context, warehouse = sources.context(), sources.warehouse()
    warehouse.sync()
    found = verdict(warehouse, rule, customer_id, context)
    if found is None:
        raise NotFound("This customer is not in the warehouse yet; try again in a moment.")
    matches, seen, changes_at = found
    each = iter(seen)
    groups = [[next(each) for _ in group.conditions] for group in rule.groups]
    return Verdict(matches, changes_at, groups, customer, warehouse.as_of)


def _customer(actor: Actor, customer_id: int) -> Any:
    customer = customers.visible_to(actor).filter(pk=customer_id).first()
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer


def verdict(
    warehouse: sources.Warehouse, rule: CheckedRule, customer: int, context: Context
) -> tuple[bool, list[Seen], datetime | None] | None:
    """Whether a rule selects a customer, each of its conditions, when the whole would change; None: no such customer.

    The moment is the context's, also when that is not the present.
    """
    listed = rule.flat()
    scan = expressions.scan(warehouse, [rule], context, BitMap([customer]))
    columns: dict[str, Any] = {"whole": scan.rules[0].whole}
    for n, (one, flag) in enumerate(zip(listed, scan.rules[0].conditions, strict=True)):
        columns |= {f"c{n}": flag, f"v{n}": scan.values[one]}
    rows = warehouse.run(scan.table.select(**columns)).to_pylist()
    if not rows:
        return None
    row = rows[0]
    holds = [bool(row[f"c{n}"]) for n in range(len(listed))]
    coming = [list(_turns(warehouse, one, row[f"v{n}"], customer, context)) for n, one in enumerate(listed)]
    seen = [
        Seen(sentences.condition(one, context.users), holds[n], _shown(one, row[f"v{n}"], context), _first(coming[n]))
        for n, one in enumerate(listed)
    ]
    return bool(row["whole"]), seen, turns.of_rule(rule, holds, coming)


def _first(coming: list[datetime]) -> datetime | None:
    return coming[0] if coming else None


def _turns(
    warehouse: sources.Warehouse, one: Checked, value: Any, customer: int, context: Context
) -> Iterator[datetime]:
    rows = []
    if looked := turns.looks_at(one):
        window, whats = looked
        start = since(context.now, window, context.zone)
        for what in whats:
            table = warehouse.table(TABLES[what.behaviour])
            wanted = [name for name in turns.COUNTED if name in table.columns]
            rows.append(warehouse.run(of_customer(table, what, customer, start, context).select(*wanted)).to_pylist())
    return turns.turns(one, value, rows, context)


def _shown(one: Checked, value: Any, context: Context) -> Any:
    seen = operators.seen(value)
    if isinstance(one, OnField) and one.field.type is FieldType.USER and seen is not None:
        return context.users.get(seen, f"user {seen}")
    return seen
