"""What a killed worker held is taken over as soon as its death is known, and nothing of one that is only slow."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.crash.forks import Child
from tests.crash.test_sender_kill import Campaign, campaign, check

pytestmark = [pytest.mark.crash, pytest.mark.timeout(180)]
COUNT = 40  # a worker claims that many at once, so that nothing is left for another one


def stuck_at_mail(found: Campaign, number: int) -> tuple[Child, threading.Event]:
    """A worker whose connections wait for the provider's answer from mail `number` on, with all the rest claimed."""
    go_on, held = threading.Event(), threading.Event()

    def hook(stage: str, _: str) -> str | None:
        if stage == "message" and len(found.server.mails) >= number and not go_on.is_set():
            held.set()
            go_on.wait(60)
            return "take and cut"
        return None

    found.server.hook = hook
    worker = found.start("role")
    assert held.wait(60), found.tally()
    return worker, go_on


def held(found: Campaign) -> list[tuple]:
    return found.rows(
        "SELECT id, state, lease_token FROM channels_delivery WHERE state IN ('claimed', 'sending') ORDER BY id"
    )


def settled(found: Campaign) -> list[tuple]:
    """What is held once the worker that lives has claimed all that it may."""
    now, before = held(found), None
    while now != before:
        time.sleep(1)
        now, before = held(found), now
    return now


def taken_over(home: Path, kind: str, plant: str = "") -> float:
    """Seconds from the kill of a worker until another one has taken over all that it held."""
    with campaign(home, kind, COUNT, plant) as found:
        worker, go_on = stuck_at_mail(found, 5)
        other = found.start("role")
        os.kill(worker.pid, signal.SIGSTOP)  # alive, and slower than any heartbeat
        deadline = time.monotonic() + 30
        run = home / "run"
        while not ((run / "worker.ready").exists() and (run / "worker.pid").read_text() == f"{other.pid}\n"):
            assert time.monotonic() < deadline
            assert other.poll() is None
            time.sleep(0.05)
        theirs = settled(found)
        assert {state for _, state, _ in theirs} == {"claimed", "sending"}
        time.sleep(3)
        assert held(found) == theirs, "taken from a worker that lives"
        killed = time.monotonic()
        worker.kill()
        while {token for *_, token in held(found)} & {token for *_, token in theirs}:
            assert time.monotonic() - killed < 20, "still held by the dead"
            time.sleep(0.01)
        seconds = time.monotonic() - killed
        go_on.set()
        found.workers.remove(worker)
        found.finish()
        tally = check(found)
        in_hand = sum(state == "sending" for _, state, _ in theirs)
        assert tally == {"sent": COUNT - in_hand, "unknown": in_hand}
    return seconds


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_a_killed_worker_held_is_taken_over_within_two_seconds(tmp_path: Path, kind: str) -> None:
    assert taken_over(tmp_path, kind) < 2


def test_planted_waiting_for_the_leases_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="still held by the dead"):
        taken_over(tmp_path, "sqlite", plant="leases alone")
