"""Reading what people typed: tables, amounts, outlets, labels, the roles of columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ceap.core.learning import cleaning, grocery, roles, table
from ceap.core.learning.amounts import amount, names
from ceap.core.learning.roles import Given, Roles
from ceap.core.learning.table import Sheet, Unreadable
from ceap.kit.problem import Invalid
from tests.learning import chain


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1400", 1400),
        (" 1,400.50 ", 1400.5),
        ("Rs. 1,400", 1400),
        ("12,34,567.8", 1234567.8),
        ("LKR 5", 5),
        ("1e3", 1000),
    ],
)
def test_an_amount_that_is_safe_to_read_is_read(cell: str, value: float) -> None:
    assert amount(cell).value == value


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("nul", "is missing"), ("", "is missing"), (None, "is missing"), (float("nan"), "is missing"),
        ("One thousand four hundread ruppes", "is written in words"), ("-5", "is negative"), ("inf", "is infinite"),
        (float("inf"), "is infinite"), ("1e999", "is infinite"), ("1.234,50", "is not a number"),
        ("10-20", "is not a number"), ("12,5", "is not a number"), (True, "is not a number"),
    ],
)  # fmt: skip
def test_an_amount_is_never_guessed(cell: object, wrong: str) -> None:
    assert (amount(cell).value, amount(cell).wrong) == (None, wrong)


def test_spellings_of_an_outlet_are_one_name_and_a_rare_one_that_is_alike_is_a_misspelling() -> None:
    read = names({"Trincomalee": 900, "TRINCOMALEE ": 20, "Trincomale": 12, "Kandy": 800, "Galle": 3, "nul": 4}).read
    assert [read(cell) for cell in ("trincomalee", "Trincomale", "KANDY", "Galle", "nul", None, "Jaffna")] == [
        "Trincomalee", "Trincomalee", "Kandy", "Galle", None, None, None,
    ]  # fmt: skip


def test_cells_of_a_csv_stay_as_they_came_whatever_its_encoding_and_separator(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1"):
        file.write_bytes('id;name\n007;"é;x"\n 1.50 ;\n'.encode(encoding))
        assert table.read(file).table.to_pylist() == [{"id": "007", "name": "é;x"}, {"id": " 1.50 ", "name": ""}]


def test_a_line_of_another_length_is_kept_in_its_place_and_reported(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,fresh_sales,dry_sales\n1,2,3\n2,1,200,4\n\n3,4,5\n4,6\n")
    sheet = table.read(file)
    assert sheet.table["id"].to_pylist() == ["1", "2", "3", "4"]
    assert sheet.broken == (1, 3)
    cleaned = cleaning.clean(sheet, roles.guess(sheet.table, Given()))
    assert cleaned.rows.tolist() == [0, 2]
    assert cleaned.why == dict.fromkeys((1, 3), "has more or fewer cells than the header")


@pytest.mark.parametrize("content", [b"", b"\n \n", b"a,b\n", b"a,a\n1,2\n", b"PAR1 no", b"\x00\x01\x02binary\x00"])
def test_a_file_that_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with pytest.raises(Unreadable, match=r"a\.csv|Parquet"):
        table.read(file)


def test_what_is_written_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    cells = pa.table({"id": ["007", 'a,"b"', "l\nm"], "n": [1.5, None, 2.0]})
    table.write(cells, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == 'id,n\n"007",1.5\n"a,""b""",\n"l\nm",2\n'
    with pytest.raises(Unreadable, match="cannot be written"):
        table.write(cells, tmp_path / "no-such-folder" / "out.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_the_roles_of_the_chains_columns_are_guessed() -> None:
    found = roles.guess(chain.ready_made(300), Given())
    assert (found.id, found.outlet, found.label) == ("Customer_ID", "outlet_city", None)
    assert found.amounts == {"luxury": "luxury_sales", "fresh": "fresh_sales", "dry": "dry_sales"}
    assert set(found.left_out) == {chain.LABEL}


def test_columns_are_found_again_whatever_their_case_and_order_and_a_missing_category_is_named() -> None:
    before = roles.guess(chain.ready_made(300), Given(label=chain.LABEL))
    other = pa.table(
        {
            "DRY SALES": [1],
            "customer-id": ["x"],
            "Fresh Sales (LKR)": [2],
            "LuxurySales": [3],
            "Outlet City": ["Galle"],
        }
    )
    found = roles.like(other, before, Given())
    assert found.amounts == {"luxury": "LuxurySales", "fresh": "Fresh Sales (LKR)", "dry": "DRY SALES"}
    assert (found.id, found.outlet) == ("customer-id", "Outlet City")
    with pytest.raises(Invalid, match="no column 'fresh_sales'"):
        roles.like(other.drop_columns(["Fresh Sales (LKR)"]), before, Given())
    with pytest.raises(Invalid, match="no column 'Nope'"):
        roles.guess(other, Given(label="Nope"))


def test_every_cell_that_is_not_taken_is_counted_with_its_row() -> None:
    dirty = grocery.soiled(chain.ready_made(2_000))
    found = roles.guess(dirty, Given(label=chain.LABEL))
    cleaned = cleaning.once(cleaning.clean(Sheet(dirty), found), dirty[found.id])
    said = {(one.column, one.what, one.done): one.rows for one in cleaned.findings}
    words = [row for row, cell in enumerate(dirty["fresh_sales"].to_pylist()) if "ruppes" in cell]
    negative = [row for row, cell in enumerate(dirty["dry_sales"].to_pylist()) if cell.startswith("-")]
    assert said[("fresh_sales", "is written in words", "refused")] == len(words) > 0
    assert said[("dry_sales", "is negative", "refused")] == len(negative) > 0
    assert said[("dry_sales", "currency sign taken away", "read")] > 0
    assert said[("outlet_city", "another spelling", "read as the outlet's usual name")] > 0
    assert set(words + negative) <= set(cleaned.why)
    assert not set(cleaned.rows.tolist()) & set(cleaned.why)
    assert cleaned.frame.outlet is not None
    assert set(cleaned.frame.outlet) == set(grocery.OUTLETS)
    clean = chain.ready_made(2_000)["dry_sales"].to_numpy()
    assert np.array_equal(cleaned.frame.amounts["dry"], clean[cleaned.rows])


def test_a_customer_that_comes_twice_counts_once_and_a_contradicted_one_not_at_all() -> None:
    cells = chain.rows(
        id=["a", "a", "b", "b", "c", "", ""], fresh_sales=[1, 1, 2, 3, 4, 5, 6], dry_sales=[1, 1, 2, 2, 4, 5, 6]
    )
    found = Roles(id="id", amounts={"fresh": "fresh_sales", "dry": "dry_sales"})
    cleaned = cleaning.once(cleaning.clean(Sheet(cells), found), cells["id"])
    assert cleaned.rows.tolist() == [0, 4, 5, 6]
    assert {one.what: one.rows for one in cleaned.findings} == {
        "comes more than once, with the same values": 1,
        "comes more than once, with different values": 2,
    }


def test_variants_of_a_label_are_one_label_and_signs_that_mean_something_stay() -> None:
    cells = chain.rows(fresh_sales=[1] * 8, label=["6", "6\\", "6.0", " 6 ", "A+", "A-", "nul", None])
    cleaned = cleaning.clean(Sheet(cells), Roles(label="label", amounts={"fresh": "fresh_sales"}))
    assert list(cleaned.labels if cleaned.labels is not None else []) == ["6", "6", "6", "6", "A+", "A-", None, None]
