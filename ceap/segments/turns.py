"""When a condition about one customer becomes true or false while nothing happens but time.

It depends on time through "in the last …", "in the next …" and "more than … ago" of fields and moments, and through
windows that end now. Of customers in other segments nothing is foretold.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from ceap.segments.conditions import Checked, CheckedRule, OnBehaviour, OnCampaign, OnField, OnMoment, What
from ceap.segments.context import Context
from ceap.segments.counting import touched
from ceap.segments.rules import Comparison, Join, Measure
from ceap.segments.shapes import Shape
from ceap.segments.windows import A_MOMENT, Span, Unit, in_days, into_next, out_of_last, start_of

Rows = Sequence[Mapping[str, Any]]  # purchases or events, as the warehouse has them
COUNTED = ("at", "order_id", "amount", "quantity")  # columns of rows, as far as their table has them
_ALL_OR_ANY: Mapping[Join, Callable[[Sequence[bool]], bool]] = {Join.AND: all, Join.OR: any}


def looks_at(condition: Checked) -> tuple[Span, list[What]] | None:
    """The moving window that a condition counts in, and whose rows `turns` needs to be given; None for others."""
    match condition:
        case OnBehaviour(what, Measure.SHARE, _, _, Span() as window):
            return window, [what, what.whole]
        case OnBehaviour(what, _, _, _, Span() as window):
            return window, [what]
        case OnCampaign(window=Span() as window):
            names = (condition.mark.did, condition.mark.did_not)
            return window, [touched(name, condition.campaign) for name in names if name]
    return None


def turns(condition: Checked, value: Any, rows: Sequence[Rows], context: Context) -> Iterator[datetime]:
    """The instants after now at which the answer changes, in order.

    Args:
        value: what the condition sees: a date, a naive datetime in UTC, or None.
        rows: those of each that `looks_at(condition)` names, with `COUNTED`.
    """
    match condition:
        case OnField() | OnMoment() if condition.operator.shape is Shape.SPAN and value is not None:
            try:
                start, end = _true(condition.operator.key, value, condition.value, context.zone)
            except (OverflowError, ValueError):  # beyond the last year that there is
                return
            if end is None or start < end:
                yield from (at for at in (start, end) if at and at > context.now)
        case OnBehaviour(window=Span() as span):
            yield from _of_tallies(lambda seen: _measured(condition, seen), rows, span, context)
        case OnCampaign(window=Span() as span):
            wanted = [True] * bool(condition.mark.did) + [False] * bool(condition.mark.did_not)
            yield from _of_tallies(lambda seen: [t.rows > 0 for t in seen] == wanted, rows, span, context)


def of_rule(rule: CheckedRule, holds: Sequence[bool], coming: Sequence[Sequence[datetime]]) -> datetime | None:
    """When the answer of the whole rule changes; None: never.

    Args:
        holds: what each condition says now.
        coming: the turns of each.
    """

    def answer(said: Sequence[bool]) -> bool:
        parts, start = [], 0
        for group in rule.groups:
            end = start + len(group.conditions)
            parts.append(_ALL_OR_ANY[group.join](said[start:end]))
            start = end
        return _ALL_OR_ANY[rule.join](parts)

    said, first = list(holds), answer(holds)
    at: datetime
    merged = heapq.merge(*([(at, n) for at in each] for n, each in enumerate(coming)))
    for at, group in groupby(merged, key=lambda one: one[0]):
        for _, n in group:
            said[n] = not said[n]
        if answer(said) is not first:
            return at
    return None


def _instant(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def _gone(at: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """The first instant at which `at` is no longer in the last `span`."""
    if span.unit is Unit.HOURS:
        return at + timedelta(hours=span.count) + A_MOMENT
    return start_of(out_of_last(at.astimezone(zone).date(), span), zone)


def _near(at: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """The first instant at which `at` is in the next `span`."""
    if span.unit is Unit.HOURS:
        return at - timedelta(hours=span.count) + A_MOMENT
    return start_of(into_next(at.astimezone(zone).date(), span), zone)


def _true(operator: str, value: date, span: Span, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """From when (included) until when (excluded; None: for ever) an operator on a span of time is true of `value`."""
    if isinstance(value, datetime):
        at = _instant(value)
        gone, near = _gone(at, span, zone), _near(at, span, zone)
    else:
        span = in_days(span)
        at = start_of(value, zone)
        gone, near = start_of(out_of_last(value, span), zone), start_of(into_next(value, span), zone)
    return {"in_last": (at, gone), "before_last": (gone, None), "in_next": (near, at)}[operator]


@dataclass
class _Tally:
    """What the rows in a window add up to."""

    orders: Counter[str] = field(default_factory=Counter)
    priced: Counter[str] = field(default_factory=Counter)  # orders with an amount
    rows: int = 0
    amount: Decimal = Decimal(0)
    quantity: Decimal = Decimal(0)

    def move(self, row: Mapping[str, Any], sign: int) -> None:
        self.rows += sign
        self.amount += sign * (row.get("amount") or 0)
        self.quantity += sign * (row.get("quantity") or 0)
        if order := row.get("order_id"):
            for orders in (self.orders, self.priced)[: 1 if row.get("amount") is None else 2]:
                orders[order] += sign
                if not orders[order]:
                    del orders[order]


def _measured(condition: OnBehaviour, tallies: Sequence[_Tally]) -> bool:
    tally = tallies[0]
    count = len(tally.orders) if condition.what.behaviour == "purchased" else tally.rows
    times: int | Decimal = 1
    match condition.measure:
        case Measure.COUNT:
            seen = Decimal(count)
        case Measure.QUANTITY:
            seen = tally.quantity
        case Measure.AMOUNT:
            seen = tally.amount
        case Measure.AVERAGE:
            times = len(tally.priced)
            if not times:
                return False
            seen = tally.amount
        case Measure.SHARE:
            seen, times = 100 * tally.amount, tallies[1].amount
            if times <= 0:
                return False
    match condition.comparison:
        case Comparison.AT_LEAST:
            return bool(seen >= condition.value * times)
        case Comparison.AT_MOST:
            return bool(seen <= condition.value * times)
        case Comparison.EXACTLY:
            return bool(seen == condition.value * times)
        case Comparison.BETWEEN:
            return bool(condition.value[0] * times <= seen <= condition.value[1] * times)


def _of_tallies(
    holds: Callable[[Sequence[_Tally]], bool], rows: Sequence[Rows], span: Span, context: Context
) -> Iterator[datetime]:
    """Each row counts from its own moment until it falls out of the window."""
    tallies = [_Tally() for _ in rows]
    moves = []
    for tally, some in zip(tallies, rows, strict=True):
        for row in some:
            at = _instant(row["at"])
            moves += [(at, 1, tally, row), (_gone(at, span, context.zone), -1, tally, row)]
    moves.sort(key=lambda move: move[0])
    said = None
    for at, together in groupby(moves, key=lambda move: move[0]):
        if at > context.now and said is None:
            said = holds(tallies)
        for _, sign, tally, row in together:
            tally.move(row, sign)
        if at > context.now and holds(tallies) is not said:
            said = not said
            yield at
