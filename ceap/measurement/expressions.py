"""Ibis expressions of measurement, from named parts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis
from ibis.expr.types import Table

TOUCHES = ("message_sent", "message_delivered", "message_opened", "message_clicked")


def touches(events: Table, campaign_id: str) -> Table:
    """(customer, touched): every moment the campaign touched somebody."""
    mine = events.filter(events.campaign == campaign_id, events.name.isin(TOUCHES), events.customer.notnull())
    return mine.select(mine.customer, touched=mine.at)


def attributed_orders(
    events: Table, purchases: Table, campaign_id: str, days: int, since: datetime
) -> Table:  # fmt: skip
    """(order, customer, amount, apart): orders placed within `days` days after any touch, their lines netted.

    A line counts once, however many touches came before it; cancelled lines are negative. A line without an order is
    an order by itself. `apart`: lines whose currency has no rate; they are in no amount.

    Args:
        since: before the first touch (naive, UTC); lines before it need not be looked at.
    """
    touched = touches(events, campaign_id).rename(who="customer")
    ours = purchases.filter(purchases.at >= since)
    lines = _within(ours.mutate(order=ibis.coalesce(ours.order_id, ours.key)), touched, days)
    apart = (lines.original.notnull() & lines.amount.isnull()).ifelse(1, 0).sum()
    return lines.group_by("order", "customer").aggregate(amount=lines.amount.sum(), apart=apart)


def _within(purchases: Table, touched: Table, days: int) -> Table:
    return purchases.join(
        touched,
        [
            purchases.customer == touched.who,
            purchases.at >= touched.touched,
            purchases.at < touched.touched + ibis.interval(days=days),
        ],
        how="semi",
    )


def worth(orders: Table) -> Table:
    """One row: orders, converted customers (with a positive order), revenue, lines kept apart from it."""
    bought: Any = orders.amount > 0
    return orders.aggregate(
        orders=bought.sum(), converted=orders.customer.nunique(where=bought), revenue=orders.amount.sum(),
        apart=orders.apart.sum(),
    )  # fmt: skip


def timeline(events: Table, campaign_id: str, unit: str) -> Table:
    """(at, name, count) of the campaign's message events, per `unit` of time (UTC)."""
    mine = events.filter(events.campaign == campaign_id, events.name.startswith("message_"))
    per = mine.mutate(bar=mine.at.truncate({"second": "s", "minute": "m", "hour": "h", "day": "D"}[unit]))
    return per.group_by("bar", "name").aggregate(count=per.count()).order_by("bar", "name")


def span(events: Table, campaign_id: str) -> Table:
    """One row: the first and the last message event of the campaign."""
    mine = events.filter(events.campaign == campaign_id, events.name.startswith("message_"))
    return mine.aggregate(first=mine.at.min(), last=mine.at.max())
