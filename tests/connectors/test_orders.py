"""An order has one customer, one currency and all its lines, and is known by its id and lines at every door."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from ceap.accounts.actions import change_organisation
from ceap.accounts.contracts import SYSTEM, Level
from ceap.connectors import actions
from ceap.connectors.models import Import
from ceap.core import changelog
from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from ceap.kit.clock import now
from tests import actors
from tests.connectors.bringing import bring, lines, receipt

pytestmark = pytest.mark.django_db
SHOP = """Name,Email,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku
#1001,ann@x.test,IDR,2024-01-15 09:30:00 +0700,2,Kopi,50000,KP-1
#1001,,,2024-01-15 09:30:00 +0700,1,Teh,50000,TH-1
"""
OF_SHOP = {
    "Name": "order_id", "Email": "customer", "Currency": "currency", "Created at": "at",
    "Lineitem quantity": "quantity",
    "Lineitem name": "item_name", "Lineitem price": "unit_price", "Lineitem sku": "item",
}  # fmt: skip
HEAD = "order_id,email,at,item,item_name,quantity,unit_price\n"
L1 = HEAD + "L1,ann@x.test,2026-11-20 10:00,KP,Kopi,1,10\n"
RENAMED = HEAD + "L1,ann@x.test,2026-11-20 10:00,KP,Kopi Baru,1,10\n"
OF_L1 = {n: n for n in ("order_id", "at", "item", "item_name", "quantity", "unit_price")} | {"email": "customer"}


@pytest.fixture(autouse=True)
def ann() -> Customer:
    at = now()
    change_organisation(SYSTEM, currency="IDR")
    return Customer.objects.create(email="ann@x.test", created_at=at, updated_at=at)


@pytest.fixture(autouse=True)
def known(ann: Customer) -> None:
    from ceap.customers.models import Identity

    Identity.objects.create(customer=ann, kind="email", value="ann@x.test", created_at=ann.created_at)


def bought(content: str, mapping: dict[str, str], **options: Any) -> Import:
    return bring(content, mapping, target="purchases", **{"match": ["email"], **options})


def kept(*names: str) -> list[tuple[Any, ...]]:
    house = warehouse()
    house.sync()
    rows = house.run(house.table("purchases").order_by("key")).to_pylist()
    return [tuple(row[name] for name in names) for row in rows]


def by_api(order: str, customer: int | None, *said: dict[str, Any], dedupe: str, **more: Any) -> None:
    with connection.cursor() as cursor:
        entry = changelog.purchase(order, customer, said, at=now(), dedupe=dedupe, **more)
        changelog.append(cursor, [entry], connection.vendor)


@pytest.mark.parametrize("chunk", [1, 50_000])
def test_cells_of_an_order_hold_for_all_its_lines(ann: Customer, chunk: int) -> None:
    assert receipt(bought(SHOP, OF_SHOP, chunk=chunk)) == ("done", 2, 0, 0, 0)
    assert kept("order_id", "customer", "currency", "item") == [
        ("#1001", ann.pk, "IDR", "KP-1"), ("#1001", ann.pk, "IDR", "TH-1")
    ]  # fmt: skip


def test_a_line_of_an_order_that_names_nobody_is_refused_with_the_reason_and_kept_when_one_says_so() -> None:
    content = (
        SHOP.replace("#1001,ann@x.test", "#1001,") + "#1002,ann@x.test,IDR,2024-01-16 09:30:00 +0700,1,Teh,1,TH-1\n"
    )
    row = bought(content, OF_SHOP)
    assert receipt(row) == ("done", 1, 0, 0, 2)
    why = "is empty, as on every earlier line of the order; rows without a customer can be kept as nobody's, "
    why += "if you say so"
    assert lines(row) == [(2, "Email", "", why), (3, "Email", "", why)]
    assert kept("order_id") == [("#1002",)]
    assert receipt(bought(content, OF_SHOP, no_customer="anonymous")) == ("done", 2, 0, 1, 0)
    assert kept("order_id", "customer")[0] == ("#1001", None)


def test_an_order_has_one_customer_and_one_currency() -> None:
    content = SHOP + "#1001,bo@x.test,IDR,2024-01-15 09:30:00 +0700,1,Susu,1,S-1\n"
    content += "#1001,ann@x.test,usd,2024-01-15 09:30:00 +0700,1,Susu,1,S-2\n#1001,,Rp,2024-01-15,1,Susu,1,S-3\n"
    row = bought(content, OF_SHOP, unknown_customer="create")
    assert receipt(row) == ("done", 2, 0, 0, 3)
    assert lines(row) == [
        (4, "Email", "bo@x.test", "is another customer than ann@x.test, whom the order has on an earlier line"),
        (5, "Currency", "USD", "is another currency than IDR, which order #1001 has on an earlier line"),
        (6, "Currency", "RP", "is no ISO 4217 currency like USD"),
    ]


def test_an_order_that_came_before_gives_its_cells_to_lines_of_a_later_file(ann: Customer) -> None:
    bought(SHOP, OF_SHOP)
    later = SHOP.splitlines()[0] + "\n#1001,,,,3,Susu,7,S-1\n"
    row = bought(later, OF_SHOP)
    assert (receipt(row), lines(row)) == (("done", 1, 0, 0, 0), [])
    [at] = set(kept("at"))
    assert set(kept("customer", "currency", "at")) == {(ann.pk, "IDR", *at)}


def test_a_renamed_product_updates_its_line() -> None:
    assert receipt(bought(L1, OF_L1)) == ("done", 1, 0, 0, 0)
    assert receipt(bought(L1, OF_L1)) == ("done", 0, 0, 1, 0)
    assert receipt(bought(RENAMED, OF_L1)) == ("done", 0, 1, 0, 0)
    assert kept("item", "item_name", "amount") == [("KP", "Kopi Baru", Decimal(10))]
    warehouse().rebuild()
    assert kept("item", "item_name", "amount") == [("KP", "Kopi Baru", Decimal(10))]


@pytest.mark.parametrize("later", ["category", "outlet", "prop:till", "item", "key"])
def test_one_more_mapped_column_updates_the_lines_and_keeps_the_rest(later: str) -> None:
    content = (
        "order_id,email,at,item_name,amount,more\n"
        "L1,ann@x.test,2026-11-20 10:00,Kopi,10,A\nL1,ann@x.test,2026-11-20 10:00,Teh,5,B\n"
    )
    mapping = {n: n for n in ("order_id", "at", "item_name", "amount")} | {"email": "customer"}
    assert receipt(bought(content, mapping)) == ("done", 2, 0, 0, 0)
    changed = 0 if later == "key" else 2  # an id of a line changes nothing that it says
    assert receipt(bought(content, mapping | {"more": later})) == ("done", 0, changed, 2 - changed, 0)
    assert receipt(bought(content, mapping)) == ("done", 0, 0, 2, 0)
    said = kept("item_name", "amount", "props" if later.startswith("prop") else later if changed else "order_id")
    expected = ('{"till":"A"}', '{"till":"B"}') if later.startswith("prop") else ("A", "B") if changed else ("L1",) * 2
    assert said == [("Kopi", Decimal(10), expected[0]), ("Teh", Decimal(5), expected[1])]


def test_true_twins_stay_two_across_parts_and_an_order_may_grow() -> None:
    twins = HEAD + "L1,ann@x.test,2026-11-20 10:00,KP,Kopi,1,10\n" * 2
    assert receipt(bought(twins, OF_L1, chunk=1)) == ("done", 2, 0, 0, 0)
    assert receipt(bought(twins + "L1,ann@x.test,2026-11-20 10:00,KP,Kopi,2,10\n", OF_L1, chunk=1))[:4] == (
        "done",
        1,
        0,
        2,
    )
    assert kept("quantity", "amount") == [(1, Decimal(10)), (1, Decimal(10)), (2, Decimal(20))]


def test_lines_with_ids_of_their_own_are_told_apart_by_them() -> None:
    head, of = "line," + HEAD, OF_L1 | {"line": "key"}
    bought(head + "x-1,L1,ann@x.test,2026-11-20 10:00,KP,Kopi,1,10\n", of)
    assert receipt(bought(head + "x-2,L1,ann@x.test,2026-11-20 10:00,KP,Kopi,2,10\n", of)) == ("done", 1, 0, 0, 0)
    assert receipt(bought(head + "x-2,L1,ann@x.test,2026-11-20 10:00,TH,Teh,3,10\n", of)) == ("done", 0, 1, 0, 0)
    assert kept("key", "item", "amount") == [("x-1", "KP", Decimal(10)), ("x-2", "TH", Decimal(30))]


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_and_the_api_bring_the_same_order_once(ann: Customer, file_first: bool) -> None:
    said = {"item": "KP", "item_name": "Kopi (API)", "quantity": "2", "unit_price": "10"}
    for by_file in (file_first, not file_first):
        if by_file:
            bought(L1, OF_L1)
        else:
            by_api("L1", ann.pk, said, dedupe="order:abc")
    last = ("Kopi (API)", Decimal(20)) if file_first else ("Kopi", Decimal(10))
    assert kept("item_name", "amount") == [last]
    warehouse().rebuild()
    assert kept("item_name", "amount") == [last]


def test_what_a_browser_says_of_an_order_stands_apart() -> None:
    bought(L1, OF_L1)
    forged = {"key": "browser:7:order:L1/KP/1", "item": "KP", "quantity": "1", "unit_price": "0"}
    by_api("L1", 7, forged, dedupe="browser:7:order:x")
    assert kept("key", "amount") == [("browser:7:order:L1/KP/1", Decimal(0)), ("order:L1/KP/1", Decimal(10))]
    assert receipt(bought(L1, OF_L1)) == ("done", 0, 0, 1, 0)


def test_lines_that_came_before_lines_had_keys_are_known_again() -> None:
    import pyarrow as pa
    from django.db import transaction

    from ceap.events.actions import write_batch

    old = {
        "key": ["0" * 32 + "-1"],
        "order_id": ["L1"],
        "item": ["KP"],
        "quantity": [1],
        "unit_price": [10],
        "at": [now()],
    }
    with transaction.atomic():
        write_batch("purchases", pa.table(old))
    assert receipt(bought(L1, OF_L1)) == ("done", 0, 1, 0, 0)
    assert kept("key", "item_name", "amount") == [("0" * 32 + "-1", "Kopi", Decimal(10))]


def test_a_check_of_a_file_says_what_is_new_and_what_is_updated() -> None:
    bought(L1, OF_L1)
    assert kept("item_name") == [("Kopi",)]
    row = actions.upload(SYSTEM, "purchases", "x.csv", [(RENAMED + "L2,ann@x.test,2026-11-20,KP,Kopi,1,10\n").encode()])
    told = actions.check(SYSTEM, row.pk, OF_L1, {"match": ["email"]})
    assert (told.created, told.updated, told.unchanged, told.rejected) == (1, 1, 0, 0)
    assert kept("item_name") == [("Kopi",)]


def test_who_changes_own_customers_alone_adds_no_purchases_to_others(ann: Customer) -> None:
    spy = actors.actor("Spy", customers_view=Level.OWNED, customers_manage=Level.OWNED)
    row = bought(L1, OF_L1, by=spy)
    assert receipt(row) == ("done", 0, 0, 0, 1)
    assert lines(row) == [(2, "email", "ann@x.test", "belongs to a customer that your role may not change")]
    Customer.objects.update(owner=spy.user_id)
    assert receipt(bought(L1, OF_L1, by=spy)) == ("done", 1, 0, 0, 0)
