"""Bringing the same file in again changes nothing, whatever the types of its values and its format."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from ceap.accounts.contracts import SYSTEM
from ceap.customers import actions
from ceap.customers.models import Customer
from ceap.customers.queries import Filters, fields
from ceap.jobs.actions import run
from tests import actors
from tests.connectors.bringing import bring, lines, receipt

pytestmark = pytest.mark.django_db(transaction=True)
OWN = {
    "date": "1990-04-03", "datetime": "2026-11-20 14:30:15.25", "number": "-1234.5", "boolean": "yes", "text": "=a  b",
    "multiline": "one\ntwo", "dropdown": "red", "multiple": "green;red", "url": "https://example.com/a",
    "gps": "-6.20,106.80", "user": "Uma",
    "file": '[{"name": "Contract of Ann", "file": "ab/c.pdf"}]',
    "signature": '{"file": "ann.png", "signed_at": "2026-11-20 14:30"}',
}  # fmt: skip
GIVEN = {
    "customer_id": "c1", "email": "Ann@xn--exmple-cua.test", "phone": "+44 7700 900123",
    "full_name": "E\u0301mile  Zola",
    "sex": "f", "date_of_birth": "0999-12-31", "member_created_at": "2026-03-29 01:30", "balance_available": "0.1",
    "balance_pending": "12345678901234.5678", "chatroom": "no", "owner": "Uma", "time_zone": "Europe/London",
    "marketing_opt_in": "subscribed", "marketing_opt_in_at": "2026-01-01 00:00:00.000001",
}  # fmt: skip


@pytest.fixture
def given() -> dict[str, str]:
    """A row with a value of every type, by field."""
    actors.user("Uma")
    row = dict(GIVEN)
    for type, value in OWN.items():
        options = ["red", "green"] if type in ("dropdown", "multiple") else []
        row[actions.add_field(SYSTEM, f"Own {type}", type, options=options).key] = value
    return row


def csv(row: dict[str, str]) -> bytes:
    cells = ['"' + value.replace('"', '""') + '"' for value in row.values()]
    return f"{','.join(row)}\n{','.join(cells)}\n".encode()


def xlsx(row: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    day, moment = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
    for column, (name, value) in enumerate(row.items()):
        sheet.write_string(0, column, name)
        if isinstance(value, date):
            sheet.write_datetime(1, column, value, moment if isinstance(value, datetime) else day)
        else:
            sheet.write(1, column, value)
    book.close()
    return out.getvalue()


def parquet(row: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: [value] for name, value in row.items()}), out)
    return out.getvalue()


def typed(row: dict[str, str]) -> dict[str, Any]:
    """As a program writes them: dates, moments, numbers and answers with their types."""
    return row | {
        "member_created_at": datetime(2026, 3, 29, 1, 30), "balance_available": 0.1, "own_number": -1234.5,
        "own_date": date(1990, 4, 3), "own_datetime": datetime(2026, 11, 20, 14, 30, 15, 250000), "own_boolean": True,
        "chatroom": False,
    }  # fmt: skip


def same(content: bytes, name: str, mapping: dict[str, Any]) -> None:
    before: Any = Customer.objects.values().get()
    again = bring(content, mapping, name=name, match=["email"])
    after = Customer.objects.values().get()
    assert {key: (before[key], value) for key, value in after.items() if value != before[key]} == {}
    assert (receipt(again), lines(again)) == (("done", 0, 0, 1, 0), [])


def test_no_format_and_no_type_changes_anything_the_second_time(given: dict[str, str]) -> None:
    mapping: dict[str, Any] = {key: key for key in given}
    first = bring(csv(given), mapping)
    assert (receipt(first), lines(first)) == (("done", 1, 0, 0, 0), [])
    same(csv(given), "a.csv", mapping)
    same(parquet(given), "a.parquet", mapping)
    same(parquet(typed(given)), "b.parquet", mapping)
    same(xlsx(given), "a.xlsx", mapping)
    same(xlsx(typed(given)), "b.xlsx", mapping)
    for format in ("csv", "xlsx"):
        job = actions.start_export(SYSTEM, Filters(), format)
        run(str(job.pk))
        job.refresh_from_db()
        content = (actions.folder() / str((job.result or {})["file"])).read_bytes()
        same(content, f"own.{format}", {f.label: f.key for f in fields() if f.key in given})


def test_what_the_page_stored_is_left_as_it_is_by_the_same_in_a_file(given: dict[str, str]) -> None:
    row = actions.create(SYSTEM, {key: value for key, value in given.items() if not key.startswith("marketing")})
    assert row.date_of_birth == date(999, 12, 31)
    assert row.member_created_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    mapping: dict[str, Any] = {key: key for key in given if not key.startswith("marketing")}
    same(csv({key: given[key] for key in mapping}), "a.csv", mapping)
    same(csv({"email": "Ann@EXÄMPLE.test", "own_date": "1990-04-03T00:00:00Z"}), "b.csv", {
        "email": "email", "own_date": "own_date",
    })  # fmt: skip
