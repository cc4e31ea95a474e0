"""Over HTTP: a customer's timeline, orders, event names, freshness; items of the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from ceap.accounts.contracts import Level
from ceap.catalog import actions as catalog
from ceap.catalog.contracts import NewItem
from ceap.core import changelog
from ceap.customers.models import Customer
from ceap.events.models import Entry
from ceap.events.queries import warehouse
from ceap.kit.problem import Forbidden, Invalid
from tests import actors

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def customer(**values: Any) -> int:
    return Customer.objects.create(created_at=AT, updated_at=AT, **values).pk


def append(*entries: changelog.NewEntry) -> None:
    with connection.cursor() as cursor:
        changelog.append(cursor, entries, connection.vendor)
    warehouse().sync()


def lines(n: int) -> list[dict[str, Any]]:
    return [{"item": f"p{i}", "quantity": "2", "unit_price": "1.50"} for i in range(n)]


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(actors.user())
    return client


def test_the_timeline_holds_everything_once_newest_first_page_after_page(signed_in: Client) -> None:
    who, other = customer(), customer()
    append(
        *(changelog.event("visit", who, at=AT + timedelta(hours=n // 2), dedupe=f"v{n}") for n in range(7)),
        changelog.purchase("A-1", who, lines(3), at=AT + timedelta(hours=1), currency="EUR", dedupe="o1"),
        changelog.purchase("A-2", who, lines(1), at=AT + timedelta(days=1), dedupe="o2"),
        changelog.event("visit", other, at=AT),
    )
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        answer = signed_in.get(f"/api/events/timeline?customer={who}&limit=2&cursor={cursor}").json()
        assert len(answer["items"]) <= 2
        found += answer["items"]
        cursor = answer["next"]
    assert [f["key"] for f in found] == ["A-2", "v6", "v4", "v5", "v2", "v3", "A-1", "v0", "v1"]
    order = found[6]
    assert (order["kind"], order["amount"], order["currency"], len(order["lines"])) == ("order", "9.00", "EUR", 3)
    assert order["lines"][0] == {
        "key": "order:A-1/p0/1", "item": "p0", "item_name": None, "category": None, "quantity": "2",
        "unit_price": "1.50", "amount": "3.00",
    }  # fmt: skip
    orders = signed_in.get(f"/api/events/purchases?customer={who}").json()
    assert [o["key"] for o in orders["items"]] == ["A-2", "A-1"]


def test_a_damaged_page_link_is_refused_in_words(signed_in: Client) -> None:
    who = customer()
    append()
    answer = signed_in.get(f"/api/events/timeline?customer={who}&cursor=WyJ4IiwxLDJd")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


def test_an_agent_sees_only_what_own_customers_did(client: Client) -> None:
    agent = actors.user("Bo", customers_view=Level.OWNED)
    mine, theirs, merged = customer(owner_id=agent.pk), customer(), customer(owner_id=agent.pk)
    Customer.objects.filter(pk=merged).update(merged_into_id=mine)
    append(
        changelog.purchase("M", mine, lines(2), dedupe="m"),
        changelog.purchase("T", theirs, lines(5), dedupe="t"),
        changelog.purchase("N", None, lines(1), dedupe="n"),
    )
    client.force_login(agent)
    assert client.get(f"/api/events/timeline?customer={mine}").status_code == 200
    for hidden in (theirs, merged, 10**9):
        assert client.get(f"/api/events/timeline?customer={hidden}").status_code == 404
        assert client.get(f"/api/events/purchases?customer={hidden}").status_code == 404
    own = client.get("/api/events/purchases/summary").json()
    assert own == {"lines": 2, "orders": 1, "customers": 1, "total": "6.00", "apart": 0}


def test_nobody_reads_without_permission(client: Client) -> None:
    assert client.get("/api/events/names").status_code == 401
    client.force_login(actors.user("Cy", customers_view=Level.DISABLED, catalog_view=Level.DISABLED))
    for path in ("events/names", "events/purchases/summary", "catalog/items"):
        assert client.get(f"/api/{path}").status_code == 403
    assert client.get(f"/api/events/timeline?customer={customer()}").status_code == 404


def test_event_names_come_with_their_counts_and_freshness_with_the_lag(signed_in: Client) -> None:
    append(*(changelog.event(name, 1) for name in ("a", "b", "b")))
    names = signed_in.get("/api/events/names").json()
    assert names["items"] == [{"name": "b", "count": 2}, {"name": "a", "count": 1}]
    with connection.cursor() as cursor:
        changelog.append(cursor, [changelog.event("late", 1)], connection.vendor)
    fresh = signed_in.get("/api/events/freshness").json()
    assert [(c["consumer"], c["entries"]) for c in fresh["consumers"]] == [("warehouse", 1)]
    assert datetime.fromisoformat(fresh["as_of"]).tzinfo


def test_items_are_created_updated_and_found_again(signed_in: Client) -> None:
    actor = actors.actor("Di")
    items = [NewItem("product", f"k{n}", f"Lamp {n:02}", "light", Decimal(n)) for n in range(5)]
    assert (catalog.upsert_many(actor, items).created, catalog.upsert_many(actor, items).unchanged) == (5, 5)
    assert Entry.objects.filter(kind="items").count() == 1
    again = catalog.upsert_many(actor, [NewItem("product", "k1", "Candle"), NewItem("outlet", "k1", "Galle")])
    assert (again.created, again.updated, again.unchanged) == (1, 1, 0)
    page = signed_in.get("/api/catalog/items?search=LAMP&limit=3").json()
    rest = signed_in.get(f"/api/catalog/items?search=LAMP&limit=3&cursor={page['next']}").json()
    assert [i["key"] for i in page["items"] + rest["items"]] == ["k0", "k2", "k3", "k4"]
    assert rest["next"] is None
    assert signed_in.get("/api/catalog/kinds").json() == {"items": ["outlet", "product"]}
    warehouse().sync()
    assert warehouse().count("items") == 6


def test_a_refused_import_of_items_changes_nothing() -> None:
    good = NewItem("product", "a", "A")
    with pytest.raises(Forbidden):
        catalog.upsert_many(actors.actor("Ed", customers_import=Level.DISABLED), [good])
    with pytest.raises(Invalid) as refused:
        catalog.upsert_many(actors.actor("Fi"), [good, NewItem("product", "b", "")])
    assert refused.value.errors[0].field == "product/b"
    assert not Entry.objects.exists()
