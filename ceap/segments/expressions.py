"""Rules as Ibis expressions over the warehouse: many rules in one scan of the customers."""

from __future__ import annotations

import functools
import operator as op
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import ibis
import ibis.expr.types as ir

from ceap.consent.contracts import EMAIL_LIKE, EMAIL_NOT_LIKE
from ceap.segments.operators import Context, moment, text_is
from ceap.segments.rules import Join
from ceap.segments.validation import Checked, CheckedRule, OnBehaviour, OnField
from ceap.segments.windows import since

_JOIN = {Join.AND: op.and_, Join.OR: op.or_}
_COMPARE = {"at_least": op.ge, "at_most": op.le, "exactly": op.eq}
COUNTED = {"purchased": "purchases", "did": "events"}  # behaviour -> table


class Tables(Protocol):
    def table(self, name: str) -> ir.Table: ...


@dataclass(frozen=True)
class Compiled:
    """A rule over `Scan.table`: the whole, and each condition of each group."""

    whole: ir.BooleanValue
    conditions: tuple[tuple[ir.BooleanValue, ...], ...]

    def flat(self) -> list[ir.BooleanValue]:
        return [one for group in self.conditions for one in group]


@dataclass(frozen=True)
class Scan:
    """One row per customer, with a column per behaviour asked for, and the rules compiled over it."""

    table: ir.Table
    rules: tuple[Compiled, ...]
    values: dict[Checked, ir.Value]  # what each condition looks at, to show it


Counted = tuple[str, str | None, object, tuple[tuple[str, str], ...]]


def _counted(condition: OnBehaviour) -> Counted:
    """What is counted, apart from how many are asked for."""
    return condition.behaviour, condition.event, condition.window, condition.filters


def _which(table: ir.Table, counted: OnBehaviour, context: Context) -> ir.BooleanValue:
    """The rows of purchases or events that count."""
    tests: list[ir.BooleanValue] = []
    if counted.behaviour == "purchased":
        tests.append(table.quantity > 0)
    else:
        tests.append(table.name == counted.event)
    if counted.window:
        tests += [table["at"] >= moment(since(context.now, counted.window, context.zone))]
        tests += [table["at"] <= moment(context.now)]
    for on, value in counted.filters:
        if on == "item" and counted.behaviour == "purchased":
            tests.append(text_is(table["item"], value) | text_is(table["item_name"], value))
        elif on == "campaign":
            tests.append(table["campaign"].cast("string") == value)
        else:
            tests.append(text_is(table[on], value))
    return functools.reduce(op.and_, tests)


def _counts(source: ir.Table, asked: Sequence[tuple[str, OnBehaviour]], context: Context) -> ir.Table:
    """Per customer, how many orders or events count for each of `asked` (column name, behaviour)."""
    flags = {name: _which(source, behaviour, context) for name, behaviour in asked}
    rows = source.filter(source.customer.notnull(), functools.reduce(op.or_, flags.values()))
    flags = {name: _which(rows, behaviour, context) for name, behaviour in asked}
    purchases = asked[0][1].behaviour == "purchased"
    return rows.group_by("customer").agg(
        **{
            name: rows.order_id.nunique(where=flag) if purchases else flag.ifelse(1, 0).sum()
            for name, flag in flags.items()
        }
    )


def scan(tables: Tables, rules: Iterable[CheckedRule], context: Context) -> Scan:
    """Compile `rules` together, so that each table is read once whatever their number."""
    listed = tuple(rules)
    found = [one for rule in listed for group in rule.groups for one in group.conditions]
    columns: dict[Counted, str] = {}
    asked: dict[str, list[tuple[str, OnBehaviour]]] = {}
    for one in found:
        if isinstance(one, OnBehaviour) and _counted(one) not in columns:
            name = columns[_counted(one)] = f"times_{len(columns)}"
            asked.setdefault(COUNTED[one.behaviour], []).append((name, one))
    table = tables.table("customers")
    for name, behaviours in asked.items():
        counts = _counts(tables.table(name), behaviours, context)
        table = table.left_join(counts, table.id == counts.customer).drop("customer")

    def value(condition: Checked) -> ir.Value:
        if isinstance(condition, OnField):
            return table[condition.field.column]
        return table[columns[_counted(condition)]].fill_null(0)

    def true(condition: Checked) -> ir.BooleanValue:
        if isinstance(condition, OnField):
            return condition.operator.build(value(condition), condition.value, context)
        return _COMPARE[condition.comparison](value(condition), condition.times)

    def compiled(rule: CheckedRule) -> Compiled:
        groups = tuple(tuple(true(one) for one in group.conditions) for group in rule.groups)
        joined = [functools.reduce(_JOIN[group.join], parts) for group, parts in zip(rule.groups, groups, strict=True)]
        return Compiled(functools.reduce(_JOIN[rule.join], joined), groups)

    return Scan(table, tuple(compiled(rule) for rule in listed), {one: value(one) for one in found})


def how_many(flag: ir.BooleanValue) -> ir.IntegerScalar:
    """How many rows are true."""
    return flag.ifelse(1, 0).sum().fill_null(0)


def numbers(found: Scan) -> ir.Table:
    """One row: total, matched, and c0, c1 … per condition of the first rule, in one scan."""
    rule = found.rules[0]
    parts = {f"c{n}": how_many(one) for n, one in enumerate(rule.flat())}
    return found.table.aggregate(total=found.table.count(), matched=how_many(rule.whole), **parts)


def matched(found: Scan) -> ir.Table:
    """The ids of the customers that the first rule selects."""
    return found.table.filter(found.rules[0].whole).select("id")


def flags(found: Scan, extra: dict[str, ir.BooleanValue]) -> ir.Table:
    """id and one boolean column m0, m1 … per rule, beside `extra`."""
    whole = {f"m{n}": rule.whole for n, rule in enumerate(found.rules)}
    return found.table.select("id", **whole, **extra)


@ibis.udf.scalar.builtin
def trim(text: str) -> str:  # type: ignore[empty-body]
    """SQL's TRIM, which takes away spaces alone, as the gate does."""


def reachable(customers: ir.Table) -> dict[str, ir.BooleanValue]:
    """Who can be reached by email and by WhatsApp (a phone or BSUID, and a chatroom) (S-10): the gate's "reachable"."""
    address = trim(customers.email)
    tests = [address.like(EMAIL_LIKE), *(~address.like(pattern) for pattern in EMAIL_NOT_LIKE)]
    return {
        "email_ok": functools.reduce(op.and_, tests).fill_null(False),
        "whatsapp_ok": (customers.phone.notnull() | customers.bsuid.notnull()) & customers.chatroom,
    }
