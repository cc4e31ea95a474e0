"""kill -9 between sending and acknowledging: repeated with the same id, never lost (S-16)."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from tests.connectors.receiver import Receiver, receiving

pytestmark = [pytest.mark.crash, pytest.mark.req("S-16"), pytest.mark.timeout(120)]
ROOT = Path(__file__).parents[2]
PEOPLE = 30_000

_PLAN = """
import sys, django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from pyroaring import BitMap
from ceap.accounts.contracts import SYSTEM
from ceap.connectors import actions
actions.create_webhook(SYSTEM, url=sys.argv[1], events=["segment.entered"])
actions.notify_moves("0192aaaa-0000-7000-8000-000000000000", "Loyal", 1, BitMap(range(1, int(sys.argv[2]) + 1)), None)
"""


def told(home: Path, receiver: Receiver, kills: int, plant: str = "") -> list[str]:
    """Kill the worker again and again while it sends, let it finish; the states of the calls."""
    environment = {
        **os.environ, "CEAP_HOME": str(home), "CEAP_STORE_URL": "", "PYTHONPATH": str(ROOT), "PLANT": plant,
        "CEAP_OUTBOUND_PRIVATE": "true", "DJANGO_SETTINGS_MODULE": "ceap.web.settings",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", _PLAN, receiver.url, str(PEOPLE)], cwd=ROOT, env=environment, check=True)

    def states() -> list[str]:
        connection = sqlite.connect(str(home / "store.sqlite3"), timeout=30)
        found = [row[0] for row in connection.execute("SELECT state FROM connectors_call")]
        connection.close()
        return found

    deadline = time.monotonic() + 90
    while "waiting" in states():
        assert time.monotonic() < deadline
        before = len(receiver.came)
        command = [sys.executable, "-m", "tests.crash.webhook_process"]
        with subprocess.Popen(command, cwd=ROOT, env=environment) as worker:
            while len(receiver.came) < before + 3 and "waiting" in states() and time.monotonic() < deadline:
                time.sleep(0.005)
            if kills:
                kills -= 1
                time.sleep(random.uniform(0, 0.03))
            else:
                while "waiting" in states() and time.monotonic() < deadline:
                    time.sleep(0.05)
            worker.kill()
    return states()


def check(receiver: Receiver) -> None:
    """What was promised."""
    seen: dict[str, bytes] = {}
    for headers, body in receiver.came:
        assert seen.setdefault(headers["webhook-id"], body) == body, "one id with two contents"
    people = {each["id"] for body in seen.values() for each in json.loads(body)["data"]["customers"]}
    assert people == set(range(1, PEOPLE + 1)), f"{PEOPLE - len(people)} customers were never told of"


def test_killing_the_worker_loses_nothing_and_repeats_with_the_same_id(tmp_path: Path) -> None:
    with receiving() as receiver:
        receiver.answer = lambda n: (time.sleep(0.02), (204, {}, b""))[1]  # type: ignore[func-returns-value]
        assert told(tmp_path, receiver, 6) == ["sent"]
        check(receiver)
        assert len(receiver.came) > len(set(receiver.ids()))  # a kill hit the moment between


def test_planted_acknowledging_before_sending_is_found(tmp_path: Path) -> None:
    with receiving() as receiver:
        receiver.answer = lambda n: (time.sleep(0.02), (204, {}, b""))[1]  # type: ignore[func-returns-value]
        told(tmp_path, receiver, 6, plant="before")
        with pytest.raises(AssertionError, match="never told"):
            check(receiver)
