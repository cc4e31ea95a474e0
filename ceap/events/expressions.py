"""Ibis expressions over events and purchases."""

from __future__ import annotations

from datetime import datetime

import ibis
from ibis import _


def valid(purchases: ibis.Table) -> ibis.Table:
    """Lines that are real sales of known customers: no cancellations (order ids that start with C), no prices or
    quantities of zero or less, no missing customer."""
    return purchases.filter(
        _.customer.notnull(), _.quantity > 0, _.unit_price > 0, ~_.order_id.fill_null("").startswith("C")
    )


def between(table: ibis.Table, start: datetime | None, end: datetime | None) -> ibis.Table:
    """Rows whose `at` (UTC) lies in [start, end)."""
    if start is not None:
        table = table.filter(_.at >= ibis.literal(start, type="timestamp"))
    return table if end is None else table.filter(_.at < ibis.literal(end, type="timestamp"))


def summary(purchases: ibis.Table) -> ibis.Table:
    """One row: lines, orders, customers, total (exact), and the lines kept apart from it for want of a rate."""
    return purchases.aggregate(
        lines=_.count(), orders=_.order_id.nunique(), customers=_.customer.nunique(), total=_.amount.sum(),
        apart=apart(purchases).ifelse(1, 0).sum(),
    )  # fmt: skip


def apart(purchases: ibis.Table) -> ibis.Expr:
    """Which lines have an amount that could not be converted into the organisation's currency."""
    return purchases.original.notnull() & purchases.amount.isnull()


def orders(purchases: ibis.Table) -> ibis.Table:
    """One row an order: order_id, at (its first line's), lines, amount; lines without an order id are orders alone."""
    named = purchases.mutate(order=_.order_id.fill_null(_.key))
    return named.group_by("order").aggregate(at=_.at.min(), lines=_.count(), amount=_.amount.sum())


def activity(events: ibis.Table, purchases: ibis.Table) -> ibis.Table:
    """Events and orders as one list: kind ("event" or "order"), key, at."""
    happened = events.select(kind=ibis.literal("event"), key=_.key, at=_.at)
    bought = orders(purchases).select(kind=ibis.literal("order"), key=_.order, at=_.at)
    return happened.union(bought)


def before(table: ibis.Table, at: datetime, kind: str, key: str) -> ibis.Table:
    """Rows after the given one in the order newest first, then kind, then key."""
    moment = ibis.literal(at, type="timestamp")
    later = (_.at == moment) & ((_.kind > kind) | ((_.kind == kind) & (_.key > key)))
    return table.filter((_.at < moment) | later)
