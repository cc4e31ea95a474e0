"""From raw purchases to one row a customer, and on to segments."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from ceap.core.learning import grocery, lifecycle, purchases, table
from ceap.core.learning.lifecycle import Told
from ceap.core.learning.purchases import Gathered
from ceap.core.learning.roles import Given
from ceap.core.learning.table import Sheet
from ceap.core.learning.versions import Versions
from ceap.kit.clock import now
from ceap.kit.problem import Invalid
from tests.learning import chain

LINES = {
    "Invoice": ["1", "1", "2", "3", "3", "4", "5", "6"],
    "CustomerID": ["a", "a", "a", "b", "b", "b", "nul", "a"],
    "category": ["Fresh", "dry", "FRESH", "Dry", "Dry", "Fresh", "Dry", "Wine"],
    "Quantity": ["2", "1", "1", "-1", "4", "1", "1", "1"],
    "UnitPrice": ["1.5", "4", "10", "3", "2", "0", "5", "100"],
    "Country": ["UK", "UK", "France", "UK", "UK", "UK", "UK", "UK"],
    "InvoiceDate": [f"2026-11-{day:02} 10:00:00" for day in (1, 1, 9, 2, 3, 4, 5, 10)],
}


def gathered(lines: dict[str, list[str]], categories: tuple[str, ...] = ()) -> Gathered:
    made = pa.table(lines)
    return purchases.gather(Sheet(made), purchases.columns(made), categories)


def test_lines_become_one_row_a_customer_and_what_is_left_out_is_counted() -> None:
    made = gathered(LINES, ("fresh", "dry"))
    assert made.sheet.table.to_pylist() == [
        {
            "customer": "a", "outlet": "UK", "fresh_sales": 13.0, "dry_sales": 4.0, "last": date(2026, 11, 10),
            "recency": 0.0, "frequency": 3.0,
            "basket": 17 / 3,
        },
        {
            "customer": "b", "outlet": "UK", "fresh_sales": 0.0, "dry_sales": 8.0, "last": date(2026, 11, 3),
            "recency": 7.0, "frequency": 1.0,
            "basket": 8.0,
        },
    ]  # fmt: skip
    assert [(one.column, one.what, one.rows) for one in made.findings] == [
        ("CustomerID", "no customer", 1),
        ("Quantity", "is negative", 1),
        ("UnitPrice", "is zero", 1),
        ("category", "a category that was not in training", 1),
    ]


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-11-09", 9), ("2026/11/09", 9), ("2026-11-09T08:00:00", 9), ("29/11/2026", 29), ("11/29/2026 10:30", 29)],
)
def test_dates_are_read_as_they_are_usually_written(written: str, day: int) -> None:
    lines = {name: cells[:2] for name, cells in LINES.items()} | {"InvoiceDate": [written, written]}
    assert purchases._days(pa.table(lines)["InvoiceDate"], "InvoiceDate")[0].astype(object) == date(2026, 11, day)
    assert gathered(lines).sheet.table["recency"].to_pylist() == [0.0]


def test_dates_that_can_be_read_in_two_ways_or_not_at_all_are_refused() -> None:
    for written, why in (("03/04/2026", "two ways"), ("yesterday", "cannot be read")):
        with pytest.raises(Invalid, match=why):
            gathered({name: cells[:2] for name, cells in LINES.items()} | {"InvoiceDate": [written, written]})


def test_a_table_of_customers_is_not_taken_for_purchases() -> None:
    assert purchases.columns(chain.ready_made(200)) == {}
    once = pa.table({"customer": ["a", "b"], "amount": [1, 2], "date": [datetime(2026, 1, 1)] * 2})
    assert purchases.columns(once) == {}


@pytest.mark.req("O-2")
def test_the_planted_segments_are_found_in_raw_purchases(tmp_path: Path) -> None:
    made = grocery.chain(1_200)
    file = tmp_path / "purchases.parquet"
    table.write(pa.concat_tables(made.purchases(date(2026, 11, 20))), file)
    versions = Versions(tmp_path / "versions")
    known = lifecycle.train(file, versions, Told("nimal", now()), Given())
    assert set(known["metrics"]) >= {"neural", "simple", "rfm"}
    answer, rows = chain.score(file, versions.folder, tmp_path / "out.csv")
    assert answer["rows"] == len(made)
    truth = dict(zip(map(str, made.ids), made.segment, strict=True))
    from sklearn.metrics import adjusted_rand_score

    found = adjusted_rand_score([truth[row["customer"]] for row in rows], [row["segment"] for row in rows])
    assert found >= 0.95
