"""How a file is read: shown, chosen, and brought in exactly so."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import Any

import pytest
import xlsxwriter

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import User
from ceap.accounts.queries import actor_of
from ceap.connectors import actions, queries
from ceap.connectors.contracts import ENCODINGS, BadFile, Choice
from ceap.connectors.models import Import
from ceap.customers.models import Customer
from ceap.jobs.actions import run
from ceap.kit.problem import Conflict
from tests import actors
from tests.segments.people import Browser

pytestmark = pytest.mark.django_db(transaction=True)
CYRILLIC = "email;full_name\nru1@example.org;Анна Иванова\n".encode("cp1251")
ONE_BAD_BYTE = "email,full_name\nok1@example.org,Zoë\nbad1@example.org,Ren".encode() + b"\xe9e\n"


@pytest.fixture
def ada() -> User:
    return actors.user("Ada")


def draft(content: bytes, name: str = "people.csv", **choice: Any) -> Import:
    return actions.upload(SYSTEM, "customers", name, [content], Choice(**choice))


def workbook(**sheets: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            if name.startswith("Hidden"):
                sheet.hide()
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return out.getvalue()


def ask(user: User, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
    sent = json.dumps(body) if body is not None else ""
    answer = Browser(user).generic(method, f"/api/connectors/imports/{path}", sent, "application/json")
    assert answer.status_code == expect, (answer.status_code, answer.content)
    return answer.json()


def bring(row: Import) -> list[tuple[str, str]]:
    row = actions.start(SYSTEM, row.pk, {"email": "email", "full_name": "full_name"}, {"match": ["email"]})
    run(str(row.job_id))
    return list(Customer.objects.order_by("email").values_list("email", "full_name"))


def test_the_preview_shows_how_a_text_is_read_and_what_is_chosen_is_what_comes_in(ada: User) -> None:
    row = actions.upload(actor_of(ada), "customers", "people.csv", [CYRILLIC])
    said = ask(ada, "GET", str(row.pk))
    assert said["form"] == {
        "kind": "csv", "encoding": "cp1251", "encoding_label": "Cyrillic (Windows-1251)", "delimiter": ";",
        "header": True, "sheet": "", "header_row": 1,
    }  # fmt: skip
    assert said["choice"] == {"encoding": None, "delimiter": None, "sheet": None, "header_row": None}
    wrong = ask(ada, "PUT", f"{row.pk}/form", {"encoding": "cp1252", "header_row": 0})
    assert (wrong["form"]["encoding"], wrong["form"]["header"], wrong["rows"]) == ("cp1252", False, 2)
    assert wrong["choice"] == {"encoding": "cp1252", "delimiter": None, "sheet": None, "header_row": 0}
    preview = ask(ada, "GET", f"{row.pk}/preview")
    assert preview["rows"][1] == ["ru1@example.org", "Àííà Èâàíîâà"]
    assert preview["top"] == [["email", "full_name"], ["ru1@example.org", "Àííà Èâàíîâà"]]
    assert {"value": "koi8_r", "label": "Cyrillic (KOI8-R)"} in preview["encodings"]
    right = ask(ada, "PUT", f"{row.pk}/form", {"encoding": "windows-1251"})
    assert (right["form"]["encoding"], right["form"]["header_row"], right["rows"]) == ("cp1251", 1, 1)
    row.refresh_from_db()
    assert bring(row) == [("ru1@example.org", "Анна Иванова")]


def test_an_encoding_that_was_not_detected_is_the_one_the_import_uses() -> None:
    row = draft("email,full_name\na@example.org,Ayşe Yıldız\n".encode("cp1254"), encoding="cp1254")
    assert (row.form["encoding"], row.choice) == ("cp1254", {"encoding": "cp1254"})
    assert bring(row) == [("a@example.org", "Ayşe Yıldız")]


def test_the_preview_names_the_row_with_a_byte_that_is_no_text(ada: User) -> None:
    row = actions.upload(actor_of(ada), "customers", "people.csv", [ONE_BAD_BYTE])
    preview = ask(ada, "GET", f"{row.pk}/preview")
    assert (preview["unreadable"], preview["numbers"], preview["rows"]) == (1, [2], [["ok1@example.org", "Zoë"]])
    assert preview["torn"] == [
        {
            "row": 3, "text": "bad1@example.org,Ren\ufffde",
            "why": "has a byte in “full_name” that is no UTF-8: choose another encoding",
        }
    ]  # fmt: skip


def test_a_workbook_names_its_sheets_hidden_ones_too_and_any_can_be_chosen(ada: User) -> None:
    content = workbook(
        Readme=[["See the other sheet"]], Hidden=[["email"], ["h@example.org"]],
        People=[["Our customers"], [], ["email", "full_name"], ["a@example.org", "Ann"]],
    )  # fmt: skip
    row = actions.upload(actor_of(ada), "customers", "people.xlsx", [content])
    assert (row.form["sheet"], row.form["header_row"]) == ("People", 3)
    preview = ask(ada, "GET", f"{row.pk}/preview")
    assert preview["sheets"] == [
        {"name": "Readme", "hidden": False}, {"name": "Hidden", "hidden": True}, {"name": "People", "hidden": False},
    ]  # fmt: skip
    assert preview["top"][:3] == [["Our customers", ""], ["", ""], ["email", "full_name"]]
    chosen = ask(ada, "PUT", f"{row.pk}/form", {"sheet": "Hidden"})
    assert (chosen["form"]["sheet"], chosen["rows"]) == ("Hidden", 1)
    assert ask(ada, "GET", f"{row.pk}/preview")["rows"] == [["h@example.org"]]
    row.refresh_from_db()
    started = actions.start(SYSTEM, row.pk, {"email": "email"}, {"match": ["email"]})
    run(str(started.job_id))
    assert list(Customer.objects.values_list("email", flat=True)) == ["h@example.org"]


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"encoding": "klingon"}, "“klingon” is no encoding that files are read in"),
        ({"sheet": "People"}, "A text file has no sheets to choose."),
        ({"header_row": 9}, "The file has no row 9 to name the columns."),
        ({"header_row": -1}, "Choose a row from 1 to 1,000"),
        ({"delimiter": '"'}, "Choose one character as the delimiter"),
        ({"delimiter": "\x01"}, "Choose one character as the delimiter"),
        ({"encoding": "utf-16"}, "“people.csv” is no text in UTF-16"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_the_form_stays(ada: User, choice: dict[str, Any], says: str) -> None:
    row = actions.upload(actor_of(ada), "customers", "people.csv", [ONE_BAD_BYTE])
    before = (row.form, row.choice, row.rows)
    assert says in ask(ada, "PUT", f"{row.pk}/form", choice, 422)["detail"]
    row.refresh_from_db()
    assert (row.form, row.choice, row.rows) == before
    assert ask(ada, "GET", f"{row.pk}/preview")["rows"] == [["ok1@example.org", "Zoë"]]


def test_a_workbook_has_no_encoding_and_a_file_that_cannot_be_read_so_is_not_kept() -> None:
    with pytest.raises(BadFile, match="A workbook has no encoding to choose"):
        draft(workbook(A=[["email"], ["a@example.org"]]), "people.xlsx", encoding="utf-8")
    assert not Import.objects.exists()


def test_a_plan_for_a_form_that_somebody_changed_is_refused_and_starts_nothing(ada: User) -> None:
    row = actions.upload(actor_of(ada), "customers", "people.csv", [CYRILLIC])
    form = ask(ada, "GET", str(row.pk))["form"]
    plan = {"mapping": {"email": "email"}, "options": {"match": ["email"]}, "form": form}
    assert ask(ada, "POST", f"{row.pk}/check", plan)["created"] == 1
    actions.choose(actor_of(ada), row.pk, Choice(encoding="koi8_r"))
    for verb in ("check", "start"):
        assert "changed how this file is read" in ask(ada, "POST", f"{row.pk}/{verb}", plan, 409)["detail"]
    row.refresh_from_db()
    assert (row.state, Customer.objects.count()) == ("draft", 0)


def test_the_form_of_an_import_that_was_started_stays() -> None:
    row = draft(CYRILLIC)
    actions.start(SYSTEM, row.pk, {"email": "email"}, {"match": ["email"]})
    with pytest.raises(Conflict):
        actions.choose(SYSTEM, row.pk, Choice(encoding="cp1252"))
    row.refresh_from_db()
    assert (row.form["encoding"], row.choice) == ("cp1251", {})


def test_a_chosen_form_outlives_the_copy_that_reading_left() -> None:
    row = draft(CYRILLIC, encoding="koi8_r")
    shown = queries.preview(SYSTEM, row.pk).rows
    actions.forget(queries.path_of(row))
    assert queries.preview(SYSTEM, row.pk).rows == shown


@pytest.mark.parametrize(
    "content", [CYRILLIC, ONE_BAD_BYTE, "email,name\nä@x.org,\U0001f600\n".encode("utf-16-le") + b"\xd8"]
)
def test_every_encoding_can_be_tried_on_any_text(content: bytes) -> None:
    row = draft(content)
    for encoding in ENCODINGS:
        with suppress(BadFile):
            form = actions.choose(SYSTEM, row.pk, Choice(encoding=encoding)).form
            assert form["encoding"] == encoding
            queries.preview(SYSTEM, row.pk)
