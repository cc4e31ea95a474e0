"""What customers did, per customer: each table of behaviour is read and grouped once for all that is asked of it."""

from __future__ import annotations

import functools
import operator as op
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from ceap.segments.conditions import PROPERTY, Checked, Narrowed, OnBehaviour, OnCampaign, OnMoment, What
from ceap.segments.context import Setting, moment
from ceap.segments.operators import EMPTY, IS, NUMBER
from ceap.segments.rules import Measure
from ceap.segments.shapes import Shape
from ceap.segments.windows import Dates, Span, just_after, of_dates, since

TABLES = {"purchased": "purchases", "did": "events"}  # behaviour -> table
_NUMERIC = r"^-?[0-9]{1,15}([.][0-9]{1,15})?$"
_NEGATIVE = frozenset({"is_not", "not_contains"})
_MACHINE = "machine"  # the verdict of the data plane on openings and clicks that no person made


@dataclass(frozen=True)
class Column:
    """One number or moment per customer. `kind`: count, priced (orders with an amount), amount, quantity, first or
    last."""

    kind: str
    what: What
    window: Span | Dates | None = None


def columns_of(condition: Checked) -> tuple[Column, ...]:
    """What a condition needs to know of each customer's behaviour."""
    match condition:
        case OnBehaviour(what, Measure.AVERAGE, _, _, window):
            return Column("amount", what, window), Column("priced", what, window)
        case OnBehaviour(what, Measure.SHARE, _, _, window):
            return Column("amount", what, window), Column("amount", what.whole, window)
        case OnBehaviour(what, measure, _, _, window):
            return (Column(str(measure), what, window),)
        case OnMoment(what, which, _, _):
            return (Column(str(which), what),)
        case OnCampaign():
            names = (condition.mark.did, condition.mark.did_not)
            return tuple(Column("count", touched(name, condition.campaign), condition.window) for name in names if name)
    return ()


def touched(name: str, campaign: str | None) -> What:
    """The events of a campaign's messages (of any, when None) named `name`, without those of machines."""
    filters = (Narrowed("campaign", IS, campaign),) if campaign else ()
    return What("did", name, filters, persons=name in ("message_opened", "message_clicked"))


def pointer(name: str) -> str:
    """The JSON pointer (RFC 6901) of a property: engines read a bare `a.b` or `$c` as a path."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _text_of(table: ir.Table, name: str) -> ir.StringValue:
    """A property that is a text, or "true" or "false"."""
    found = table.props.cast("json")[pointer(name)]
    flag = found.bool
    return ibis.coalesce(found.str, ibis.cases((flag, "true"), (~flag, "false")))


def _number_of(table: ir.Table, name: str) -> ir.FloatingValue:
    """A property that is a number, or a text that reads like one."""
    found = table.props.cast("json")[pointer(name)]
    text = found.str
    return ibis.coalesce(found.float, ibis.cases((text.re_search(_NUMERIC), text.cast("float64"))))


def _fits(table: ir.Table, one: Narrowed, purchases: bool, context: Setting) -> ir.BooleanValue:
    """Whether a row's `one.on` fits; null counts as no."""
    if one.on == "item" and purchases:
        return _either(table, one, context)
    if not one.on.startswith(PROPERTY):
        casts = {"campaign": "string", "quantity": "decimal(22, 4)"}
        column = table[one.on].cast(casts[one.on]) if one.on in casts else table[one.on]
        return one.operator.build(column, one.value, context)
    name = one.on.removeprefix(PROPERTY)
    if one.operator.key in ("is_empty", "is_not_empty"):
        present = _number_of(table, name).notnull() | (_text_of(table, name) != "").fill_null(False)
        return ~present if one.operator.key == "is_empty" else present
    number = one.operator in NUMBER
    return one.operator.build(_number_of(table, name) if number else _text_of(table, name), one.value, context)


def _either(table: ir.Table, one: Narrowed, context: Setting) -> ir.BooleanValue:
    """An item has an id and a name: one of them fits, or for "not": neither fits, and it has one."""
    both = (table["item"], table["item_name"])
    present = functools.reduce(op.or_, [(column != "").fill_null(False) for column in both])
    if one.operator.shape is Shape.NONE:
        return ~present if one.operator.key == EMPTY.key else present
    fits = [one.operator.build(column, one.value, context) for column in both]
    if one.operator.key in _NEGATIVE:
        return present & functools.reduce(op.and_, [fit.fill_null(True) | (column == "") for fit, column in
                                                    zip(fits, both, strict=True)])  # fmt: skip
    return functools.reduce(op.or_, [fit.fill_null(False) for fit in fits])


def _within(at: ir.TimestampValue, window: Span | Dates, context: Setting) -> list[ir.BooleanValue]:
    if isinstance(window, Span):
        return [at >= context.moment(since, window), at < context.moment(just_after)]
    start, end = of_dates(window, context.zone)
    return [*([at >= moment(start)] if start else []), *([at < moment(end)] if end else [])]


def which(table: ir.Table, what: What, window: Span | Dates | None, context: Setting) -> ir.BooleanValue:
    """The rows of purchases or events that count."""
    purchases = what.behaviour == "purchased"
    tests: list[ir.BooleanValue] = [table.quantity > 0] if purchases else [table.name == what.event]
    if window:
        tests += _within(table["at"], window, context)
    tests += [_fits(table, one, purchases, context) for one in what.filters]
    if what.persons:
        tests.append((_text_of(table, "verdict") != _MACHINE).fill_null(True))
    return functools.reduce(op.and_, tests)


def _aggregate(rows: ir.Table, column: Column, flag: ir.BooleanValue) -> ir.Value:
    match column.kind:
        case "count" if column.what.behaviour == "purchased":
            return rows.order_id.nunique(where=flag)
        case "priced":
            return rows.order_id.nunique(where=flag & rows.amount.notnull())
        case "count":
            return flag.ifelse(1, 0).sum()
        case "first":
            return rows["at"].min(where=flag)
        case "last":
            return rows["at"].max(where=flag)
    return rows[column.kind].sum(where=flag).cast("decimal(38, 4)")


def per_customer(source: ir.Table, asked: Mapping[str, Column], context: Setting) -> ir.Table:
    """A row for each customer of whom something counts, with the columns asked for by name, and `customer`."""
    parts = list(dict.fromkeys((column.what, column.window) for column in asked.values()))
    some = functools.reduce(op.or_, [which(source, *part, context) for part in parts])
    rows = source.filter(source.customer.notnull(), some)
    flags = {part: which(rows, *part, context).fill_null(False) for part in parts}
    return rows.group_by("customer").agg(
        **{name: _aggregate(rows, column, flags[column.what, column.window]) for name, column in asked.items()}
    )


def of_customer(source: ir.Table, what: What, customer: int, since: datetime, context: Setting) -> ir.Table:
    """The rows of one customer that count and are not older than `since`."""
    return source.filter(source.customer == customer, source["at"] >= moment(since), which(source, what, None, context))
