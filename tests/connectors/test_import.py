"""Imports: what becomes of files, good and bad."""

from __future__ import annotations

import importlib
import io
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceap.accounts.contracts import SYSTEM, Actor
from ceap.accounts.models import ApiKey, AuditEntry, Organisation
from ceap.accounts.queries import actor_of_key
from ceap.connectors import actions, queries
from ceap.connectors.contracts import BadFile, Form
from ceap.connectors.files.keep import TooLarge
from ceap.connectors.models import Import
from ceap.core.sheets import copying
from ceap.customers.models import Customer, CustomField
from ceap.jobs.actions import cancel, run
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, Invalid
from tests import actors
from tests.connectors.bringing import bring, lines, receipt
from tests.counts import often

pytestmark = pytest.mark.django_db(transaction=True)
MAP = {"id": "customer_id", "name": "full_name", "mail": "email"}
CSV = "id,name,mail\n1,Ann,ann@x.test\n2,Bo,bo@x.test\n"


def test_a_csv_is_brought_in_and_bringing_it_again_changes_nothing(home: Path) -> None:
    assert receipt(bring(CSV, MAP)) == ("done", 2, 0, 0, 0)
    before = list(Customer.objects.order_by("pk").values())
    assert receipt(bring(CSV, MAP)) == ("done", 0, 0, 2, 0)
    assert list(Customer.objects.order_by("pk").values()) == before


def test_every_rejected_row_is_on_the_receipt_with_row_column_value_and_reason() -> None:
    row = bring("id,name,mail\n1,Ann,ann@x.test\n2,Bo,broken\n3,Cy\n,Di,\n", MAP)
    assert receipt(row) == ("done", 1, 0, 0, 3)
    found = lines(row)
    assert [(r, c, v) for r, c, v, _ in found] == [(3, "mail", "broken"), (4, "", "3,Cy"), (5, "id", "")]
    assert found[1][3] == "has 2 columns instead of 3"
    assert found[2][3] == "has no value that a customer is recognised by"


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("id;name;mail\n1;Zoë;z@x.test\n".encode("utf-8-sig"), "utf-8-sig", ";"),
        ("id\tname\tmail\r\n1\tZoë\tz@x.test\r\n".encode("utf-16"), "utf-16", "\t"),
        ("id\tname\tmail\r\n1\tZoë\tz@x.test\r\n".encode("utf-16-le"), "utf-16-le", "\t"),
        ("id|name|mail\n1|Zoë|z@x.test\n".encode("cp1252"), "cp1252", "|"),
        ('id,name,mail\n1,"Zoë",z@x.test'.encode(), "utf-8", ","),
    ],
)
def test_encoding_and_delimiter_are_found_and_stated(content: bytes, encoding: str, delimiter: str) -> None:
    row = bring(content, MAP)
    assert (row.form["encoding"], row.form["delimiter"]) == (encoding, delimiter)
    assert Customer.objects.get().full_name == "Zoë"


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.csv", "is empty"),
        (b" \n ", "a.csv", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a.csv", "PNG image"),
        (b"%PDF-1.7 ...", "a.csv", "PDF"),
        (b"\x1f\x8b\x08" + bytes(50), "a.csv", "gzip"),
        (b"id,name\n1,\x00\x01\x02\n", "a.csv", "zero bytes"),
        (b"id,name\n1,a\x01b\n", "a.csv", "control characters"),
        (b'id,name\n1,"open\n2,b\n', "a.csv", "Row 2"),
        (b'{"id": 1}', "a.json", "JSON"),
        (b"<html><body>No</body></html>", "a.csv", "web page"),
        (b"PK\x03\x04" + bytes(200), "a.xlsx", "no Excel workbook"),
        (b"PAR1" + bytes(200), "a.parquet", "damaged"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words_and_nothing_is_kept(
    home: Path, content: bytes, name: str, says: str
) -> None:
    before = set((home / "media").rglob("*.data"))
    with pytest.raises(BadFile, match=says):
        actions.upload(SYSTEM, "customers", name, [content])
    assert set((home / "media").rglob("*.data")) == before
    assert not Import.objects.exists()


def test_a_file_over_the_limit_is_refused() -> None:
    Organisation.objects.create(settings={"import_max_mb": 1})
    with pytest.raises(TooLarge):
        actions.upload(SYSTEM, "customers", "x.csv", [b"id,name\n", *[b"1,2\n" * 1000] * 300])
    assert not Import.objects.exists()


def module(name: str) -> Any:
    """A module of the package, where a function of its name hides it."""
    return importlib.import_module(f"ceap.connectors.{name}")


def test_planted_taking_every_file_for_text_is_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "detect", lambda path, name, choice: Form("csv", "utf-8", ","))
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_a_file_that_is_none_is_refused_in_words_and_nothing_is_kept(home, b"\x89PNG\r\n", "a.csv", "PNG image")


def test_planted_taking_every_text_for_windows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        importlib.import_module("ceap.core.sheets.detect"), "_encoding", lambda path, head, name: "cp1252"
    )
    with pytest.raises(AssertionError, match="cp1252"):
        test_encoding_and_delimiter_are_found_and_stated(b"id;name;mail\n1;Zo\xc3\xab;z@x.test\n", "utf-8", ";")


