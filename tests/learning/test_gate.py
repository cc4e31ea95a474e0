"""Bad days of training: what is refused, what is left out and said."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from ceap.core.learning import cleaning, gate, roles, table
from ceap.core.learning.gate import NotEnough
from ceap.core.learning.roles import Given
from ceap.core.learning.table import Sheet
from ceap.kit.problem import Invalid
from tests.learning import chain


def test_thirty_customers_are_refused_with_the_number_that_is_needed(tmp_path: Path) -> None:
    with pytest.raises(NotEnough, match=r"There are 30 usable customers; at least 100 are needed\."):
        chain.train(chain.write(tmp_path, chain.ready_made(30)), tmp_path / "versions")
    assert not (tmp_path / "versions").exists()


def test_customers_who_are_all_alike_are_refused(tmp_path: Path) -> None:
    same = chain.rows(id=list(range(300)), fresh_sales=[100] * 300, dry_sales=[50] * 300)
    with pytest.raises(NotEnough, match="All customers are alike"):
        chain.train(chain.write(tmp_path, same), tmp_path / "versions")


def test_a_table_without_sales_is_refused(tmp_path: Path) -> None:
    words = chain.rows(id=list(range(300)), city=["Kandy"] * 300)
    with pytest.raises(NotEnough, match="No column of sales was found"):
        chain.train(chain.write(tmp_path, words), tmp_path / "versions")


def test_one_label_is_nothing_to_tell_apart(tmp_path: Path) -> None:
    made = chain.ready_made(300)
    one = made.set_column(5, chain.LABEL, [["4"] * 300])
    with pytest.raises(NotEnough, match="Only one label has 10 customers or more"):
        chain.train(chain.write(tmp_path, one), tmp_path / "versions", labels=chain.LABEL)
    with pytest.raises(Invalid, match="no column 'cluster'"):
        chain.train(chain.write(tmp_path, made), tmp_path / "versions", labels="cluster")


def test_a_label_with_two_examples_is_left_out_and_said() -> None:
    made = chain.ready_made(400)
    labels = ["95", "95", *map(str, made[chain.LABEL].to_pylist()[2:])]
    sheet = Sheet(made.set_column(5, chain.LABEL, [labels]))
    cleaned = cleaning.clean(sheet, roles.guess(sheet.table, Given(label=chain.LABEL)))
    checked, warnings = gate.check(cleaned, labels=True)
    assert warnings == ["Label '95' has 2 customers, too few to learn: left out."]
    assert checked.rows.tolist() == list(range(2, 400))
    assert checked.findings[-1].examples == ((1, "95"), (2, "95"))


def test_one_outlet_and_a_constant_column_are_said_and_do_not_stop_training(tmp_path: Path) -> None:
    made = chain.ready_made(400)
    flat = made.set_column(4, "dry_sales", [[120.0] * 400]).set_column(1, "outlet_city", [["Galle"] * 400])
    known = chain.train(chain.write(tmp_path, flat), tmp_path / "versions", segments=3)
    assert "dry is the same for every customer: it tells nothing." in known["warnings"]
    assert "There is one outlet only: outlets cannot be told apart." in known["warnings"]
    assert len(known["segments"]) == 3


def test_infinite_negative_and_missing_sales_are_refused_row_by_row(tmp_path: Path) -> None:
    made = chain.ready_made(20)
    fresh = [float("inf"), float("-inf"), -4.0, float("nan"), None, *made["fresh_sales"].to_pylist()[5:]]
    soiled = made.set_column(3, "fresh_sales", pa.chunked_array([pa.array(fresh)]))
    for name in ("a.csv", "a.parquet"):
        sheet = table.read(chain.write(tmp_path, soiled, name))
        cleaned = cleaning.clean(sheet, roles.guess(sheet.table, Given()))
        assert cleaned.rows.tolist() == list(range(5, 20))
        assert [cleaned.why[row].removeprefix("fresh_sales ") for row in range(5)] == [
            "is infinite", "is infinite", "is negative", "is missing", "is missing",
        ]  # fmt: skip


def test_a_category_that_is_missing_leaves_the_others_to_learn_from(tmp_path: Path) -> None:
    known = chain.train(
        chain.write(tmp_path, chain.ready_made(400).drop_columns(["luxury_sales"])), tmp_path / "versions", segments=4
    )
    assert set(known["data"]["roles"]["amounts"]) == {"fresh", "dry"}
