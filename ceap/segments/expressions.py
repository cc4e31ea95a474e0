"""Rules as Ibis expressions over the warehouse: many rules in one scan of the customers."""

from __future__ import annotations

import functools
import operator as op
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
from pyroaring import BitMap

from ceap.consent.contracts import EMAIL_LIKE, EMAIL_NOT_LIKE
from ceap.segments.conditions import Checked, CheckedRule, OnBehaviour, OnCampaign, OnField, OnMoment, OnSegment
from ceap.segments.context import Setting
from ceap.segments.counting import TABLES, columns_of, per_customer
from ceap.segments.operators import decimal
from ceap.segments.rules import Comparison, Join, Measure

_JOIN = {Join.AND: op.and_, Join.OR: op.or_}
_RATIOS = {Measure.AVERAGE: 1, Measure.SHARE: 100}  # of two columns, and times what
_FACTOR = "decimal(20, 4)"  # leaves room for a product
_COMPARE = {Comparison.AT_LEAST: op.ge, Comparison.AT_MOST: op.le, Comparison.EXACTLY: op.eq}


class Tables(Protocol):
    def table(self, name: str) -> ir.Table: ...


@dataclass(frozen=True)
class Compiled:
    """A rule over `Scan.table`; `conditions` in the order of `rule.flat()`."""

    rule: CheckedRule
    conditions: tuple[ir.BooleanValue, ...]

    @property
    def whole(self) -> ir.BooleanValue:
        return self.joined(self.conditions)

    def joined(self, conditions: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
        """The whole, from what says the same as `conditions`."""
        left = iter(conditions)
        groups = [
            functools.reduce(_JOIN[group.join], [next(left) for _ in group.conditions]) for group in self.rule.groups
        ]
        return functools.reduce(_JOIN[self.rule.join], groups)


@dataclass(frozen=True)
class Scan:
    """One row per customer, with a column per behaviour asked for, and the rules compiled over it."""

    table: ir.Table
    rules: tuple[Compiled, ...]
    values: dict[Checked, ir.Value]  # what each condition looks at, to show it


def _among(table: ir.Table, column: str, chosen: ir.Table | None) -> ir.Table:
    """The rows whose `column` is one of the keys `chosen`; all when None."""
    if chosen is None:
        return table
    return table.semi_join(chosen, table[column] == chosen.key)


def _fetched(table: ir.Table, chosen: ir.Table | None) -> ir.Table:
    """The customers whose keys are `chosen`; all when None.

    Where the engine numbers its rows, the rows are found by their key alone and then fetched by their number: what
    changed was written lately and lies together, so that the other columns are read for few rows.
    """
    if chosen is None or not table.get_backend().has_operation(ops.RowID):
        return _among(table, "id", chosen)
    found = table.select(key=table.id, row=table.rowid()).semi_join(chosen, "key")
    return table.filter(table.rowid().isin(found.row))


def scan(tables: Tables, rules: Iterable[CheckedRule], context: Setting, only: Iterable[int] | None = None) -> Scan:
    """Compile `rules` together, so that each table is read once whatever their number.

    Args:
        context: also gives the members of the segments that the rules refer to.
        only: the customers to look at; None for all. `Parameters` take no notice of who they are.
    """
    listed, some = tuple(rules), None if only is None else BitMap(only)
    chosen = None if some is None else context.looked(some)
    found = [one for rule in listed for one in rule.flat()]
    seen = dict.fromkeys(column for one in found for column in columns_of(one))
    columns = {column: f"seen_{n}" for n, column in enumerate(seen)}
    table = _fetched(tables.table("customers"), chosen)
    for behaviour, name in TABLES.items():
        asked = {key: column for column, key in columns.items() if column.what.behaviour == behaviour}
        if asked:
            counts = per_customer(_among(tables.table(name), "customer", chosen), asked, context)
            table = table.left_join(counts, table.id == counts.customer).drop("customer")
    inside: dict[UUID, str] = {}
    for one in found:
        if isinstance(one, OnSegment) and one.segment not in inside:
            inside[one.segment] = name = f"inside_{len(inside)}"
            people = context.inside(one.segment, some).rename({name: "key"})
            table = table.left_join(people, table.id == people[name])

    def value(condition: Checked) -> ir.Value:
        match condition:
            case OnField():
                return table[condition.field.column]
            case OnSegment():
                return table[inside[condition.segment]].notnull()
            case OnMoment():
                return table[columns[columns_of(condition)[0]]]
        seen = [table[columns[column]].fill_null(0) for column in columns_of(condition)]
        if isinstance(condition, OnBehaviour) and (times := _RATIOS.get(condition.measure)):
            return times * seen[0].cast("float64") / seen[1].cast("float64").nullif(0)
        return seen[0]

    def true(condition: Checked) -> ir.BooleanValue:
        match condition:
            case OnField() | OnMoment():
                return condition.operator.build(value(condition), condition.value, context)
            case OnSegment():
                return ~value(condition) if condition.negated else value(condition)
            case OnCampaign():
                names = [name for name in (condition.mark.did, condition.mark.did_not) if name]
                seen = [table[columns[column]].fill_null(0) for column in columns_of(condition)]
                tests = [n > 0 if name == condition.mark.did else n == 0 for name, n in zip(names, seen, strict=True)]
                return functools.reduce(op.and_, tests)
        return _measured(condition, [table[columns[column]].fill_null(0) for column in columns_of(condition)])

    tests = {one: true(one) for one in found}
    compiled = (Compiled(rule, tuple(tests[one] for one in rule.flat())) for rule in listed)
    return Scan(table, tuple(compiled), {one: value(one) for one in found})


def _measured(condition: OnBehaviour, seen: Sequence[ir.Value]) -> ir.BooleanValue:
    """The measure compared. An average is compared as amount with orders × value, a share alike, which is exact."""
    ratio, counted = condition.measure in _RATIOS, condition.measure is Measure.COUNT
    left = seen[0]
    if condition.measure is Measure.SHARE:
        left, seen = 100 * seen[0].cast(_FACTOR), [seen[0], seen[1].cast(_FACTOR)]

    def side(wanted: Any) -> ir.Value:
        number = ibis.literal(wanted) if counted else decimal(wanted)
        return number * seen[1] if ratio else number

    if condition.comparison is Comparison.BETWEEN:
        found = (left >= side(condition.value[0])) & (left <= side(condition.value[1]))
    else:
        found = _COMPARE[condition.comparison](left, side(condition.value))
    return found & (seen[1] > 0) if ratio else found


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
