"""The edge on bad days: killed under load, its disk full, its store locked, told to stop."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pysqlite3.dbapi2 as sqlite
import pytest

from tests.counts import often
from tests.edge.rig import PERSON, SERVER, Edge, edge_on

pytestmark = pytest.mark.crash


def events(prefix: str, count: int = 20) -> list[dict[str, object]]:
    return [{"event": "load", "customer": {"id": 1}, "event_id": f"{prefix}-{n}"} for n in range(count)]


def sending(edge: Edge, stop: threading.Event, acknowledged: list[str]) -> list[threading.Thread]:
    """Four threads that post until `stop`; the prefixes of the acknowledged batches are noted."""

    def go(name: str) -> None:
        number = 0
        while not stop.is_set():
            prefix, number = f"{name}-{number}", number + 1
            try:
                if edge.post(events(prefix)).status_code == 202:
                    acknowledged.append(prefix)
            except httpx.HTTPError:
                time.sleep(0.02)

    threads = [threading.Thread(target=go, args=(f"{time.monotonic_ns()}-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    return threads


def all_there(edge: Edge, acknowledged: list[str]) -> None:
    stored = {row[0] for row in edge.sql("SELECT dedupe FROM events_entry WHERE name = 'load'")}
    missing = [p for p in acknowledged if not all(f"event:{p}-{n}" in stored for n in range(20))]
    assert not missing, f"{len(missing)} acknowledged batches are missing"
    # A batch is there as a whole or not at all.
    assert len(stored) % 20 == 0


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_events_acknowledged_before_kill_9_are_all_there(tmp_path: Path, store: str) -> None:
    url = os.environ.get("CEAP_TEST_POSTGRESQL_URL", "") if store == "postgresql" else ""
    if store == "postgresql" and not url:
        pytest.skip("no PostgreSQL: set CEAP_TEST_POSTGRESQL_URL")
    with edge_on(tmp_path, postgresql=url) as edge:
        acknowledged: list[str] = []
        for _ in range(often(3, 5)):
            stop, before = threading.Event(), len(acknowledged)
            threads = sending(edge, stop, acknowledged)
            eventually(lambda before=before: len(acknowledged) > before + 8)  # type: ignore[misc]
            time.sleep(random.uniform(0, 0.1))
            edge.stop(signal.SIGKILL)
            stop.set()
            for thread in threads:
                thread.join()
            edge.start()
        all_there(edge, acknowledged)


def test_a_graceful_stop_answers_what_was_begun(tmp_path: Path) -> None:
    with edge_on(tmp_path, postgresql="") as edge:
        acknowledged: list[str] = []
        stop = threading.Event()
        threads = sending(edge, stop, acknowledged)
        eventually(lambda: len(acknowledged) > 8)
        assert edge.stop() == 0
        stop.set()
        for thread in threads:
            thread.join()
        edge.start()
        all_there(edge, acknowledged)
        assert not (tmp_path / "run" / "edge.ready").exists()


LIMITED = """
import resource, signal, sys, pathlib
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = max(p.stat().st_size for p in pathlib.Path(sys.argv[1]).glob("store.sqlite3*")) + 300_000
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
from ceap.kit.home import Home
from ceap.edge.server import run
run(Home.load())
"""


HOPEFUL = LIMITED.replace(
    "from ceap.kit.home", """
from ceap.edge import sqlite, wire
real = sqlite._commit
def hopeful(connection, works):
    try:
        return real(connection, works)
    except sqlite.driver.Error:
        return [wire.Accepted(20, 0)] * len(works)
