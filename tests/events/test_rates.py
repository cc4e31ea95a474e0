"""Amounts of several currencies are never added silently: converted by a rate of their day, or kept apart and said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client

from ceap.accounts.actions import change_organisation
from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import AuditEntry
from ceap.core import changelog
from ceap.events import actions, queries
from ceap.events.contracts import PURCHASES, Apart, NewRate
from ceap.events.models import Entry
from ceap.events.queries import warehouse
from ceap.events.rates import Rates
from ceap.kit.clock import frozen
from ceap.kit.problem import Forbidden, Invalid
from tests import actors

pytestmark = pytest.mark.django_db
D, DAY = Decimal, date(2026, 11, 20)


@pytest.fixture(autouse=True)
def in_dollars() -> Any:
    change_organisation(SYSTEM, currency="USD", time_zone="America/New_York")
    with frozen(datetime(2026, 11, 28, tzinfo=UTC)):
        yield


def bought(order: str, amount: str, currency: str | None, at: str = "2026-11-20T10:00:00+00:00") -> None:
    said = {"item": "x", "quantity": "1", "unit_price": amount}
    with connection.cursor() as cursor:
        entry = changelog.purchase(
            order, 7, [said], at=datetime.fromisoformat(at), currency=currency, dedupe=f"order:{order}"
        )
        changelog.append(cursor, [entry], connection.vendor)


def kept() -> list[tuple[Any, ...]]:
    house = warehouse()
    house.sync()
    rows = house.run(house.table("purchases").order_by("order_id")).to_pylist()
    return [(r["order_id"], r["original"], r["currency"], r["amount"]) for r in rows]


def rate(rate: str | None, day: date = DAY, currency: str = "IDR") -> NewRate:
    return NewRate(day, currency, None if rate is None else D(rate))


def test_an_amount_is_converted_by_the_newest_rate_of_its_day_or_before_it() -> None:
    actions.set_rates(SYSTEM, [rate("0.0001", date(2026, 11, 1)), rate("0.00006"), rate("1.1", currency="EUR")])
    bought("A", "50000", "IDR")
    bought("B", "50000", "IDR", "2026-11-19T23:59:00-05:00")  # 20 November in UTC, but not in New York
    bought("C", "50000", "IDR", "2026-10-31T10:00:00+00:00")
    bought("D", "10", "EUR")
    bought("E", "10", "USD")
    bought("F", "10", None)
    assert kept() == [
        ("A", D(50000), "IDR", D(3)), ("B", D(50000), "IDR", D(5)), ("C", D(50000), "IDR", None),
        ("D", D(10), "EUR", D(11)), ("E", D(10), "USD", D(10)), ("F", D(10), None, D(10)),
    ]  # fmt: skip


def test_without_a_rate_an_amount_is_kept_apart_and_said_until_there_is_one(client: Client) -> None:
    client.force_login(actors.user())
    bought("A", "50000", "IDR")
    bought("B", "7", "USD")
    assert [row[3] for row in kept()] == [None, D(7)]
    summary = client.get("/api/events/purchases/summary").json()
    assert summary == {"lines": 2, "orders": 2, "customers": 1, "total": "7.00", "apart": 1}
    assert queries.apart(SYSTEM) == [Apart("IDR", 1, DAY, DAY)]
    said = client.get("/api/events/rates").json()
    assert (said["currency"], said["items"]) == ("USD", [])
    assert said["apart"][0]["remedy"].startswith("Enter a rate of IDR for 2026-11-20 or before")
    given = {"items": [{"day": "2026-11-20", "currency": "IDR", "rate": "0.00006"}]}
    assert client.put("/api/events/rates", given, "application/json").json() == {"changed": 1}
    assert client.put("/api/events/rates", given, "application/json").json() == {"changed": 0}
    assert [row[3] for row in kept()] == [D(3), D(7)]
    assert (queries.apart(SYSTEM), queries.rates(SYSTEM)) == ([], [rate("0.00006")])
    assert client.get("/api/events/rates").json()["items"] == [
        {"day": "2026-11-20", "currency": "IDR", "rate": "0.00006"}
    ]
    entry = AuditEntry.objects.get(verb="rates.change")
    assert entry.after == {"since": {"IDR": "2026-11-20"}, "changed": 1}


def test_a_rate_that_changes_or_goes_changes_what_it_converted_and_nothing_is_read_anew_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actions.set_rates(SYSTEM, [rate("0.0001", date(2026, 11, 1)), rate("0.00006")])
    bought("A", "50000", "IDR")
    assert kept()[0][3] == D(3)
    actions.set_rates(SYSTEM, [rate("0.00008")])
    assert kept()[0][3] == D(4)
    actions.set_rates(SYSTEM, [rate(None)])
    assert kept()[0][3] == D(5)
    monkeypatch.setattr(type(warehouse()), "rebuild", lambda *_: 1 / 0)
    actions.set_rates(SYSTEM, [rate("2", date(2026, 11, 28)), rate("3", currency="CHF")])  # later, or of nobody
    assert kept()[0][3] == D(5)
    bought("B", "1", "IDR", "2026-11-28T12:00:00+00:00")
    assert kept()[1][3] == D(2)


def test_another_currency_of_the_organisation_needs_other_rates() -> None:
    actions.set_rates(SYSTEM, [rate("0.00006")])
    bought("A", "50000", "IDR")
    bought("B", "7", "USD")
    assert [row[3] for row in kept()] == [D(3), D(7)]
    change_organisation(SYSTEM, currency="IDR")
    assert [row[3] for row in kept()] == [D(50000), None]
    change_organisation(SYSTEM, currency="USD")
    assert [row[3] for row in kept()] == [D(3), D(7)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (rate("1", currency="USD"), "[1].currency"), (rate("1", currency="XXZ"), "[1].currency"),
        (rate("0"), "[1].rate"), (rate("-1"), "[1].rate"), (rate("10000000"), "[1].rate"), (rate("NaN"), "[1].rate"),
        (rate("0.0000000000001"), "[1].rate"), (rate("1", date(2999, 1, 1)), "[1].day"),
    ],
)  # fmt: skip
def test_a_rate_that_is_none_is_refused_and_changes_nothing(wrong: NewRate, field: str) -> None:
    before = Entry.objects.count()
    with pytest.raises(Invalid) as refused:
        actions.set_rates(SYSTEM, [rate("1"), wrong])
    assert [error.field for error in refused.value.errors] == [field]
    assert (queries.rates(SYSTEM), Entry.objects.count()) == ([], before)


def test_what_does_not_fit_after_conversion_is_kept_apart() -> None:
    rows = pa.Table.from_pylist(
        [{"amount": D(10) ** 13, "currency": "IDR", "at": datetime(2026, 11, 20)}, {"at": datetime(2026, 11, 20)}],
        PURCHASES,
    )
    found = Rates("USD", "UTC", {"IDR": [(DAY, D(10))]}).priced(rows)
    assert (found["amount"].to_pylist(), found["original"].to_pylist()) == ([None, None], [D(10) ** 13, None])


def test_rates_are_listed_page_by_page_and_counted(client: Client) -> None:
    client.force_login(actors.user())
    given = [rate(str(n), date(2026, 11, n), currency) for n in range(1, 5) for currency in ("IDR", "EUR")]
    actions.set_rates(SYSTEM, given)
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(3):
        said = client.get("/api/events/rates", {"limit": "3"} | ({"cursor": cursor} if cursor else {})).json()
        found, cursor = found + said["items"], said["next"]
        assert said["total"] == 8
    assert cursor is None
    assert [(one["day"][-1], one["rate"]) for one in found] == [(n, n) for n in "44332211"]
    said = client.get("/api/events/rates", {"currency": "idr", "limit": "3"}).json()
    assert ({one["currency"] for one in said["items"]}, said["total"]) == ({"IDR"}, 4)


def test_rates_come_in_a_file_row_by_row() -> None:
    from tests.connectors.bringing import bring, lines, receipt

    actions.set_rates(SYSTEM, [rate("1"), rate("2", currency="EUR")])
    content = (
        'Date,Code,Rate\n20.11.2026,idr,"0,0000613"\n20.11.2026,EUR,2\n19.11.2026,CHF,"1,12"\n'
        "20.11.2026,USD,1\nsoon,IDR,1\n20.11.2026,,1\n20.11.2026,GBP,-3\n20.11.2026,GBP,much\n"
    )
    row = bring(
        content, {"Date": "day", "Code": "currency", "Rate": "rate"}, target="rates", dates="day_first", numbers="comma"
    )
    assert receipt(row) == ("done", 1, 1, 1, 5)
    assert [(line, column, value) for line, column, value, _ in lines(row)] == [
        (5, "Code", "USD"), (6, "Date", "soon"), (7, "Code", ""), (8, "Rate", "-3"), (9, "Rate", "much"),
    ]  # fmt: skip
    assert lines(row)[0][3] == "USD is the organisation's own currency; it needs no rate."
    assert queries.rates(SYSTEM) == [
        rate("2", currency="EUR"), rate("0.0000613"), rate("1.12", date(2026, 11, 19), "CHF"),
    ]  # fmt: skip


def test_who_may_not_change_settings_brings_no_rates() -> None:
    from ceap.connectors import actions as imports

    uma = actors.actor("Uma", settings_manage=Level.DISABLED)
    with pytest.raises(Forbidden):
        imports.upload(uma, "rates", "rates.csv", [b"day,currency,rate\n"])


def test_the_columns_of_a_file_of_rates_are_known_and_nothing_else_is_made_of_them() -> None:
    from ceap.connectors import actions as imports
    from ceap.connectors.queries import preview as looked_at

    row = imports.upload(SYSTEM, "rates", "rates.csv", [b"Date,Code,Exchange rate,Note\n2026-11-20,IDR,0.00006,x\n"])
    assert [one.field for one in looked_at(SYSTEM, row.pk).columns] == ["day", "currency", "rate", ""]
    mapping = {"Date": "day", "Code": "currency", "Exchange rate": "rate", "Note": "prop:Note"}
    with pytest.raises(Invalid, match="no field “prop:Note”"):
        imports.start(SYSTEM, row.pk, mapping, {})


def test_a_file_says_which_currencies_have_no_rate_and_a_rule_does_not_add_them() -> None:
    from ceap.customers.models import Customer, Identity
    from ceap.segments.queries.preview import preview
    from tests.connectors.bringing import bring, lines, receipt

    at = datetime(2026, 11, 1, tzinfo=UTC)
    ann = Customer.objects.create(email="known@example.org", created_at=at, updated_at=at)
    Identity.objects.create(customer=ann, kind="email", value="known@example.org", created_at=at)
    with connection.cursor() as cursor:
        changelog.customers_changed(cursor, [ann.pk], connection.vendor)
    content = "order_id,email,at,amount,currency\nQ1,known@example.org,2026-11-20 10:00,50000,IDR\n"
    mapping = {n: n for n in ("order_id", "at", "amount", "currency")} | {"email": "customer"}
    row = bring(content, mapping, target="purchases", match=["email"])
    assert receipt(row) == ("done", 1, 0, 0, 0)
    assert lines(row) == [
        (
            2,
            "currency",
            "IDR",
            "has no rate on 2026-11-20 (UTC): 1 lines are kept, but are in no amount until there is one",
        )
    ]
    asked = {
        "kind": "behaviour", "behaviour": "purchased", "measure": "amount", "comparison": "at_least", "value": 40_000
    }  # fmt: skip
    rule = {"join": "and", "groups": [{"join": "and", "conditions": [asked]}]}
    warehouse().sync()
    assert preview(SYSTEM, rule).matched == 0
    actions.set_rates(SYSTEM, [rate("1")])
    warehouse().sync()
    assert preview(SYSTEM, rule).matched == 1
