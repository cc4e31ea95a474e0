"""Files as people have them: encodings, quotes, blank lines, sheets, damaged numbers, bombs."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from ceap.core.sheets import LIMITS, BadFile, Choice
from ceap.core.sheets.encodings import best
from ceap.core.sheets.reading import Rows, rows


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def reading(content: bytes, name: str = "a.csv", **choice: Any) -> Rows:
        (tmp_path / name).write_bytes(content)
        return rows(tmp_path / name, name, choice=Choice(**choice))

    return reading


def cells(found: Rows) -> list[list[Any]]:
    return [list(row.values()) for part in found.parts(100) for row in part.table.to_pylist()]


def numbers(found: Rows) -> list[int]:
    return [number for part in found.parts(100) for number in part.numbers]


def torn(found: Rows) -> list[tuple[int, str, str]]:
    return [one for part in found.parts(100) for one in part.torn]


WORDS = {
    "cp1251": ("Анна Иванова", "Иван Петров;Москва", "ИВАН ПЕТРОВ"),
    "cp1252": ("René", "Müller;Zürich", "José Nuñez", "Åsa Öberg"),
    "cp932": ("山田太郎", "東京都", "佐藤 花子"),
    "gb18030": ("王伟", "北京市", "李小明"),
    "big5": ("陳大文", "林志玲"),
    "cp949": ("김민수", "이지은"),
    "cp1250": ("Łukasz Wałęsa", "Dvořák"),
    "cp1253": ("Γιώργος",),
    "cp1255": ("שלום",),
    "cp1256": ("محمد علي",),
    "cp1257": ("Jānis Bērziņš",),
    "cp874": ("สมชาย",),
    "koi8_r": ("Мария Иванова",),
    "mac_roman": ("René",),
}


@pytest.mark.parametrize(("encoding", "words"), [(e, w) for e, ws in WORDS.items() for w in ws])
def test_an_encoding_is_known_by_a_single_name(encoding: str, words: str) -> None:
    assert best(f"email;full_name\nru1@example.org;{words}\n".encode(encoding)) == encoding


def test_one_bad_byte_is_its_rows_alone(read: Any) -> None:
    found = read(b"email,full_name\nok1@example.org,Zo\xc3\xab\nbad1@example.org,Ren\xe9e\n")
    assert found.form.encoding == "utf-8"
    assert (cells(found), numbers(found)) == ([["ok1@example.org", "Zoë"]], [2])
    [(row, _, why)] = torn(found)
    assert (row, why) == (3, "has a byte in “full_name” that is no UTF-8: choose another encoding")


def test_another_encoding_can_be_chosen(read: Any) -> None:
    content = "email,full_name\na@example.org,Иван\n".encode("koi8_r")
    assert cells(read(content, encoding="koi8_r")) == [["a@example.org", "Иван"]]
    assert cells(read(content, encoding="cp866")) != [["a@example.org", "Иван"]]


def test_a_quote_inside_an_unquoted_cell_is_a_character(read: Any) -> None:
    one = read(b'sku,name,price\nA1,12" record,9.99\nA2,Lamp,5\n')
    assert cells(one) == [["A1", '12" record', "9.99"], ["A2", "Lamp", "5"]]
    two = read(b'sku,name,price\nA1,12" record,9.99\nA2,7" single,5\n')
    assert cells(two) == [["A1", '12" record', "9.99"], ["A2", '7" single', "5"]]


def test_blank_lines_and_the_sep_line_are_no_rows_and_are_counted(read: Any) -> None:
    blank = read(b"email,born\na@example.org,1990-01-01\n\n\nb@example.org,notadate\n")
    assert (numbers(blank), cells(blank)[1]) == ([2, 5], ["b@example.org", "notadate"])
    sep = read(b"sep=;\r\nemail;full_name\r\na@example.org;Ann\r\n")
    assert (sep.columns, cells(sep), numbers(sep)) == (["email", "full_name"], [["a@example.org", "Ann"]], [3])
    alone = read(b"known@example.org")
    assert (alone.columns, cells(alone), numbers(alone)) == (["Column 1"], [["known@example.org"]], [1])


def test_the_header_is_found_below_a_title_and_can_be_chosen(read: Any) -> None:
    content = b"Report of ACME\n\nemail,name\na@example.org,Ann\nb@example.org,Bo\n"
    assert (read(content).form.header_row, numbers(read(content))) == (3, [4, 5])
    assert read(content, header_row=4).columns == ["a@example.org", "Ann"]
    assert read(b"a,b\nc,d\n", header_row=0).columns == ["Column 1", "Column 2"]


def test_blank_rows_behind_a_line_break_are_no_open_quote(read: Any) -> None:
    assert cells(read(b'a,b\n1,"line\nbreak"\n,\n\n')) == [["1", "line\nbreak"]]


def test_a_row_of_another_width_says_which_and_why(read: Any) -> None:
    found = read(b'a,b\n1,2\n"3\n4,5\n6",7,8\n9,10\n')
    assert numbers(found) == [2, 4]
    assert torn(found) == [(3, '"3\n4,5\n6",7,8', 'has 3 columns instead of 2; a quote (") opened in it goes on for 2 '
                            "more lines")]  # fmt: skip


@pytest.mark.parametrize("line", [b'4,"five\n', b'"4,five\n', b'4,"five,6\n'])
def test_a_quote_that_is_never_closed_is_named_by_its_row_at_once(read: Any, line: bytes) -> None:
    with pytest.raises(BadFile, match=r'Row 3 opens a quote \("\) that is never closed'):
        read(b"a,b\n1,2\n" + line + b"7,8\n" * 100)


def workbook(**sheets: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name.replace("_", " "))
            if name.startswith("Hidden"):
                sheet.hide()
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return out.getvalue()


def test_a_workbook_has_sheets_and_a_header_somewhere(read: Any) -> None:
    content = workbook(
        Read_me=[["See the second sheet"]], Hidden_one=[["a"], [1]], Customers=[["Title"], [], ["email", "name"],
        ["a@example.org", "Ann"], [], ["b@example.org", "Bo"]], Other=[["x"], ["y"]],
    )  # fmt: skip
    found = read(content, "a.xlsx")
    assert (found.form.sheet, found.form.header_row, numbers(found)) == ("Customers", 3, [4, 6])
    assert found.sheets == [("Read me", False), ("Hidden one", True), ("Customers", False), ("Other", False)]
    assert read(content, "a.xlsx", sheet="Other").columns == ["x"]
    with pytest.raises(BadFile, match="no sheet “Nowhere”"):
        read(content, "a.xlsx", sheet="Nowhere")


def test_long_numbers_of_a_workbook_are_digits_or_look_damaged(read: Any) -> None:
    lines: list[list[Any]] = [
        ["id"],
        [123456789012345],
        [6234567890123450],
        [6234567890123457],
        ["6234567890123456"],
        [12.0],
        [0.5],
    ]
    assert [c[0] for c in cells(read(workbook(A=lines), "a.xlsx"))] == [
        "123456789012345", "6.23456789012345E+15", "6234567890123457", "6234567890123456", "12", "0.5",
    ]  # fmt: skip


def test_bombs_are_refused_quickly_and_in_words(read: Any, tmp_path: Path) -> None:
    started = time.process_time()
    with pytest.raises(BadFile, match="more than 2,000 columns"):
        read((",".join(f"c{i}" for i in range(50_000)) + "\n").encode() * 2)
    with pytest.raises(BadFile, match="Row 3 opens a quote"):
        read(b'a,b,c\n1,2,3\n4,"five,6\n' + b"7,8,9\n" * 3_500_000)
    bomb = io.BytesIO(workbook(A=[["x"], ["y"]]))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 120_000_000)
    with pytest.raises(BadFile, match="unpacks to 120 MB"):
        read(bomb.getvalue(), "a.xlsx")
    wide = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array(["x" * 1_000_000] * 200).dictionary_encode()}), wide)
    with pytest.raises(BadFile, match="unpacks to more"):
        read(wide.getvalue(), "a.parquet")
    with pytest.raises(BadFile, match="zip archive, not a workbook"):
        read(workbook(A=[["x"]]).replace(b"xl/", b"yl/"), "a.zip")
    assert time.process_time() - started < 5
    assert not list(tmp_path.glob("*.part"))


def test_a_planted_lack_of_limits_is_found(read: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(LIMITS), "columns", 10**9)
    object.__setattr__(LIMITS, "columns", 10**9)
    try:
        with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
            with pytest.raises(BadFile):
                read((",".join(f"c{i}" for i in range(2_500)) + "\n").encode() * 2)
    finally:
        object.__setattr__(LIMITS, "columns", 2_000)


def test_a_short_row_with_a_byte_that_is_no_text_is_its_own_affair(read: Any) -> None:
    found = read(b"email,name\na@example.org,Zo\xc3\xab\nb\xe9\nc@example.org,Cy\n")
    assert (numbers(found), cells(found)[1]) == ([2, 4], ["c@example.org", "Cy"])
    assert torn(found) == [(3, "b\ufffd", "has 1 columns instead of 2")]
