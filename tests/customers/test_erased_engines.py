"""An erased person is nowhere in a warehouse on PostgreSQL or Spark, nor in the files of the store's server."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from ceap.accounts.contracts import SYSTEM
from ceap.core.engine.lake import Lake
from ceap.customers import actions, queries
from ceap.customers.actions import unused
from ceap.events import queries as house
from ceap.events.contracts import WarehouseBusy
from tests import actors
from tests.conformance.ground import QUICK
from tests.customers.planting import NAME, WORDS, left, plant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("B-14")]
STORE = os.environ.get("CEAP_TEST_STORE_URL", "")
on_postgresql = pytest.mark.skipif(not STORE.startswith("postgresql"), reason="asks a PostgreSQL of the tests' own")


def emptied() -> None:
    """Give up every table of a warehouse that is no file of the home."""
    with house.warehouse()._engine.writing() as writer:
        for table in ("customers", "events", "purchases", "items", "_redirects", "_place"):
            writer.drop(table)
    house.close_warehouse()


@pytest.fixture
def in_postgresql(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The warehouse is a schema of the store's database."""
    settings = connection.settings_dict
    server, _, _ = STORE.rpartition("/")
    monkeypatch.setenv("CEAP_WAREHOUSE_URL", f"{server}/{settings['NAME']}")
    yield
    emptied()


def _files() -> Iterator[Path]:
    """The files in which the server keeps this database; its log of writes (WAL) is not among them."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        )
        folder, oid = cursor.fetchone()
    yield from (Path(folder) / "base" / str(oid)).iterdir()


def in_files() -> set[str]:
    """The words of the person that the server's files hold, in a row, an index, a free page, a statistic."""
    found = set()
    for file in _files():
        content = file.read_bytes().lower()
        found |= {word for word in WORDS if word.encode() in content}
    return found


def _analysed() -> None:
    """What the server does by itself now and then: it keeps samples of values."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@on_postgresql
@pytest.mark.usefixtures("in_postgresql")
def test_no_byte_of_the_database_names_a_person_after_the_erasure(home: Path) -> None:
    key = plant(actors.actor())
    _analysed()
    assert in_files() == set(WORDS)
    actions.erase(SYSTEM, key)
    house.warehouse().sync()
    _analysed()
    assert in_files() == set(WORDS), "rows that are gone are still in the files"
    assert actions.erase_copies() == {"erased": 1, "waiting": 0}
    assert (in_files(), left(home)) == (set(), set())
    house.warehouse().rebuild()
    assert in_files() == set()


@on_postgresql
def test_large_tables_are_left_to_the_operator_and_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["ceap.customers.queries.erasures"], "AT_ONCE", 0)
    key = actions.create(SYSTEM, {"full_name": NAME, "email": "quintilia@zeven.test"}).pk
    actions.erase(SYSTEM, key)
    assert actions.erase_copies() == {"erased": 1, "waiting": 0}
    assert left(home) == set(), "no row has it"
    assert in_files() != set()
    assert "customers_customer" in queries.tables_to_compact()
    steps = actions.compact()
    assert steps["customers_customer"][0] > 0
    assert in_files() == set()


@on_postgresql
def test_a_table_that_is_in_use_is_rewritten_later(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unused, "PATIENCE", "50ms")
    key = actions.create(SYSTEM, {"full_name": NAME}).pk
    actions.erase(SYSTEM, key)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM customers_customer")
        assert actions.erase_copies() == {"erased": 0, "waiting": 1}
    finally:
        other.close()
    assert actions.erase_copies() == {"erased": 1, "waiting": 0}


@pytest.fixture
def on_spark(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The warehouse is a folder of the home."""
    local = home / "warehouse" / "spark-files"
    words = f"{QUICK}&executors=1&spark.local.dir={local}"  # a Spark of its own: it is ended in the middle
    monkeypatch.setenv("CEAP_WAREHOUSE_URL", f"spark-local-cluster://{home / 'warehouse' / 'lake'}{words}")
    yield home
    emptied()


@pytest.mark.engines
def test_no_file_of_spark_names_a_person_after_the_erasure(on_spark: Path) -> None:
    key = actions.create(SYSTEM, {"full_name": NAME, "email": "quintilia@zeven.test"}).pk
    actions.create(SYSTEM, {"full_name": "Bo Other"})
    warehouse = house.warehouse()
    warehouse.sync()
    customers = warehouse.table("customers")
    warehouse.run(customers.group_by("full_name").aggregate(n=customers.count()).order_by("n"))  # names are shuffled
    assert {word for name, word in left(on_spark) if name.startswith("warehouse/lake/data/")} >= {"quintilia"}
    actions.erase(SYSTEM, key)
    warehouse = house.warehouse()
    with warehouse._engine._lake.reading():  # type: ignore[attr-defined]
        warehouse.rebuild()
    assert any(name.startswith("warehouse/lake/data/") for name, _ in left(on_spark)), "files that were being read stay"
    assert actions.erase_copies() == {"erased": 1, "waiting": 0}
    assert left(on_spark) == set()
    assert [file for file in (on_spark / "warehouse" / "spark-files").rglob("*") if file.is_file()] == []
    assert house.warehouse().count("customers") == 1


def test_files_that_were_read_during_a_commit_go_when_asked(tmp_path: Path) -> None:
    import pyarrow as pa

    lake = Lake(tmp_path)
    with lake.writing() as writer:
        writer.create("t", pa.schema([("a", pa.int64())]))
        writer.append("t", pa.table({"a": [1]}))
    with lake.reading() as before, lake.writing() as writer:
        writer.clear("t")
    assert lake.path(before["t"].files[0]).exists()
    lake.sweep()
    assert not lake.path(before["t"].files[0]).exists()
    lake.close()


def test_the_warehouse_is_renewed_only_when_nobody_reads(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr("ceap.events.warehouse.PATIENCE", 0.05)
    warehouse = house.warehouse()
    warehouse.sync()
    with warehouse._readers.one(), pytest.raises(WarehouseBusy):
        warehouse.renew()
    warehouse.renew()