def test_planted_asking_for_the_size_after_the_upload_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module("actions.upload"), "limit", lambda: 10**9)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_a_file_over_the_limit_is_refused()


def test_a_file_without_a_header_has_numbered_columns() -> None:
    row = bring("1,Ann,ann@x.test\n2,Bo,bo@x.test\n", {"Column 1": "customer_id", "Column 3": "email"})
    assert receipt(row) == ("done", 2, 0, 0, 0)
    row = bring("3,Cy,broken\n", {"Column 1": "customer_id", "Column 3": "email"})
    assert [line[0] for line in lines(row)] == [1]


def test_line_breaks_in_quotes_and_repeated_column_names_are_understood() -> None:
    row = bring(
        'id,note,note\n1,"two\nlines",b\n2,c,d\n', {"id": "customer_id", "note": {"label": "Note", "type": "multiline"}}
    )
    assert receipt(row) == ("done", 2, 0, 0, 0)
    assert Customer.objects.get(customer_id="1").custom == {"note": "two\nlines"}
    assert queries.preview(SYSTEM, row.pk).columns[2].column == "note (2)"


def test_new_fields_are_made_while_starting_and_kept_apart_by_type() -> None:
    bring(
        "id,Points,Since,VIP\n1,3.5,2020-01-31,yes\n",
        {
            "id": "customer_id",
            "Points": {"type": "number"},
            "Since": {"type": "date"},
            "VIP": {"type": "boolean"},
        },
    )
    assert list(CustomField.objects.values_list("key", "type")) == [
        ("points", "number"), ("since", "date"), ("vip", "boolean")
    ]  # fmt: skip
    assert Customer.objects.get().custom == {"points": 3.5, "since": "2020-01-31", "vip": True}


def test_a_wrong_mapping_is_refused_and_makes_no_field() -> None:
    row = actions.upload(SYSTEM, "customers", "x.csv", [CSV.encode()])
    wrong: list[dict[str, Any]] = [
        {"name": {"label": "New", "type": "text"}},
        {"id": "customer_id", "name": "customer_id"},
        {"id": "customer_id", "nope": "email"},
        {"id": "customer_id", "name": {"label": "New", "type": "text"}, "mail": "no_such_field"},
    ]
    for mapping in wrong:
        with pytest.raises(Invalid):
            actions.start(SYSTEM, row.pk, mapping, {})
    assert not CustomField.objects.exists()
    assert Import.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("mapping", "options", "field"),
    [({"id": ["customer_id"]}, {}, "mapping.id"), ({"id": 5}, {}, "mapping.id"),
     ({"name": {"label": 5}}, {}, "mapping.name"), ({"name": {"type": ["text"]}}, {}, "mapping.name"),
     ({"name": {"label": "New", "type": "dropdown", "options": {"a": 1}}}, {}, "mapping.name"),
     ({}, {"policy": ["both"]}, "options.policy"), ({}, {"dates": {}}, "options.dates"),
     ({}, {"match": [["email"]]}, "options.match"), ({}, {"match": 5}, "options.match"),
     ({}, {"item_kind": 5}, "options.item_kind"), ({}, {"chunk": "many"}, "options.chunk")],
)  # fmt: skip
def test_what_is_no_word_is_refused_by_its_name(
    mapping: dict[str, Any], options: dict[str, Any], field: str
) -> None:  # fmt: skip
    row = actions.upload(SYSTEM, "customers", "x.csv", [CSV.encode()])
    for act in (actions.start, actions.check):
        with pytest.raises(Invalid) as refused:
            act(SYSTEM, row.pk, {"id": "customer_id"} | mapping, options)
        assert field in [error.field for error in refused.value.errors]
    assert not CustomField.objects.exists()


def test_an_import_starts_once() -> None:
    row = bring(CSV, MAP)
    with pytest.raises(Conflict):
        actions.start(SYSTEM, row.pk, MAP, {})


