"""What a campaign was worth, against a plain-Python oracle."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.channels.models import Delivery
from ceap.core.changelog import NewEntry, append
from ceap.events.actions import write_batch
from ceap.events.contracts import EVENTS, PRICED
from ceap.events.queries import warehouse
from ceap.kit import clock
from ceap.kit.ids import uuid7
from ceap.measurement import expressions, queries
from ceap.measurement.rules import Worth, step_of
from tests.actors import actor
from tests.campaigns.setting import launched
from tests.counts import often

LAUNCH = datetime(2026, 11, 2, 9)
MINE, OTHER = "mine", "other"
moments = st.integers(-3 * 24 * 6, 20 * 24 * 6).map(lambda n: LAUNCH + timedelta(minutes=10 * n))
touches = st.fixed_dictionaries({
    "customer": st.one_of(st.none(), st.integers(1, 4)),
    "name": st.sampled_from(["message_sent", "message_opened", "message_clicked", "message_bounced", "page_viewed"]),
    "at": moments.filter(lambda at: at >= LAUNCH),
    "campaign": st.sampled_from([MINE, MINE, OTHER, None]),
})  # fmt: skip
lines = st.fixed_dictionaries({
    "order_id": st.one_of(st.none(), st.sampled_from(["A", "B", "C"])),
    "customer": st.one_of(st.none(), st.integers(1, 4)),
    "original": st.decimals(-50, 100, places=2),
    "converted": st.booleans(),
    "at": moments,
})  # fmt: skip
COUNTS = ("message_sent", "message_delivered", "message_opened", "message_clicked")


def oracle(events: list[dict[str, Any]], bought: list[dict[str, Any]], days: int) -> tuple[int, int, Decimal, int]:
    """(orders, converted customers, revenue, lines without a rate), the long way round."""
    apart = 0
    touched = [(e["customer"], e["at"]) for e in events if e["campaign"] == MINE and e["name"] in COUNTS]
    orders: dict[Any, Decimal] = {}
    for n, line in enumerate(bought):
        near = any(
            who is not None and who == line["customer"] and at <= line["at"] < at + timedelta(days=days)
            for who, at in touched
        )
        if near and not line["converted"]:
            apart += 1
        elif near:
            order = (line["order_id"] or f"line {n}", line["customer"])
            orders[order] = orders.get(order, Decimal(0)) + line["original"]
    positive = [order for order, amount in orders.items() if amount > 0]
    return len(positive), len({who for _, who in positive}), sum(orders.values(), Decimal(0)), apart


@settings(max_examples=often(25, 100), deadline=None)
@given(st.lists(touches, max_size=6), st.lists(lines, max_size=12), st.integers(1, 10))
def test_worth_is_what_counting_by_hand_gives(
    events: list[dict[str, Any]], bought: list[dict[str, Any]], days: int
) -> None:
    import ibis

    rows = [{"seq": n, "key": str(n), **one} for n, one in enumerate(events)]
    sold = [{"key": str(n), "amount": one["original"] if one["converted"] else None, **one} for n, one in
            enumerate(bought)]  # fmt: skip
    orders = expressions.attributed_orders(
        ibis.memtable(pa.Table.from_pylist(rows, schema=EVENTS)),
        ibis.memtable(pa.Table.from_pylist(sold, schema=PRICED)), MINE, days, LAUNCH
    )  # fmt: skip
    (row,) = expressions.worth(orders).to_pyarrow().to_pylist()
    assert (row["orders"] or 0, row["converted"], row["revenue"] or 0, row["apart"] or 0) == oracle(
        events, bought, days
    )


def test_return_on_investment_is_profit_by_cost_and_nothing_where_nothing_was_spent() -> None:
    assert Worth(1, 1, Decimal(150), Decimal(100)).roi == Decimal("0.5")
    assert Worth(1, 1, Decimal(150), Decimal(0)).roi is None


@pytest.mark.parametrize(
    ("seconds", "unit"),
    [(0, "second"), (150, "second"), (151, "minute"), (9000, "minute"), (9001, "hour"), (1e7, "day")],
)
def test_a_timeline_has_at_most_about_150_bars(seconds: float, unit: str) -> None:
    assert step_of(seconds) == unit


@pytest.mark.req("C-9")
@pytest.mark.django_db
def test_a_purchase_after_a_touch_makes_orders_revenue_and_roi_move() -> None:
    from django.db import connection

    me = actor()
    made = launched(me, budget=Decimal(100), cost_fixed=Decimal("10.00"), cost_per_message=Decimal("0.50"))
    row = Delivery.objects.order_by("pk")[0]
    Delivery.objects.filter(pk=row.pk).update(state="sent", opened_at=made.launched_at)
    before = queries.campaign_report(me, made.pk)
    assert (before["orders"], before["revenue"], before["cost"], before["roi"]) == (0, "0", "10.500000", -1.0)
    assert made.launched_at
    at = made.launched_at + timedelta(minutes=1)
    touch = {"id": str(uuid7()), "name": "message_opened", "customer": row.customer_id, "campaign": str(made.pk)}
    with connection.cursor() as cursor:
        entry = NewEntry("event", {**touch, "at": at.isoformat()}, name="message_opened", customer=row.customer_id)
        append(cursor, [entry], connection.vendor)
    bought = pa.table({
        "order_id": ["A", "A", "B"], "customer": [row.customer_id] * 2 + [row.customer_id + 1],
        "quantity": [2, -1, 1], "unit_price": ["31.50", "10.50", "99"], "at": [at + timedelta(hours=1)] * 3,
    })  # fmt: skip
    with transaction.atomic():
        write_batch("purchases", bought)
    warehouse().sync()
    after = queries.campaign_report(me, made.pk)
    assert (after["orders"], after["converted"], Decimal(after["revenue"])) == (1, 1, Decimal("52.50"))
    assert (Decimal(after["profit"]), after["roi"]) == (Decimal("42"), 4.0)
    assert after["opened"] == 1
    points = after["timeline"]["points"]
    assert [point.get("opened") for point in points] == [1]
    assert datetime.fromisoformat(points[0]["at"]) <= at <= clock.now() + timedelta(hours=2)