sqlite._commit = hopeful
from ceap.kit.home""",
)  # fmt: skip


def filled_up(edge: Edge, batches: int) -> tuple[list[str], list[httpx.Response]]:
    """Post until five batches were refused: the prefixes of those acknowledged, and the refusals."""
    acknowledged, refusals = [], []
    for number in range(batches):
        answer = edge.post(events(f"full-{number}"))
        if answer.status_code == 202:
            acknowledged.append(f"full-{number}")
        else:
            refusals.append(answer)
        if len(refusals) == 5:
            break
    return acknowledged, refusals


def test_planted_an_acknowledgement_whatever_the_disk_said_is_found(tmp_path: Path) -> None:
    with edge_on(tmp_path, start=False, postgresql="") as edge:
        edge.start([sys.executable, "-c", HOPEFUL, str(tmp_path)])
        acknowledged, _ = filled_up(edge, 60)
        with pytest.raises(AssertionError, match="are missing"):
            all_there(edge, acknowledged)


def test_a_full_disk_is_answered_with_503_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    with edge_on(tmp_path, start=False, postgresql="") as edge:
        edge.start([sys.executable, "-c", LIMITED, str(tmp_path)])
        acknowledged, refusals = filled_up(edge, 400)
        assert acknowledged
        assert {r.status_code for r in refusals} == {503}
        assert all(int(r.headers["retry-after"]) > 0 for r in refusals)
        # Readers still get where the mail promised; an opt-out is never confirmed unless it is stored.
        assert edge.get("/c/token-of-delivery-01/0").status_code == 302
        assert edge.get("/u/token-of-delivery-01", method="POST").status_code == 503
        all_there(edge, acknowledged)
        edge.stop()
        edge.start()  # there is room again
        assert edge.post(events("after")).status_code == 202
        all_there(edge, acknowledged)
        assert edge.sql("PRAGMA quick_check") == [("ok",)]


def test_a_locked_store_is_answered_with_503_in_time_and_recovers(tmp_path: Path) -> None:
    with edge_on(tmp_path, postgresql="") as edge:
        holder = sqlite.connect(str(tmp_path / "store.sqlite3"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        answer = edge.post(events("locked"))
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
        assert time.monotonic() - begun < 10
        assert edge.get("/v1/customers/id/1", SERVER).status_code == 200  # reads go on
        holder.execute("ROLLBACK")
        holder.close()
        assert edge.post(events("locked")).json() == {"accepted": 20, "duplicates": 0}


def test_a_writer_that_answers_before_its_commit_is_caught_by_the_kill(tmp_path: Path) -> None:
    """The planted bug: acknowledging inside the transaction. The check above must see the loss."""
    planted = (
        "import os, signal, ceap.edge.sqlite as s\n"
        "real, served = s._commit, [0]\n"
        "def early(connection, works):\n"
        "    served[0] += len(works)\n"
        "    cursor = connection.cursor(); cursor.execute('BEGIN IMMEDIATE')\n"
        "    results = [work(cursor) for work in works]\n"
        "    cursor.execute('ROLLBACK' if served[0] > 10 else 'COMMIT')\n"
        "    return results\n"
        "s._commit = early\n"
        "from ceap.kit.home import Home\n"
        "from ceap.edge.server import run\n"
        "run(Home.load())\n"
    )
    with edge_on(tmp_path, start=False, postgresql="") as edge:
        edge.start([sys.executable, "-c", planted])
        acknowledged = [f"p-{n}" for n in range(30) if edge.post(events(f"p-{n}")).status_code == 202]
        edge.stop(signal.SIGKILL)
        edge.start()
        with pytest.raises(AssertionError, match="are missing"):
            all_there(edge, acknowledged)


def eventually(check: Callable[[], bool], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_the_supervisor_restarts_the_dead_refuses_a_second_and_leaves_no_orphans(tmp_path: Path) -> None:
    with edge_on(tmp_path, start=False, postgresql="") as edge:
        environment = {**edge.environment, "CEAP_APP_PORT": str(edge.port + 1 if edge.port < 65000 else edge.port - 1)}

        def pid(role: str) -> int:
            try:
                return int((tmp_path / "run" / f"{role}.pid").read_text())
            except (OSError, ValueError):
                return 0

        def well() -> bool:
            try:
                return httpx.get(f"{edge.url}/readyz", headers={"user-agent": PERSON}).status_code == 200
            except httpx.HTTPError:
                return False

        command = [sys.executable, "-m", "ceap", "serve"]
        log = (tmp_path / "serve.log").open("wb")
        edge.process = subprocess.Popen(command, cwd=os.getcwd(), env=environment, stderr=log)
        roles = ("app", "edge", "worker")
        eventually(lambda: well() and all(pid(r) for r in roles))
        for words in (["serve"], ["app"]):
            second = subprocess.run(
                [sys.executable, "-m", "ceap", *words], env=environment, capture_output=True, text=True, timeout=60
            )
            assert second.returncode == 1
            assert "already in use" in second.stderr
            assert len(second.stderr.strip().splitlines()) == 1
        first = pid("edge")
        os.kill(first, signal.SIGKILL)
        eventually(lambda: pid("edge") not in (0, first) and well())
        said = [
            json.loads(line)["message"] for line in (tmp_path / "serve.log").read_text().splitlines() if line[:1] == "{"
        ]
        assert any("edge was killed by signal 9; starting it again in 0.5 s" in line for line in said)
        pids = [pid(r) for r in roles]
        edge.process.kill()  # the supervisor itself dies without a word
        edge.process.wait()
        eventually(lambda: not any(alive(p) for p in pids))
        edge.process = subprocess.Popen(command, env=environment, stderr=log)
        eventually(lambda: well() and all(pid(r) not in (0, *pids) for r in roles))
        pids = [pid(r) for r in roles]
        assert edge.stop() == 0
        assert not any(alive(p) for p in pids)
        assert not list((tmp_path / "run").glob("*.pid"))
