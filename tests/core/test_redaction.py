"""A person is taken out of a kept file in the encoding, and under the header, with which the file was brought in."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from ceap.core.copies import Person
from ceap.core.redaction import redact_file
from ceap.core.traces import Traces

pytestmark = pytest.mark.req("B-14")
NAME = "Żaneta Łęcka"
ADA = Person(
    "request", (1,), Traces.of(emails=["ada@example.test"], names=[NAME]), {"loyalty_card": ("77",)},
    datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip
LINES = [
    "Export of the shop;;", "card;name;note", f"1;{NAME};ada@example.test", f"77;A. L.;“{NAME}” rang", "8;Bob;ćma",
    f"9;Bob;friend of {NAME}", "",
]  # fmt: skip
LEFT = ["Export of the shop;;", "card;name;note", ";;", ";;", "8;Bob;ćma", "9;Bob;friend of [erased]", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250"])
def test_a_text_is_rewritten_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "kept.csv"
    file.write_bytes("\r\n".join(LINES).encode(encoding))
    form = {"encoding": encoding, "delimiter": ";", "header_row": 2}
    done = redact_file(file, ADA, columns={"loyalty_card": ["card"]}, form=form)
    assert (done.changed, done.rows) == (True, [3, 4])
    assert file.read_bytes() == "\r\n".join(LEFT).encode(encoding)


def test_a_file_that_names_nobody_stays_as_it_is_whatever_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "kept.csv"
    file.write_bytes("名前,メモ\r\n".encode("cp932") + b"\x81\xff,\x80\r\n")
    before = file.read_bytes()
    assert not redact_file(file, ADA, form={"encoding": "cp932"}).changed
    assert file.read_bytes() == before


def test_a_workbook_names_its_columns_in_the_row_that_was_chosen(tmp_path: Path) -> None:
    file, book = tmp_path / "kept.xlsx", openpyxl.Workbook()
    for row in (["Export of the shop"], ["card", "name"], ["77", "A. L."], ["8", "Bob"]):
        book.active.append(row)
    book.save(file)
    done = redact_file(file, ADA, columns={"loyalty_card": ["card"]}, form={"header_row": 2})
    assert done.rows == [3]
    left = list(openpyxl.load_workbook(file).active.values)
    assert left == [("Export of the shop", None), ("card", "name"), (None, None), ("8", "Bob")]


LEFT_AS_IT_WAS = "a@exämple.test.other, b@xn--exmple-cua.test"
SPELLED = (
    "zoë.q@exämple.test", "ZOË.Q@EXÄMPLE.TEST", "zoe\u0308.q@exa\u0308mple.test", "zoë.q@xn--exmple-cua.test",
    "zoe\u0308.q@XN--EXMPLE-CUA.test", "zo\\u00eb.q@xn--exmple-cua.test", "zoe\\u0308.q@exa\\u0308mple.test",
    "zo%C3%AB.q%40xn--exmple-cua.test", "Zoë Quorlt", "Zoe\u0308 Quorlt", "Zoe\\u0308 Quorlt",
)  # fmt: skip


@pytest.mark.parametrize("spelled", SPELLED)
def test_a_person_is_found_in_every_spelling_by_text_by_bytes_and_by_the_search_of_the_store(spelled: str) -> None:
    """Mails carry a domain in ASCII (xn--…), file systems and some exports take letters apart (NFD)."""
    zoe = Traces.of(emails=["zoë.q@exämple.test"], names=["Zoë Quorlt"])
    assert zoe.scrub(f"to <{spelled}>; {LEFT_AS_IT_WAS}") == f"to <[erased]>; {LEFT_AS_IT_WAS}"
    assert spelled.encode() not in zoe.blanked(f"to {spelled} now".encode())
    with sqlite3.connect(":memory:") as store:
        likes = " OR ".join("? LIKE " + f"'{like}'" for like in zoe.likes)
        assert store.execute(f"SELECT {likes}", [spelled] * len(zoe.likes)).fetchone() == (1,)
    assert zoe.names_row([spelled]) == ("@" in spelled and "\\" not in spelled)
