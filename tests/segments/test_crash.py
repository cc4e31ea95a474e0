"""kill -9 while memberships are built and follow changes: no part is ever ready, every move is told once (S-11)."""

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
from tests.crash.stores import store

pytestmark = [pytest.mark.crash, pytest.mark.req("S-11"), pytest.mark.timeout(600)]
DO = "tests.segments.crash_worker"


@contextmanager
def installation(home: Path, kind: str = "sqlite") -> Iterator[Forks]:
    """Customers and segments whose memberships are ready."""
    imported = [DO, "ceap.segments.actions", "ceap.events.queries", "ibis.backends.duckdb", "pandas"]
    with (
        store(kind) as url,
        forks(home, *imported, CEAP_HOME=str(home), CEAP_STORE_URL=url, CEAP_WAREHOUSE_URL="") as found,
    ):
        assert found.start(f"{DO}:prepare").wait() == 0, (home / "log").read_text()
        yield found


def check(at: Forks, edits: int, *, ended: bool = False) -> None:
    """What was promised; `ended`: everything that was changed has been followed."""
    wrong = at.run(f"{DO}:check", edits, ended)["wrong"]
    assert not wrong, "; ".join(wrong)


def kill_again_and_again(at: Forks, kills: int, luck: random.Random) -> int:
    """Change customers, and kill whoever builds or follows at a random moment; returns the number of edits."""
    took, edits, hits = {"build": 0.0, "follow": 0.0}, 0, 0
    for verb in took:
        at.run(f"{DO}:edit", edits)
        edits += 1
        child = at.start(f"{DO}:{verb}")
        child.wait_for("at work")
        started = time.monotonic()
        assert child.wait() == 0
        took[verb] = time.monotonic() - started
    while hits < kills:
        verb = luck.choice(["build", "follow"])
        at.run(f"{DO}:edit", edits)
        edits += 1
        child = at.start(f"{DO}:{verb}")
        child.wait_for("at work")
        time.sleep(luck.uniform(0, took[verb]))
        child.kill()
        hits += child.code == -signal.SIGKILL  # the others had ended by then
        check(at, edits)
        assert edits < 5 * kills
    return edits


@pytest.mark.parametrize(("kind", "kills"), [("sqlite", often(6, 50)), ("postgresql", often(2, 6))])
def test_a_kill_never_leaves_a_part_that_is_ready_and_the_next_run_finishes(
    tmp_path: Path, kind: str, kills: int
) -> None:
    with installation(tmp_path, kind) as at:
        edits = kill_again_and_again(at, kills, random.Random(20_26))
        assert at.start(f"{DO}:build").wait() == 0
        assert at.start(f"{DO}:follow").wait() == 0
        check(at, edits, ended=True)
        at.run(f"{DO}:edit", edits)
        assert at.start(f"{DO}:follow").wait() == 0
        check(at, edits + 1, ended=True)


PLANTS = {  # a kill at the worst moment of each, and what is said then
    "position first": ("follow", "and should hold"),
    "moves told first": ("follow", "told twice"),
    "ready in two steps": ("build", "and should hold"),
}


def test_planted_defects_are_found(tmp_path: Path) -> None:
    with installation(tmp_path) as at:
        check(at, 0, ended=True)
        for edits, (plant, (verb, found)) in enumerate(PLANTS.items()):
            at.run(f"{DO}:edit", edits)
            child = at.start(f"{DO}:{verb}", plant)
            assert child.wait() == -signal.SIGKILL
            if verb == "follow":
                assert at.start(f"{DO}:follow").wait() == 0
            with pytest.raises(AssertionError, match=found):
                check(at, edits + 1, ended=verb == "follow")
            assert at.start(f"{DO}:build").wait() == 0
            check(at, edits + 1)
