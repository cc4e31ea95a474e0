"""What the change log acknowledged is there after a power failure; with a weaker setting it would not be."""

from __future__ import annotations

import random
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ceap.core import changelog
from ceap.kit import sqlite
from tests.counts import often
from tests.crash.power import Disk

pytestmark = pytest.mark.crash
CUTS = often(50, 200)
SCHEMA = (
    "CREATE TABLE events_entry (seq integer NOT NULL PRIMARY KEY AUTOINCREMENT, at datetime NOT NULL, "
    "kind varchar(20) NOT NULL, name varchar(120) NOT NULL, customer bigint, dedupe varchar(160) UNIQUE, "
    "payload text NOT NULL CHECK (json_valid(payload)))"
)
_numbers = count()


class RawCursor:
    """apsw's cursor under the name by which the change log knows a raw SQLite cursor."""

    def __init__(self, con: Any):
        cursor = con.cursor()
        self.execute, self.fetchone, self.fetchall = cursor.execute, cursor.fetchone, cursor.fetchall


RawCursor.__module__ = "sqlite3.dbapi2"


def acknowledge(disk: Disk, pragmas: str, dice: random.Random) -> int:
    """Commit some batches of entries, stopping at any moment after an acknowledgement; how many entries they hold."""
    con, told = disk.connect(pragmas), 0
    assert con.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    con.execute(SCHEMA)
    if dice.random() < 0.3:
        con.execute("PRAGMA wal_autocheckpoint = 3")  # so that cuts fall near checkpoints too
    for _ in range(dice.randrange(1, 12)):
        size = dice.randrange(1, 30)
        con.execute("BEGIN IMMEDIATE")
        entries = [changelog.event("visit", told + n, dedupe=f"d{told + n}") for n in range(size)]
        assert None not in changelog.append(RawCursor(con), entries, "sqlite")
        con.execute("COMMIT")
        told += size
    disk.con = con  # the process dies with its connection open
    return told


def survivors(file: Path) -> int:
    """How many entries a later start finds, without a gap."""
    import pysqlite3

    con = pysqlite3.connect(str(file))
    try:
        assert con.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if not con.execute("SELECT 1 FROM sqlite_master WHERE name = 'events_entry'").fetchone():
            return 0
        number, last = con.execute("SELECT count(*), coalesce(max(seq), 0) FROM events_entry").fetchone()
        assert number == last
        return int(number)
    finally:
        con.close()


def kept(tmp_path: Path, pragmas: str, *, shuffled: bool) -> int:
    """Of `CUTS` power failures, after how many everything acknowledged was there."""
    whole = 0
    for cut in range(CUTS):
        dice = random.Random(cut)
        folder = tmp_path / f"{cut}"
        folder.mkdir()
        disk = Disk(folder, next(_numbers))
        told = acknowledge(disk, pragmas, dice)
        assert disk.syncs or "NORMAL" in pragmas or "OFF" in pragmas
        found = survivors(disk.cut(folder / "after", dice if shuffled else None))
        assert found <= told
        whole += found == told
        disk.con.close()
        disk.unregister()
    return whole


@pytest.mark.parametrize("shuffled", [False, True], ids=["cache lost", "cache partly written"])
def test_every_acknowledged_commit_survives_every_power_failure(tmp_path: Path, shuffled: bool) -> None:
    assert "synchronous=FULL" in sqlite.PRAGMAS
    assert kept(tmp_path, sqlite.PRAGMAS, shuffled=shuffled) == CUTS


def test_with_synchronous_normal_acknowledged_commits_are_lost(tmp_path: Path) -> None:
    weaker = sqlite.PRAGMAS.replace("synchronous=FULL", "synchronous=NORMAL")
    assert kept(tmp_path, weaker, shuffled=False) < CUTS / 2
