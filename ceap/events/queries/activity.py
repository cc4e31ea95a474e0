"""What customers did, for those who may see them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import msgspec
import pyarrow as pa
from ibis import _

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import organisation
from ceap.customers.queries import visible_to
from ceap.events import expressions
from ceap.events.contracts import Activity, Line, Summary
from ceap.events.queries.reading import warehouse
from ceap.kit.moments import usable
from ceap.kit.pagination import page_by
from ceap.kit.problem import NotFound

LIST = "activity of a customer"


def timeline(
    actor: Actor, customer: int, cursor: str | None = None, limit: int = 50
) -> tuple[list[Activity], str | None]:
    """Events and orders of one customer, newest first, and the cursor of the next page.

    Raises:
        NotFound: there is no such customer, or `actor` may not see it.
    """
    _seen(actor, customer)
    house = warehouse()
    events = house.table("events").filter(_.customer == customer)
    purchases = house.table("purchases").filter(_.customer == customer)
    listed = expressions.activity(events, purchases)
    return _page(listed, events, purchases, cursor, limit)


def orders(
    actor: Actor, customer: int, cursor: str | None = None, limit: int = 50
) -> tuple[list[Activity], str | None]:
    """Orders of one customer with their lines, newest first, and the cursor of the next page.

    Raises:
        NotFound: there is no such customer, or `actor` may not see it.
    """
    _seen(actor, customer)
    purchases = warehouse().table("purchases").filter(_.customer == customer)
    listed = expressions.orders(purchases).select(kind=ibis.literal("order"), key=_.order, at=_.at)
    return _page(listed, None, purchases, cursor, limit)


def purchase_summary(
    actor: Actor, start: date | None = None, end: date | None = None, *, valid: bool = False
) -> Summary:
    """Lines, orders, customers and the exact total of the purchases that `actor` may see.

    Args:
        start, end: days in the organisation's time zone, both inclusive.
        valid: only real sales of known customers (`expressions.valid`).
    """
    level = actor.require("customers_view")
    house = warehouse()
    zone = ZoneInfo(organisation().time_zone)
    first = _midnight(usable("from", start), zone) if start else None
    after = _midnight(usable("to", end) + timedelta(days=1), zone) if end else None
    table = expressions.between(house.table("purchases"), first, after)
    if valid:
        table = expressions.valid(table)
    if level is not Level.ALL:
        table = table.semi_join(_visible(actor), [("customer", "id")])
    row = house.run(expressions.summary(table)).to_pylist()[0]
    return Summary(row["lines"], row["orders"], row["customers"], row["total"] or Decimal(0), row["apart"] or 0)


def event_names(actor: Actor) -> list[tuple[str, int]]:
    """Every event name of customers that `actor` may see, and how often, the most frequent first."""
    level = actor.require("customers_view")
    house = warehouse()
    events = house.table("events")
    if level is not Level.ALL:
        events = events.semi_join(_visible(actor), [("customer", "id")])
    counted = events.group_by("name").aggregate(count=_.count())
    rows = house.run(counted.order_by([_["count"].desc(), _.name])).to_pylist()
    return [(row["name"] or "", row["count"]) for row in rows]


def _visible(actor: Actor) -> ibis.Table:
    """The keys of the customers that `actor` may see, in the column "id"."""
    return ibis.memtable(pa.table({"id": pa.array(list(visible_to(actor).values_list("pk", flat=True)), pa.int64())}))


def _seen(actor: Actor, customer: int) -> None:
    if not visible_to(actor).filter(pk=customer).exists():
        raise NotFound("There is no such customer.")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)


def _page(
    listed: ibis.Table, events: ibis.Table | None, purchases: ibis.Table, cursor: str | None, limit: int
) -> tuple[list[Activity], str | None]:
    def behind(last: list[Any] | None, count: int) -> list[dict[str, Any]]:
        rest = listed
        if last:
            rest = expressions.before(listed, datetime.fromisoformat(last[0]), last[1], last[2])
        rows = warehouse().run(rest.order_by([_.at.desc(), _.kind, _.key]).limit(count)).to_pylist()
        return list(rows)

    values = ("at", "kind", "key")
    page, following = page_by(behind, lambda row: [row[n] for n in values], of=LIST, cursor=cursor, limit=limit)
    said = _events(events, [r["key"] for r in page if r["kind"] == "event"])
    bought = _orders(purchases, [r["key"] for r in page if r["kind"] == "order"])
    found = [said[r["key"]] if r["kind"] == "event" else bought[r["key"]] for r in page]
    return found, following


def _events(events: ibis.Table | None, keys: list[str]) -> dict[str, Activity]:
    if events is None or not keys:
        return {}
    rows = warehouse().run(events.filter(_.key.isin(keys))).to_pylist()
    return {
        row["key"]: Activity(
            kind="event", key=row["key"], at=row["at"].replace(tzinfo=UTC), name=row["name"] or "", item=row["item"],
            amount=row["amount"], campaign=row["campaign"], props=_object(row["props"]),
        )
        for row in rows
    }  # fmt: skip


def _orders(purchases: ibis.Table, ids: list[str]) -> dict[str, Activity]:
    if not ids:
        return {}
    named = purchases.mutate(order=_.order_id.fill_null(_.key))
    rows = warehouse().run(named.filter(_.order.isin(ids)).order_by("key")).to_pylist()
    found: dict[str, Activity] = {}
    for order in ids:
        mine = [row for row in rows if row["order"] == order]
        amounts = [row["original"] for row in mine if row["original"] is not None]
        one = len({row["currency"] for row in mine}) == 1
        found[order] = Activity(
            kind="order", key=order, at=min(row["at"] for row in mine).replace(tzinfo=UTC), name="purchase",
            amount=sum(amounts, Decimal(0)) if amounts and one else None, currency=mine[0]["currency"] if one else None,
            outlet=mine[0]["outlet"], props=_object(mine[0]["props"]),
            lines=[
                Line(row["key"], row["item"], row["item_name"], row["category"], row["quantity"], row["unit_price"],
                     row["original"])
                for row in mine
            ],
        )  # fmt: skip
    return found


def _object(text: str | None) -> dict[str, Any]:
    said = msgspec.json.decode(text) if text else {}
    return said if isinstance(said, dict) else {"value": said}