def test_a_workbook_is_brought_in_with_its_types() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["ID", "Born", "Points", "VIP"])
    import datetime

    sheet.write_number(1, 0, 1001)
    sheet.write_datetime(1, 1, datetime.datetime(1990, 2, 1), day)
    sheet.write_number(1, 2, 2.5)
    sheet.write_boolean(1, 3, True)
    book.close()
    row = bring(
        out.getvalue(),
        {"ID": "customer_id", "Born": "date_of_birth", "Points": "balance_available", "VIP": "chatroom"},
        name="x.xlsx",
    )
    assert receipt(row) == ("done", 1, 0, 0, 0)
    one = Customer.objects.get()
    assert (one.customer_id, str(one.date_of_birth), float(one.balance_available or 0), one.chatroom) == (
        "1001", "1990-02-01", 2.5, True
    )  # fmt: skip


def test_guesses_come_from_names_and_values() -> None:
    content = "CustomerID,E-Mail,Mobile,Born,whatever,Contact\n1,a@x.test,+447700900001,1990-01-01,3.5,c@x.test\n"
    row = actions.upload(SYSTEM, "customers", "x.csv", [content.encode()])
    guessed = {g.column: (g.field, g.type) for g in queries.preview(SYSTEM, row.pk).columns}
    assert guessed["CustomerID"][0] == "customer_id"
    assert guessed["E-Mail"][0] == "email"
    assert guessed["Mobile"][0] == "phone"
    assert guessed["Born"] == ("date_of_birth", "date")
    assert guessed["whatever"] == ("", "number")


def test_a_check_says_what_would_happen_and_changes_nothing() -> None:
    bring(CSV, MAP)
    row = actions.upload(SYSTEM, "customers", "x.csv", [b"id,name,mail\n1,Ann B,ann@x.test\n3,Cy,\n4,D,no\n"])
    told = actions.check(SYSTEM, row.pk, MAP | {"name": {"label": "Nick", "type": "text"}}, {})
    assert (told.rows, told.all, told.created, told.updated, told.rejected) == (3, True, 1, 1, 1)
    assert [(n, r.field) for n, r in told.said] == [(4, "mail")]
    assert (Customer.objects.count(), CustomField.objects.count()) == (2, 0)


def test_cancelling_keeps_what_is_done_and_the_receipt_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    running = sys.modules["ceap.connectors.actions.run"]
    row = actions.upload(SYSTEM, "customers", "x.csv", [b"id\n" + b"".join(b"%d\n" % n for n in range(1, 11))])
    row = actions.start(SYSTEM, row.pk, {"id": "customer_id"}, {"chunk": 2})
    original = running._bring_in

    def then_cancel(*args: Any) -> None:
        original(*args)
        if Import.objects.get(pk=row.pk).position == 4:
            cancel(str(row.job_id), SYSTEM)

    monkeypatch.setattr(running, "_bring_in", then_cancel)
    run(str(row.job_id))
    row.refresh_from_db()
    assert (row.state, row.position, row.created) == ("cancelled", 4, 4)
    assert "4 rows" in row.message
    assert Customer.objects.count() == 4


def test_items_are_brought_in_and_repeating_changes_nothing() -> None:
    from ceap.catalog.models import Item

    content = "sku,name,price,colour\nA1,Apple,0.25,red\nA2,Pear,,\n,Nothing,1,\n"
    mapping = {"sku": "key", "name": "name", "price": "price", "colour": "prop:colour"}
    assert receipt(bring(content, mapping, target="items")) == ("done", 2, 0, 0, 1)
    assert Item.objects.get(key="A1").attributes == {"colour": "red"}
    assert receipt(bring(content, mapping, target="items")) == ("done", 0, 0, 2, 1)


def test_purchases_keep_true_duplicates_and_repeating_the_file_adds_nothing() -> None:
    from ceap.events.queries import warehouse

    bring("id\nc1\n", {"id": "customer_id"})
    content = (
        "order,who,when,sku,qty,price\no1,c1,2026-01-01 10:00,A,1,2.50\no1,c1,2026-01-01 10:00,A,1,2.50\n"
        "o2,,2026-01-02,B,2,1.005\no3,ghost,2026-01-03,B,2,1\no4,c1,,B,2,1\n"
    )
    mapping = {
        "order": "order_id",
        "who": "customer",
        "when": "at",
        "sku": "item",
        "qty": "quantity",
        "price": "unit_price",
    }
    row = bring(content, mapping, target="purchases", no_customer="anonymous")
    assert receipt(row) == ("done", 3, 0, 0, 2)
    assert [(n, c) for n, c, _, _ in lines(row)] == [(5, "who"), (6, "when")]
    again = bring(content, mapping, target="purchases", no_customer="anonymous", chunk=1)
    assert receipt(again) == ("done", 0, 0, 3, 2)
    house = warehouse()
    house.sync()
    purchases = house.table("purchases")
    assert house.count("purchases") == 3
    assert str(house.run(purchases.amount.sum()).column(0)[0].as_py()) == "7.0100"
    assert Customer.objects.get(customer_id="c1").last_activity_at is not None


