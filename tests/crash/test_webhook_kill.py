"""kill -9 between sending and acknowledging: repeated with the same id, never lost (S-16)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from tests.connectors.receiver import Receiver, receiving
from tests.crash.forks import Child, Forks, forks

pytestmark = [pytest.mark.crash, pytest.mark.req("S-16"), pytest.mark.timeout(120)]
DO = "tests.crash.webhook_process"
PEOPLE = 30_000
KILLED = {4, 14, 24, 34}  # the requests at whose arrival the worker is killed


def told(home: Path, receiver: Receiver, plant: str = "") -> tuple[list[str], set[int]]:
    """Let a worker send, and kill it at the moment in which some of its calls arrive, which are lost with it.

    Returns:
        The states of the calls, and the numbers of the requests that were lost.
    """
    with forks(home, DO, CEAP_HOME=str(home), CEAP_OUTBOUND_PRIVATE="true") as parent:
        assert parent.start(f"{DO}:plan", receiver.url, PEOPLE).wait() == 0, (home / "log").read_text()
        return _told(home, receiver, parent, plant)


def _told(home: Path, receiver: Receiver, parent: Forks, plant: str) -> tuple[list[str], set[int]]:
    def states() -> list[str]:
        connection = sqlite.connect(str(home / "store.sqlite3"), timeout=30)
        found = [row[0] for row in connection.execute("SELECT state FROM connectors_call")]
        connection.close()
        return found

    workers: list[Child] = []
    lost: set[int] = set()

    def answer(number: int) -> tuple[int, dict[str, str], bytes]:
        if number not in KILLED:
            return 204, {}, b""
        lost.add(number)
        workers[-1].kill()
        return 500, {}, b""

    receiver.answer = answer
    deadline = time.monotonic() + 90
    while "waiting" in states():
        assert time.monotonic() < deadline
        workers.append(parent.start(f"{DO}:work", plant))
        while workers[-1].poll() is None and "waiting" in states() and time.monotonic() < deadline:
            time.sleep(0.05)
        workers[-1].kill()
    return states(), lost


def check(receiver: Receiver, lost: set[int]) -> None:
    """What was promised."""
    seen: dict[str, bytes] = {}
    for headers, body in receiver.came:
        assert seen.setdefault(headers["webhook-id"], body) == body, "one id with two contents"
    taken = [body for number, (_, body) in enumerate(receiver.came) if number not in lost]
    people = {each["id"] for body in taken for each in json.loads(body)["data"]["customers"]}
    assert people == set(range(1, PEOPLE + 1)), f"{PEOPLE - len(people)} customers were never told of"


def test_killing_the_worker_loses_nothing_and_repeats_with_the_same_id(tmp_path: Path) -> None:
    with receiving() as receiver:
        states, lost = told(tmp_path, receiver)
        assert states == ["sent"]
        assert lost == KILLED
        check(receiver, lost)
        assert len(receiver.came) >= len(set(receiver.ids())) + len(lost)


def test_planted_acknowledging_before_sending_is_found(tmp_path: Path) -> None:
    with receiving() as receiver:
        _, lost = told(tmp_path, receiver, plant="acknowledged first")
        with pytest.raises(AssertionError, match="never told"):
            check(receiver, lost)
