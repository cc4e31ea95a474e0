"""kill -9 while memberships are being built: never a part of one says it is ready, and the next run finishes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

pytestmark = [pytest.mark.crash, pytest.mark.req("S-11"), pytest.mark.timeout(280)]
ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("crash_worker.py")
KILLS = 4 if os.environ.get("CEAP_TEST_STORE_URL", "").startswith("postgresql") else 10


class Installation:
    """A home of its own, used only through processes that can be killed."""

    def __init__(self, home: Path, store: str):
        self.environment = os.environ | {"CEAP_HOME": str(home), "CEAP_STORE_URL": store, "PYTHONPATH": str(ROOT)}

    def start(self, mode: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(WORKER), mode]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)

    def run(self, mode: str) -> Any:
        out, _ = (process := self.start(mode)).communicate(timeout=120)
        assert process.returncode == 0, (mode, process.returncode)
        lines = out.splitlines()
        return json.loads(lines[-1]) if lines else None

    def kill_while_building(self, mode: str, within: float, luck: random.Random) -> None:
        process = self.start(mode)
        assert process.stdout
        assert process.stdout.readline() == "building\n"
        time.sleep(luck.uniform(0, within))
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    shared = os.environ.get("CEAP_TEST_STORE_URL", "")
    if not shared.startswith("postgresql"):
        yield Installation(tmp_path, "")
        return
    import psycopg

    url, name = urlsplit(shared), f"ceap_crash_{uuid4().hex[:12]}"
    with psycopg.connect(shared, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield Installation(tmp_path, url._replace(path=f"/{name}").geturl())
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def kill_again_and_again(installation: Installation, mode: str, kills: int) -> None:
    """Start a build of every segment and kill it at a random moment, `kills` times."""
    luck = random.Random(20_26)
    installation.run("prepare")
    within = installation.run(mode)["seconds"]
    for _ in range(kills):
        installation.kill_while_building(mode, within, luck)


def test_a_kill_never_leaves_a_part_that_says_it_is_ready_and_the_next_run_finishes(installation: Installation) -> None:
    kill_again_and_again(installation, "build", KILLS)
    assert installation.run("check")["wrong"] == []  # every version of every attempt is still there
    assert installation.run("build")["failed"] == 0
    assert installation.run("check") == {"wrong": [], "serving": 20, "waiting": 0}


def test_the_planted_defect_of_saying_ready_too_early_is_found(installation: Installation) -> None:
    kill_again_and_again(installation, "planted", 3)
    assert installation.run("check")["wrong"] != []