def test_purchases_of_unknown_customers_can_create_them() -> None:
    content = "order,who,when,amount\no1,new,2026-01-01,5\n"
    mapping = {"order": "order_id", "who": "customer", "when": "at", "amount": "amount"}
    assert receipt(bring(content, mapping, target="purchases", unknown_customer="create")) == ("done", 1, 0, 0, 0)
    assert Customer.objects.get().customer_id == "new"


def test_events_are_brought_in_with_properties() -> None:
    from ceap.events.queries import warehouse

    bring("id\nc1\n", {"id": "customer_id"})
    mapping = {"who": "customer", "what": "name", "when": "at", "page": "prop:page"}
    row = bring("who,what,when,page\nc1,viewed,2026-01-01T10:00:00Z,/a\n", mapping, target="events")
    assert receipt(row) == ("done", 1, 0, 0, 0)
    house = warehouse()
    house.sync()
    found = house.run(house.table("events").filter(house.table("events").name == "viewed")).to_pylist()
    assert found[-1]["props"] == '{"page":"/a"}'


CELL = st.sampled_from(["", "1", "2", "x y", 'quo"te', "ä,ö;", "line\nbreak", "a@x.test", "b@x.test", "nope@"])


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=12), st.integers(1, 5))
@settings(max_examples=often(5, 25), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_table_is_accounted_for_and_repeating_it_changes_nothing(rows: list[tuple[str, ...]], chunk: int) -> None:
    import csv

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "name", "mail"])
    writer.writerows(rows)
    first = bring(out.getvalue(), MAP, chunk=chunk)
    written = [row for row in rows if any(row)]
    assert first.state == "done"
    assert first.created + first.updated + first.unchanged + first.rejected == first.position
    assert first.position in (len(written), len(rows))
    before = sorted(map(str, Customer.objects.values_list("customer_id", "full_name", "email")))
    again = bring(out.getvalue(), MAP, chunk=chunk)
    assert again.created == 0
    assert sorted(map(str, Customer.objects.values_list("customer_id", "full_name", "email"))) == before


def test_parquet_keeps_its_types() -> None:
    table = pa.table({"id": pa.array([1, 2]), "points": pa.array([1.5, None]), "ok": pa.array([True, False])})
    out = io.BytesIO()
    pq.write_table(table, out)
    row = bring(
        out.getvalue(), {"id": "customer_id", "points": "balance_available", "ok": "chatroom"}, name="x.parquet"
    )
    assert receipt(row) == ("done", 2, 0, 0, 0)
    assert list(Customer.objects.order_by("customer_id").values_list("customer_id", "chatroom")) == [
        ("1", True), ("2", False)
    ]  # fmt: skip


def key(**grants: str) -> tuple[ApiKey, Actor]:
    made = ApiKey.objects.create(
        name="shop", kind="service", prefix="p", digest="d", grants={"customers_import": "all", **grants},
        created_at=now(),
    )  # fmt: skip
    return made, actor_of_key(made)


def started_by(actor: Actor) -> Import:
    row = actions.upload(actor, "customers", "f.csv", [CSV.encode()])
    return actions.start(actor, row.pk, MAP, {})


def test_an_import_started_by_a_key_is_done_as_that_key_and_not_as_the_system() -> None:
    made, shop = key()
    row = bring(CSV, MAP, by=shop)
    assert receipt(row) == ("done", 2, 0, 0, 0)
    told = AuditEntry.objects.filter(object_id=str(row.pk)).values_list("verb", "actor_kind", "actor_id")
    assert set(told) == {(f"imports.{verb}", "key", str(made.pk)) for verb in ("upload", "start", "done")}


@pytest.mark.parametrize("revoked", [True, False], ids=["revoked", "without the permission"])
def test_an_import_ends_when_its_key_may_not_import_any_more(revoked: bool) -> None:
    made, shop = key()
    row = started_by(shop)
    if revoked:
        made.revoked_at = now()
    made.grants = {}
    made.save()
    run(str(row.job_id))
    row.refresh_from_db()
    assert (row.state, row.created, Customer.objects.count()) == ("failed", 0, 0)
    expected = "Whoever started this import was deactivated." if revoked else "This needs the permission"
    assert row.message.startswith(expected)


def test_an_import_ends_when_its_user_is_deactivated() -> None:
    ada = actors.user()
    row = started_by(actors.actor_of(ada))  # type: ignore[attr-defined]
    ada.is_active = False
    ada.save()
    run(str(row.job_id))
    row.refresh_from_db()
    assert (row.state, row.message) == ("failed", "Whoever started this import was deactivated.")
