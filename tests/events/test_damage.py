"""A damaged warehouse file is put aside and made again, without a person; a damaged archive file is named."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, transaction

from ceap.core import changelog
from ceap.customers.models import Customer
from ceap.events import actions, queries
from ceap.events.contracts import ArchiveDamaged
from ceap.events.queries import warehouse
from tests.counts import often

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)
TABLES = ("customers", "events", "purchases", "items")


def fill() -> dict[str, list[dict[str, Any]]]:
    """Some of everything, loaded; the rows of every table."""
    Customer.objects.bulk_create(
        Customer(full_name=f"Name {n}", city=f"City {n % 7}", created_at=AT, updated_at=AT) for n in range(1_000)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        changelog.customers_changed(cursor, Customer.objects.values_list("pk", flat=True), connection.vendor)
        entries = [changelog.event("visit", n, at=AT, props={"page": f"/{n}"}, dedupe=f"v{n}") for n in range(1_500)]
        changelog.append(cursor, entries, connection.vendor)
        n = 5_000
        data = pa.table(
            {"order_id": [f"o{i}" for i in range(n)], "quantity": [1] * n, "unit_price": [2] * n, "at": [AT] * n}
        )
        actions.write_batch("purchases", data)
    warehouse().sync()
    return contents()


def contents() -> dict[str, list[dict[str, Any]]]:
    house = warehouse()
    house.sync()
    return {
        name: sorted(house.run(house.table(name)).to_pylist(), key=lambda r: str(r.get("id") or r.get("key")))
        for name in TABLES
    }


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in random.Random(7).sample(range(len(data)), 400):
        data[place] ^= 1 << place % 8
    file.write_bytes(data)


def zero_tail(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def another_version(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[12] = 99  # the storage version, behind the magic bytes "DUCK"
    file.write_bytes(data)


def no_database(file: Path) -> None:
    file.write_text("this is a letter to grandmother\n" * 1000)


def empty_header(file: Path) -> None:
    file.write_bytes(bytes(4096 * 3) + file.read_bytes()[4096 * 3 :])


@pytest.mark.parametrize("damage", [flip, zero_tail, truncate, another_version, no_database, empty_header])
def test_a_damaged_file_is_moved_aside_and_every_row_comes_back(
    home: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    before = fill()
    queries.close_warehouse()
    damage(home / "warehouse.duckdb")
    with caplog.at_level(logging.INFO, "ceap.events"):
        assert contents() == before
    (aside,) = home.glob("warehouse.duckdb.damaged-*")
    assert f"moved to {aside.name}" in caplog.text
    assert "rebuilt from the beginning" in caplog.text


def test_bit_flips_anywhere_never_change_a_row(home: Path) -> None:
    before = fill()
    queries.close_warehouse()
    file, dice = home / "warehouse.duckdb", random.Random(1)
    whole = file.read_bytes()
    for _ in range(often(4, 12)):
        data = bytearray(whole)
        place = dice.randrange(len(data))
        data[place] ^= 1 << dice.randrange(8)
        file.write_bytes(data)
        assert contents() == before, f"byte {place}"
        queries.close_warehouse()


def test_damage_met_while_running_is_healed_by_the_next_load(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    from ceap.core.engine import Damaged
    from ceap.events.contracts import WarehouseNotReady

    before = fill()
    house = warehouse()

    def broken(*_: object) -> pa.Table:
        raise Damaged("block 7 has the wrong checksum")

    monkeypatch.setattr(house._engine, "run", broken)
    with pytest.raises(WarehouseNotReady):
        house.run(house.table("events"))
    assert contents() == before
    assert list(home.glob("warehouse.duckdb.damaged-*"))


def test_a_process_that_dies_opening_the_file_does_so_only_twice(home: Path) -> None:
    before = fill()
    queries.close_warehouse()
    (home / "warehouse.duckdb.opening").write_text("opening\nopening\n")
    assert contents() == before
    assert len(list(home.glob("warehouse.duckdb.damaged-*"))) == 1
    assert not (home / "warehouse.duckdb.opening").exists()


def test_a_second_process_is_refused_in_words_and_the_file_is_left_alone(home: Path) -> None:
    warehouse().sync()
    script = (
        "from ceap.core import engine\n"
        f"try: engine.connect('duckdb://{home / 'warehouse.duckdb'}')\n"
        "except engine.InUse: print('in use')"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "in use"
    assert not list(home.glob("warehouse.duckdb.damaged-*"))


@pytest.mark.parametrize("missing", [False, True])
def test_a_damaged_archive_file_is_named_and_left_out_only_when_asked(home: Path, missing: bool) -> None:
    before = fill()
    assert before["purchases"]
    (path,) = (home / "archive").glob("purchases-*.parquet")
    if missing:
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    assert queries.archive_state().damaged == [path.name]
    with pytest.raises(ArchiveDamaged, match=path.name):
        warehouse().rebuild()
    assert contents() == before  # the rows that were there stay
    warehouse().rebuild(without=[path.name])
    assert contents() == before | {"purchases": []}


def test_no_query_reaches_beyond_the_file(home: Path) -> None:
    """What a lock-down must refuse, tried on a reader's own cursor."""
    import duckdb

    warehouse().sync()
    cursor = warehouse()._engine.backend().con
    secret = home / "secret.key"
    for attempt in (
        f"SELECT * FROM read_text('{secret}')", f"SELECT * FROM read_csv('{secret}')", f"SELECT * FROM '{secret}'",
        f"COPY events TO '{home}/out.csv'", f"ATTACH '{home}/other.duckdb'", "INSTALL httpfs", "LOAD httpfs",
        "SET enable_external_access = true", "SET lock_configuration = false", f"EXPORT DATABASE '{home}/out'",
        "SELECT getenv('HOME')", "SELECT * FROM glob('/etc/*')", "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')", "SELECT * FROM read_parquet('/etc/*.parquet')",
    ):  # fmt: skip
        with pytest.raises(duckdb.Error):
            cursor.execute(attempt).fetchall()
