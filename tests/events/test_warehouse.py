"""The warehouse: what was committed is in it, once, as it is now."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from django.db import connection, transaction

from ceap.catalog.models import Item
from ceap.core import changelog
from ceap.core.changelog import NewEntry
from ceap.customers.models import Customer, CustomField
from ceap.events import actions
from ceap.events.models import Entry
from ceap.events.queries import close_warehouse, warehouse
from ceap.kit.clock import now
from tests.conformance.ground import QUICK

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 12, 30, 15, 250000, UTC)


STORE = os.environ.get("CEAP_TEST_STORE_URL", "")


KINDS = [
    "duckdb",
    *(["postgresql"] if STORE.startswith("postgresql") else []),
    pytest.param("spark", marks=pytest.mark.engines),
]


@pytest.fixture(autouse=True, params=KINDS)
def engine_of_the_warehouse(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    """Every test runs on DuckDB, on PostgreSQL where a server is at hand, and on Spark in the suite of the engines."""
    if request.param == "postgresql":
        monkeypatch.setenv("CEAP_WAREHOUSE_URL", STORE)
    if request.param == "spark":
        monkeypatch.setenv("CEAP_WAREHOUSE_URL", f"spark-local-cluster://{tmp_path / 'lake'}{QUICK}")
    yield
    if request.param == "spark":
        close_warehouse()
    if request.param == "postgresql":
        with warehouse()._engine.writing() as writer:
            for table in ("customers", "events", "purchases", "items", "_redirects", "_place"):
                writer.drop(table)
        close_warehouse()


def append(*entries: NewEntry) -> None:
    with connection.cursor() as cursor:
        changelog.append(cursor, entries, connection.vendor)


def customer(**values: Any) -> int:
    row = Customer.objects.create(created_at=AT, updated_at=AT, **values)
    changed(row.pk)
    return row.pk


def changed(*ids: int) -> None:
    with connection.cursor() as cursor:
        changelog.customers_changed(cursor, ids, connection.vendor)


def rows(table: str, order: str = "key") -> list[dict[str, Any]]:
    house = warehouse()
    house.sync()
    return house.run(house.table(table).order_by(order)).to_pylist()


def test_a_customer_is_there_with_every_type_of_field() -> None:
    types = {
        "note": ("multiline", "a\nb", "a\nb"),
        "likes": ("multiple", ["x", "y,z"], ["x", "y,z"]),
        "size": ("number", 41.5, 41.5),
        "day": ("date", "2026-02-28", date(2026, 2, 28)),
        "moment": ("datetime", "2026-02-28T10:00:00+02:00", datetime(2026, 2, 28, 8)),
        "docs": ("file", [{"name": "a.pdf"}], '[{"name": "a.pdf"}]'),
        "none": ("file", [], None),
        "vip": ("boolean", False, False),
        "wrong": ("number", "many", None),
    }
    for key, (type, _, _) in types.items():
        CustomField.objects.create(key=key, label=key, type=type, created_at=AT)
    id = customer(
        full_name="Zoë “Z”", email="", marketing_opt_in=True, date_of_birth=date(1980, 2, 29), last_activity_at=AT,
        balance_available=Decimal("12.3400"), chatroom=True, custom={k: v for k, (_, v, _) in types.items()},
    )  # fmt: skip
    (row,) = rows("customers", "id")
    expected = {
        "id": id, "full_name": "Zoë “Z”", "email": None, "phone": None, "owner": None, "marketing_opt_in": True,
        "date_of_birth": date(1980, 2, 29), "last_activity_at": AT.replace(tzinfo=None), "balance_available": 12.34,
        "chatroom": True, "customer_id": None, "created_at": AT.replace(tzinfo=None),
        **{f"c_{k}": v for k, (_, _, v) in types.items()},
    }  # fmt: skip
    assert {k: row[k] for k in expected} == expected


def test_an_edit_replaces_the_row_and_an_empty_text_is_null() -> None:
    id = customer(full_name="Ann", city="Kandy")
    assert rows("customers", "id")[0]["city"] == "Kandy"
    Customer.objects.filter(pk=id).update(city="", full_name="Anna")
    changed(id)
    assert [(r["full_name"], r["city"]) for r in rows("customers", "id")] == [("Anna", None)]


def test_a_new_field_becomes_a_column_of_its_type() -> None:
    id = customer(full_name="Ann", custom={"shoe": 41})
    assert "c_shoe" not in rows("customers", "id")[0]
    CustomField.objects.create(key="shoe", label="Shoe", type="number", created_at=AT)
    with connection.cursor() as cursor:
        changelog.fields_changed(cursor, connection.vendor)
    assert [(r["id"], r["c_shoe"]) for r in rows("customers", "id")] == [(id, 41.0)]


def test_a_merged_customers_events_are_the_survivors_and_an_erased_ones_say_nothing() -> None:
    a, b, c = customer(full_name="A"), customer(full_name="B"), customer(full_name="C")
    append(
        changelog.event("visit", a, at=AT, props={"p": "of a"}, dedupe="1"),
        changelog.event("visit", c, at=AT, props={"p": "of c"}, dedupe="2"),
    )
    assert {r["customer"] for r in rows("events")} == {a, c}
    Customer.objects.filter(pk=a).update(merged_into_id=b)
    Customer.objects.filter(pk=c).update(erased_at=AT)
    changed(a, c)
    append(changelog.event("visit", a, at=AT, dedupe="3"), changelog.event("visit", c, props={"p": "late"}, dedupe="4"))
    found = [(r["key"], r["customer"], r["props"]) for r in rows("events")]
    assert found == [("1", b, '{"p":"of a"}'), ("2", c, None), ("3", b, None), ("4", c, None)]
    assert [r["id"] for r in rows("customers", "id")] == [b]


def test_events_purchases_and_items_have_exact_values() -> None:
    Item.objects.create(kind="product", key="p1", name="Lamp", price=Decimal("1234567890.1234"))
    with connection.cursor() as cursor:
        changelog.items_changed(cursor, [Item.objects.get().pk], connection.vendor)
    lines: list[dict[str, Any]] = [
        {"item": "p1", "quantity": Decimal("3"), "unit_price": "0.105"},
        {"key": "own", "item": "p2", "quantity": "1", "unit_price": "9", "amount": "8.5", "category": "fresh"},
    ]
    append(
        changelog.event("bought", 9, at=AT, amount=Decimal("0.10"), item="p1", campaign="c1", dedupe="e"),
        changelog.purchase("O1", None, lines, at=AT, currency="EUR", outlet="Galle", dedupe="o"),
    )
    (event,) = rows("events")
    assert (event["amount"], event["item"], event["campaign"]) == (Decimal("0.1000"), "p1", "c1")
    assert event["at"] == AT.replace(tzinfo=None)
    found = [(r["key"], r["order_id"], r["customer"], r["amount"], r["outlet"]) for r in rows("purchases")]
    assert found == [
        ("order:O1/p1/1", "O1", None, Decimal("0.3150"), "Galle"), ("own", "O1", None, Decimal("8.5000"), "Galle"),
    ]  # fmt: skip
    assert rows("items")[0]["price"] == Decimal("1234567890.1234")


def test_nonsense_in_an_entry_is_left_empty_and_stops_nothing() -> None:
    append(
        NewEntry("event", {"at": "yesterday", "amount": "9" * 30}, name="odd", customer=1, dedupe="a", at=AT),
        NewEntry("unheard-of", {"x": 1}),
        changelog.event("fine", 1, at=AT, dedupe="b"),
    )
    found = [(r["name"], r["amount"], r["at"]) for r in rows("events")]
    assert found == [("odd", None, AT.replace(tzinfo=None)), ("fine", None, AT.replace(tzinfo=None))]


def test_a_batch_is_loaded_once_however_often_it_is_written() -> None:
    data = pa.table(
        {"order_id": ["1", "1", "1"], "item": ["a", "a", ""], "quantity": [1, 1, 2], "unit_price": [2.55, 2.55, 1.115],
         "at": [AT.replace(tzinfo=None)] * 3}
    )  # fmt: skip
    for _ in range(2):
        with transaction.atomic():
            actions.write_batch("purchases", data)
    found = rows("purchases", "item")
    assert [(r["item"], r["amount"]) for r in found] == [
        ("a", Decimal("2.5500")), ("a", Decimal("2.5500")), (None, Decimal("2.2300")),
    ]  # fmt: skip
    assert len({r["key"] for r in found}) == 3


def test_a_key_counts_once_whether_it_came_by_the_log_or_in_a_batch() -> None:
    data = pa.table({"key": ["k", "m", "m"], "name": ["x", "y", "z"], "at": [AT] * 3})
    append(changelog.event("first", 1, dedupe="k"))
    with transaction.atomic():
        actions.write_batch("events", data)
    append(changelog.event("late", 1, dedupe="m"))
    assert [(r["key"], r["name"]) for r in rows("events")] == [("k", "first"), ("m", "y")]


def test_a_rolled_back_batch_leaves_no_row_and_its_file_is_swept(home: Any) -> None:
    with transaction.atomic():
        file = actions.write_batch("events", pa.table({"name": ["x"], "at": [AT]}))
        transaction.set_rollback(True)
    path = home / "archive" / file.file
    assert rows("events") == []
    assert actions.sweep_archive() == []  # young: its transaction might still be open
    os.utime(path, (1, 1))
    assert actions.sweep_archive() == [file.file]
    assert not path.exists()


def test_a_failed_load_changes_nothing_and_is_made_up_later(monkeypatch: pytest.MonkeyPatch) -> None:
    from ceap.events.loading import Loader

    append(changelog.event("a", 1, dedupe="a"))
    assert len(rows("events")) == 1
    append(changelog.event("b", 1, dedupe="b"))
    monkeypatch.setattr(Loader, "finish", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        warehouse().sync()
    monkeypatch.undo()
    assert [r["key"] for r in rows("events")] == ["a", "b"]


def test_a_store_put_back_from_a_backup_is_noticed_and_the_tables_follow_it() -> None:
    append(changelog.event("a", 1, dedupe="a"), changelog.event("b", 1, dedupe="b"))
    assert len(rows("events")) == 2
    last = Entry.objects.order_by("-seq").first()
    assert last
    last.delete()
    Entry.objects.create(seq=last.seq, at=now(), kind="event", name="other", dedupe="c", payload={})
    assert [r["key"] for r in rows("events")] == ["a", "c"]


def test_as_of_is_never_later_than_what_was_read() -> None:
    house = warehouse()
    before = now()
    house.sync()
    assert before <= house.as_of <= now()
    append(changelog.event("a", 1))
    later = now()
    house.sync()
    assert house.as_of >= later


def test_reading_from_many_threads_while_loading_always_sees_whole_batches() -> None:
    house = warehouse()
    house.sync()
    stop, wrong = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            events = house.table("events")
            count = house.run(events.aggregate(n=events.count()))["n"][0].as_py()
            both = events.aggregate(n=events.count(), k=events.key.nunique()).mutate(c=ibis.literal(1))
            got = house.run(both).to_pylist()[0]
            if count % 50 or got["n"] % 50 or got["n"] != got["k"]:
                wrong.append(got)

    readers = [threading.Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    for part in range(12):
        append(*(changelog.event("e", n, dedupe=f"{part}-{n}") for n in range(50)))
        if part == 5:
            CustomField.objects.create(key="late", label="late", type="text", created_at=AT)
            with connection.cursor() as cursor:
                changelog.fields_changed(cursor, connection.vendor)
        house.sync()
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(rows("events")) == 600


def test_old_entries_move_to_the_archive_and_a_rebuild_reads_them_there() -> None:
    from ceap.events.models import ArchiveFile

    old = now() - timedelta(days=200)
    append(*(NewEntry("event", {"props": {"n": n}}, "old", n, f"o{n}", old) for n in range(10)))
    append(changelog.event("new", 1, dedupe="n"))
    before = rows("events")
    actions.advance("slow", Entry.objects.order_by("seq")[3].pk)
    assert actions.archive_passed() == 3  # what "slow" has passed
    actions.advance("slow", Entry.objects.order_by("-seq")[0].pk)
    assert actions.archive_passed() == 7
    assert Entry.objects.count() == 1
    assert sorted(ArchiveFile.objects.values_list("rows", flat=True)) == [3, 7]
    warehouse().rebuild()
    assert rows("events") == before
    append(changelog.event("again", 1, dedupe="o3"))  # the store has forgotten the key; the warehouse has not
    assert rows("events") == before
