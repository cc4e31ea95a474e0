"""Connections to a SQLite store are kept open for whoever comes next, and never for another file or another process."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from django.db import connections
from django.db.utils import OperationalError

from ceap.web.pooled import base
from ceap.web.settings import database

pytestmark = pytest.mark.django_db


class Store:
    """A store of its own, used as threads do: each by a wrapper of its own."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def wrapper(self) -> Any:
        from ceap.kit.home import Home

        settings = {**connections["default"].settings_dict, **database(Home.load()), "NAME": str(self.file)}
        return base.DatabaseWrapper(settings, "default")

    def ask(self, sql: str, *, wrapper: Any = None) -> list[Any]:
        """What a request does: connect, ask, give the connection back."""
        mine = wrapper or self.wrapper()
        with mine.cursor() as cursor:
            found = cursor.execute(sql).fetchall()
        mine.close()
        return list(found)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every connection that is opened from now on."""
    base.close_idle()
    found, connect = [], sqlite.connect

    def counted(**given: Any) -> Any:
        found.append(connect(**given))
        return found[-1]

    monkeypatch.setattr(sqlite, "connect", counted)
    yield found
    base.close_idle()


@pytest.fixture
def store(tmp_path: Path, opened: list[Any]) -> Store:
    made = Store(tmp_path / "store.sqlite3")
    made.ask("CREATE TABLE t AS SELECT 'first' AS said")
    return made


def test_who_comes_next_takes_the_connection_that_was_given_back(store: Store, opened: list[Any]) -> None:
    for _ in range(20):
        one = threading.Thread(target=store.ask, args=("SELECT said FROM t",))
        one.start()
        one.join()
    assert len(opened) == 1
    at_once = [store.wrapper() for _ in range(base.MOST_IDLE + 3)]
    for wrapper in at_once:
        wrapper.ensure_connection()
    for wrapper in at_once:
        wrapper.close()
    assert (len(opened), len(base._idle)) == (base.MOST_IDLE + 3, base.MOST_IDLE)


def test_a_kept_connection_is_as_a_new_one(store: Store) -> None:
    asked = (
        "PRAGMA journal_mode",
        "PRAGMA synchronous",
        "PRAGMA foreign_keys",
        "PRAGMA busy_timeout",
        "PRAGMA mmap_size",
    )
    new = [store.ask(one) for one in asked]
    assert [store.ask(one) for one in asked] == new
    assert new[:4] == [[("wal",)], [(2,)], [(1,)], [(30000,)]]


def test_another_file_of_the_name_is_opened_anew(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other.sqlite3")
    other.ask("CREATE TABLE t AS SELECT 'second' AS said")
    base.close_idle()
    assert store.ask("SELECT said FROM t") == [("first",)]
    shutil.move(other.file, store.file)  # as after a restore
    assert store.ask("SELECT said FROM t") == [("second",)]
    store.file.unlink()
    with pytest.raises(OperationalError, match="no such table"):
        store.ask("SELECT said FROM t")


def test_what_was_left_in_the_middle_is_not_kept(store: Store) -> None:
    wrapper = store.wrapper()
    wrapper.ensure_connection()
    wrapper.connection.execute("BEGIN IMMEDIATE")
    wrapper.close()
    assert base._idle == []
    store.ask("INSERT INTO t VALUES ('nobody holds the lock')")
    wrapper = store.wrapper()
    with pytest.raises(OperationalError), wrapper.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")
    wrapper.close()
    assert base._idle == []


def test_what_was_not_read_to_its_end_holds_the_log_no_longer(store: Store) -> None:
    store.ask("INSERT INTO t VALUES ('second'), ('third')")
    wrapper = store.wrapper()
    left = wrapper.cursor()  # held, as by a generator in an exception's traceback
    assert left.execute("SELECT said FROM t").fetchone() == ("first",)
    wrapper.close()
    assert len(base._idle) == 1
    other = sqlite.connect(database=str(store.file), isolation_level=None)
    other.execute("INSERT INTO t VALUES ('fourth')")
    assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    other.close()


def test_a_child_of_a_fork_has_no_connection_of_its_parent(store: Store) -> None:
    assert len(base._idle) == 1
    child = os.fork()
    if not child:
        os._exit(len(base._idle))
    assert os.waitpid(child, 0)[1] == 0
    assert base._idle == []
