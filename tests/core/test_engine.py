"""Every engine does the same: one suite for all of them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from ceap.core import engine
from ceap.core.engine import Engine, Given, Unsupported
from ceap.segments.counting import pointer
from tests.conformance.ground import QUICK

STORE = os.environ.get("CEAP_TEST_POSTGRESQL_URL") or os.environ.get("CEAP_TEST_STORE_URL", "")
KINDS = [
    "duckdb",
    *([pytest.param("postgresql", marks=pytest.mark.engines)] if STORE.startswith("postgresql") else []),
    pytest.param("spark", marks=pytest.mark.engines),
]
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("text", pa.string()),
        ("at", pa.timestamp("us")),
        ("day", pa.date32()),
        ("money", pa.decimal128(18, 4)),
        ("many", pa.list_(pa.string())),
        ("yes", pa.bool_()),
        ("number", pa.float64()),
    ]
)
ROW = {
    "id": 1, "text": 'a"\n\\\t日', "at": datetime(2026, 1, 2, 3, 4, 5, 6), "day": date(2026, 2, 28),
    "money": Decimal("12345678901234.5678"), "many": ["x", "y,z", ""], "yes": False, "number": 0.1,
}  # fmt: skip
EMPTY = {"id": 2} | dict.fromkeys(SCHEMA.names[1:])


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    urls = {
        "duckdb": f"duckdb://{tmp_path / 'w.duckdb'}",
        "postgresql": STORE,
        "spark": f"spark-local-cluster://{tmp_path / 'lake'}{QUICK}",
    }
    found = engine.connect(urls[request.param])
    with found.writing() as writer:
        writer.create("trial", SCHEMA, ["id"])
        writer.append("trial", pa.Table.from_pylist([ROW, EMPTY], schema=SCHEMA))
    yield found
    with found.writing() as writer:
        writer.drop("trial")
    found.close()


def rows(opened: Engine) -> list[dict[str, object]]:
    return opened.run(opened.backend().table("trial").order_by("id")).to_pylist()


def test_every_type_comes_back_exactly(opened: Engine) -> None:
    assert rows(opened) == [ROW, EMPTY]


def test_a_block_that_raises_leaves_everything_as_it_was(opened: Engine) -> None:
    def fail() -> None:
        with opened.writing() as writer:
            writer.clear("trial")
            writer.add_column("trial", "more", pa.string())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows(opened) == [ROW, EMPTY]


def test_rows_are_added_by_key_deleted_and_assigned(opened: Engine) -> None:
    with opened.writing() as writer:
        writer.append_new("trial", pa.table({"id": [2, 3], "text": ["no", "yes"]}), "id")
        writer.assign("trial", "text", "id", pa.table({"old": [2], "new": ["set"]}))
        writer.delete("trial", "id", pa.array([1]))
    assert [(r["id"], r["text"]) for r in rows(opened)] == [(2, "set"), (3, "yes")]


def test_a_key_of_json_is_no_path(opened: Engine) -> None:
    names = ["a", "a.b", "$c", "a/b", "~d", "1", "two words", "?e"]
    said = json.dumps({name: f"of {name}" for name in names})
    with opened.writing() as writer:
        writer.append_new("trial", pa.table({"id": [9], "text": [said]}), "id")
    trial = opened.backend().table("trial")
    trial = trial.filter(trial.id == 9)
    asked = {f"c{n}": trial.text.cast("json")[pointer(name)].str for n, name in enumerate(names)}
    [found] = opened.run(trial.select(**asked)).to_pylist()
    assert list(found.values()) == [f"of {name}" for name in names]


def test_rows_take_the_place_of_those_with_their_key(opened: Engine) -> None:
    with opened.writing() as writer:
        writer.put("trial", pa.table({"id": [2, 3], "text": ["two", "three"]}), "id")
        writer.put("trial", pa.table({"id": [3], "text": ["drei"]}), "id")
        writer.put("trial", pa.table({"id": pa.array([], pa.int64()), "text": pa.array([], pa.string())}), "id")
    found = rows(opened)
    assert [(r["id"], r["text"]) for r in found] == [(1, ROW["text"]), (2, "two"), (3, "drei")]


def test_columns_are_added_and_dropped(opened: Engine) -> None:
    with opened.writing() as writer:
        writer.add_column("trial", "c_new", pa.list_(pa.string()))
        writer.drop_column("trial", "money")
        assert set(writer.columns("trial")) == {*SCHEMA.names, "c_new"} - {"money"}
        assert writer.columns("nowhere") == {}
    assert rows(opened)[0]["c_new"] is None


def test_an_expression_built_in_one_thread_runs_in_another(opened: Engine) -> None:
    expr = opened.backend().table("trial").count()
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(opened.run(expr).column(0)[0].as_py())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 4


def test_a_question_is_asked_again_with_other_values_and_other_rows(opened: Engine) -> None:
    """From two threads at once, and after one that failed."""
    since, until, chosen = ibis.param("timestamp"), ibis.param("date"), ibis.table({"key": "int64"}, name="chosen")
    table = opened.backend().table("trial")
    asked = (
        table.filter(table["at"] >= since, table.day <= until).semi_join(chosen, table.id == chosen.key).select("id")
    )

    def ids(at: datetime, day: date, *keys: int) -> list[int]:
        given = Given({since: at, until: day}, {"chosen": pa.table({"key": pa.array(keys, pa.int64())})})
        return opened.run(asked, given)["id"].to_pylist()

    at, day = ROW["at"], ROW["day"]
    assert isinstance(at, datetime)
    assert isinstance(day, date)
    assert ids(at, day, 1, 2, 3) == [1]
    assert ids(at + timedelta(microseconds=1), day, 1) == []
    assert ids(at, day - timedelta(days=1), 1) == []
    assert ids(at, day, 2) == []
    assert ids(at, day) == []
    with pytest.raises(KeyError):
        opened.run(asked, Given({since: at}, {"chosen": pa.table({"key": pa.array([1], pa.int64())})}))
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda n: ids(at, day, n % 2), range(8))) == [[1] if n % 2 else [] for n in range(8)]


def test_two_writers_take_turns(opened: Engine) -> None:
    """Each adds to what the other one left."""

    def add() -> None:
        for _ in range(10):
            with opened.writing() as writer:
                last = max(row["id"] for row in writer.rows("trial"))
                writer.append("trial", pa.table({"id": [last + 1]}))

    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r["id"] for r in rows(opened)] == list(range(1, 33))


def test_an_unknown_engine_is_refused_in_words() -> None:
    with pytest.raises(Unsupported, match="mongodb"):
        engine.connect("mongodb://somewhere")
