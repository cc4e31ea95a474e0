"""kill -9 while the warehouse is being loaded: every entry is in it once, however often that happens."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.counts import often
from tests.crash.forks import Forks, forks

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120)]
DO = "tests.crash.warehouse_process"
ENTRIES, KILLS = often(4_000, 8_000), often(8, 20)


@contextmanager
def filled(home: Path) -> Iterator[Forks]:
    with forks(home, DO, "pandas", "ibis.backends.duckdb", CEAP_HOME=str(home)) as at:
        assert at.start(f"{DO}:fill", ENTRIES).wait() == 0, (home / "log").read_text()
        yield at


def check(at: Forks) -> None:
    """What was promised."""
    rows, keys = at.run(f"{DO}:count")
    assert keys == ENTRIES, f"{ENTRIES - keys} entries are missing"
    assert rows == ENTRIES, f"{rows - ENTRIES} entries are there twice"


def test_every_entry_is_loaded_exactly_once_through_many_kills(tmp_path: Path) -> None:
    with filled(tmp_path) as at:
        luck, hits = random.Random(3), 0
        for _ in range(KILLS):
            child, batches = at.start(f"{DO}:load"), luck.randrange(6)
            while child.poll() is None and child.said().count("loaded") < batches:
                time.sleep(0.001)
            time.sleep(luck.uniform(0, 0.02))
            child.kill()
            hits += child.code == -signal.SIGKILL
        assert hits >= KILLS / 2
        check(at)


def test_a_planted_position_kept_in_another_transaction_is_found(tmp_path: Path) -> None:
    with filled(tmp_path) as at:
        assert at.start(f"{DO}:load", "position after").wait() == -signal.SIGKILL
        with pytest.raises(AssertionError, match="there twice"):
            check(at)
