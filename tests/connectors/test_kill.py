"""kill -9 and a full disk during an import: it goes on where it stopped, and every row has its effect once."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.counts import often
from tests.crash.forks import Forks, forks

pytestmark = [pytest.mark.crash, pytest.mark.timeout(200)]
DO = "tests.connectors.import_process"
CHUNK, KILLS = 150, often(4, 12)
Facts = dict[str, Any]


@dataclass
class File:
    """What is brought in, and as what."""

    target: str
    rows: int
    lines: list[str]
    mapping: dict[str, str]
    options: dict[str, Any] = field(default_factory=dict)


def customers(rows: int) -> File:
    """One row in fifty has a broken address."""
    lines = [f"c{n},Person {n},{'broken' if n % 50 == 7 else f'p{n}@x.test'}" for n in range(rows)]
    mapping = {"id": "customer_id", "name": "full_name", "mail": "email"}
    return File("customers", rows, ["id,name,mail", *lines], mapping)


def purchases(rows: int) -> File:
    """Each line is there twice, and both are meant."""
    orders = ((n, n // 6) for n in range(rows // 2))
    lines = [f"o{o},u{o % 40},2026-01-{o % 28 + 1:02},A{n // 12},1,2.5" for n, o in orders]
    mapping = {
        "order": "order_id", "who": "customer", "when": "at", "item": "item", "qty": "quantity", "price": "unit_price",
    }  # fmt: skip
    header = "order,who,when,item,qty,price"
    return File("purchases", rows, [header, *lines, *lines], mapping, {"unknown_customer": "create"})


@contextmanager
def started(home: Path, file: File) -> Iterator[tuple[Forks, str]]:
    """An import that waits for its runner; yields its job."""
    path = home / "k.csv"
    path.write_text("\n".join(file.lines) + "\n")
    with forks(home, DO, "pandas", "ibis.backends.duckdb", CEAP_HOME=str(home / "home")) as at:
        job = at.run(f"{DO}:begin", str(path), file.target, file.mapping, file.options | {"chunk": CHUNK})[0]
        yield at, job


def ended(at: Forks, job: str) -> Facts:
    """Let it come to its end, and say what came of it."""
    assert at.start(f"{DO}:go_on", job).wait() == 0
    found: Facts = at.run(f"{DO}:facts", job)
    return found


def killed_again_and_again(at: Forks, job: str) -> None:
    luck, hits = random.Random(9), 0
    for _ in range(KILLS):
        child, parts = at.start(f"{DO}:go_on", job), luck.randrange(3)
        child.wait_for("go")
        while child.poll() is None and child.said().count("part") < parts:
            time.sleep(0.001)
        time.sleep(luck.uniform(0, 0.02))
        child.kill()
        hits += child.code == -signal.SIGKILL
    assert hits >= KILLS / 2, "too few kills hit for the test to say anything"


def check(file: File, facts: Facts) -> None:
    """What was promised."""
    rows, bad = file.rows, file.rows // 50
    if file.target == "customers":
        assert facts == {
            "state": "done", "position": rows, "created": rows - bad, "updated": 0, "unchanged": 0, "rejected": bad,
            "findings": bad, "distinct": bad, "customers": rows - bad, "identities": 2 * (rows - bad),
            "warehouse": rows - bad, "purchases": 0,
        }, "not every row was taken once"  # fmt: skip
    else:
        names = ("state", "position", "created", "rejected", "purchases", "customers")
        assert [facts[name] for name in names] == ["done", rows, rows, 0, rows, 40], "not every row was taken once"


@pytest.mark.parametrize("file", [customers, purchases])
def test_an_import_killed_again_and_again_takes_every_row_once(tmp_path: Path, file: Callable[[int], File]) -> None:
    with started(tmp_path, whole := file(often(3_000, 6_000))) as (at, job):
        killed_again_and_again(at, job)
        check(whole, ended(at, job))


@pytest.mark.parametrize("file", [customers, purchases])
def test_a_planted_position_that_is_kept_after_the_effect_is_found(tmp_path: Path, file: Callable[[int], File]) -> None:
    with started(tmp_path, whole := file(600)) as (at, job):
        assert at.start(f"{DO}:go_on", job, "effect first").wait() == -signal.SIGKILL
        with pytest.raises(AssertionError, match="taken once"):
            check(whole, ended(at, job))


def test_an_import_on_a_full_disk_leaves_nothing_half_done_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    with started(tmp_path, whole := customers(600)) as (at, job):
        child = at.start(f"{DO}:go_on", job, "full disk")
        child.wait()
        assert child.said().count("part") == 1
        facts = at.run(f"{DO}:facts", job)
        assert (
            facts["position"] == CHUNK == facts["created"] + facts["rejected"] == facts["customers"] + facts["findings"]
        )
        check(whole, ended(at, job))
