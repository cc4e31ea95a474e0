"""Pages by keyset: every row once, in order, whatever is alike; a cursor serves its own list alone."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from pathlib import Path

import pytest

import ceap
from ceap.catalog.models import Item
from ceap.customers.models import Customer
from ceap.customers.queries import index
from ceap.kit import pagination
from ceap.kit.clock import now
from ceap.kit.problem import Invalid
from tests import actors

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("order", ["name", "-name", "pk", "-pk", "-price"])
def test_pages_have_every_row_once_and_in_order_however_many_are_alike(order: str) -> None:
    dice = random.Random(order)
    Item.objects.bulk_create(
        Item(kind="product", key=str(n), name=dice.choice("ab"), price=dice.choice([1, 2])) for n in range(17)
    )
    down = order.startswith("-")
    wanted = list(Item.objects.order_by(order, "-pk" if down else "pk"))
    for limit in (1, 4, 16, 17, 500):
        found: list[Item] = []
        cursor: str | None = None
        while True:
            rows, cursor = pagination.page(Item.objects.all(), order, cursor=cursor, limit=limit)
            assert len(rows) == limit or cursor is None
            found += rows
            if cursor is None:
                break
        assert found == wanted


@pytest.mark.parametrize("sort", index.SORTS)
def test_customers_are_paged_in_every_order_also_those_never_active(sort: str) -> None:
    at = now()
    Customer.objects.bulk_create(
        Customer(full_name="aB"[n % 2], created_at=at, updated_at=at + timedelta(seconds=n % 3),
                 last_activity_at=at + timedelta(days=n) if n % 3 else None)
        for n in range(11)
    )  # fmt: skip
    ada = actors.actor("Ada")
    whole = index.page(ada, index.Filters(), sort=sort, limit=500).items
    found: list[Customer] = []
    cursor: str | None = None
    for _ in range(4):
        page = index.page(ada, index.Filters(), sort=sort, cursor=cursor, limit=3)
        found, cursor = found + page.items, page.next
    assert (found, cursor, len(whole)) == (whole, None, 11)


def test_a_cursor_of_another_list_or_order_is_refused() -> None:
    Item.objects.bulk_create(Item(kind="product", key=str(n), name="a") for n in range(3))
    _, cursor = pagination.page(Item.objects.all(), "name", cursor=None, limit=1)
    for rows, order in ((Item.objects.all(), "-name"), (Customer.objects.all(), "full_name")):
        with pytest.raises(Invalid, match="page link is damaged"):
            pagination.page(rows, order, cursor=cursor, limit=1)


def test_a_page_holds_one_to_five_hundred_rows() -> None:
    Item.objects.bulk_create(Item(kind="product", key=str(n), name="a") for n in range(502))
    assert [len(pagination.page(Item.objects.all(), "pk", cursor=None, limit=n)[0]) for n in (0, 9999)] == [1, 500]


@pytest.mark.parametrize("order", ["price", "-price"])
def test_rows_without_the_value_come_last_and_are_paged_too(order: str) -> None:
    Item.objects.bulk_create(
        Item(kind="product", key=str(n), name="a", price=n // 3 if n % 2 else None) for n in range(11)
    )
    down = -1 if order.startswith("-") else 1
    rows = list(Item.objects.all())
    rows.sort(key=lambda one: (one.price is None, down * (one.price or 0), down * one.pk))
    for limit in (1, 4, 5, 10, 11):
        found: list[Item] = []
        cursor: str | None = None
        while True:
            some, cursor = pagination.page(Item.objects.all(), order, cursor=cursor, limit=limit)
            found += some
            if cursor is None:
                break
        assert [one.pk for one in found] == [one.pk for one in rows]


def test_what_is_no_queryset_is_paged_within_the_same_bounds() -> None:
    def behind(last: list[int] | None, count: int) -> list[int]:
        return list(range(last[0] + 1 if last else 0, 700))[:count]

    def cut(cursor: str | None, limit: int) -> tuple[list[int], str | None]:
        return pagination.page_by(behind, lambda row: [row], of="numbers", cursor=cursor, limit=limit)

    assert [len(cut(None, limit)[0]) for limit in (-1, 0, 9999)] == [1, 1, 500]
    assert cut(cut(None, 500)[1], 500) == (list(range(500, 700)), None)
    with pytest.raises(Invalid, match="page link is damaged"):
        pagination.page_by(behind, lambda row: [row], of="others", cursor=cut(None, 5)[1], limit=5)


def test_no_list_reads_cursors_by_itself() -> None:
    own = re.compile(r"pagination\.(cut|encode|decode)\b|from ceap\.kit\.pagination import .*\b(cut|encode|decode)\b")
    root = Path(ceap.__file__).parent
    assert [str(one) for one in root.rglob("*.py") if own.search(one.read_text())] == []
