"""kill -9 of the roles of a real `ceap serve`: it comes back by itself, nothing acknowledged is lost, nothing is sent
twice."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pysqlite3.dbapi2 as sqlite
import pytest

from tests.stories.installations import ceap, free_ports, running
from tests.web.test_backup import run

pytestmark = [pytest.mark.crash, pytest.mark.soak, pytest.mark.timeout(900)]
MAILS, EDGE_KILLS, WORKER_KILLS, BATCH = 1_500, 10, 5, 20
BACK = 5.0  # seconds after the last kill
PLAN = f"""
from ceap.channels import actions, sink
from ceap.kit.home import Home
from tests.channels import people
sender = actions.ensure_sink_sender(sink.config_of(Home.load()))
people.plan(people.customers({MAILS}), sender, content_version_id=people.version().pk)
"""


def kill(home: Path, role: str, killed: set[int]) -> bool:
    """End the process that is now in this role, unless it was killed before; whether there was one."""
    try:
        pid = int((home / "run" / f"{role}.pid").read_text())
    except (OSError, ValueError):
        return False
    if pid in killed:
        return False
    killed.add(pid)
    os.kill(pid, signal.SIGKILL)
    return True


class Events:
    """Somebody who posts batch after batch, each until it is acknowledged."""

    def __init__(self, url: str, key: str):
        self.url, self.headers = url, {"authorization": f"Bearer {key}"}
        self.acknowledged: list[tuple[str, float]] = []
        self.refused: list[str] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._post)

    def _post(self) -> None:
        number = 0
        while not self.stop.is_set():
            batch = [{"event": "load", "customer": {"id": 1}, "event_id": f"{number}-{n}"} for n in range(BATCH)]
            try:
                answer = httpx.post(f"{self.url}/v1/events", json=batch, headers=self.headers, timeout=2)
            except httpx.HTTPError:
                time.sleep(0.02)
                continue
            if answer.status_code not in (202, 503):
                self.refused.append(answer.text)
            if answer.status_code == 202:
                self.acknowledged.append((str(number), time.monotonic()))
                number += 1


def rows(file: Path, sql: str) -> list[tuple]:
    connection = sqlite.connect(str(file), timeout=30)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def kill_the_edge(home: Path, events: Events) -> tuple[float, float]:
    """Kill it ten times, each time as soon as it is there again; seconds that took, and until events are taken."""
    killed, began = set[int](), time.monotonic()
    while len(killed) < EDGE_KILLS:
        assert time.monotonic() - began < 120, f"{len(killed)} kills"
        kill(home, "edge", killed)
        time.sleep(0.01)
    last = time.monotonic()
    while not events.acknowledged or events.acknowledged[-1][1] < last:
        assert time.monotonic() - last < 60, "events are not taken any more"
        time.sleep(0.01)
    return last - began, events.acknowledged[-1][1] - last


def kill_workers(home: Path) -> int:
    """Kill the worker now and again while it sends; how often."""
    box, killed, deadline = home / "mailbox" / "mails.sqlite3", set[int](), time.monotonic() + 600
    for number in range(WORKER_KILLS):
        while rows(box, "SELECT COUNT(*) FROM mail")[0][0] < MAILS * (number + 1) / (WORKER_KILLS + 2):
            assert time.monotonic() < deadline, f"{len(killed)} kills"
            time.sleep(0.01)
        while not kill(home, "worker", killed):
            time.sleep(0.01)
    return len(killed)


def test_killed_roles_come_back_and_nothing_is_lost_or_sent_twice(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    app, edge, sink = free_ports(3)
    ports = {"app_port": app, "edge_port": edge, "sink_port": sink}
    (home / "settings.toml").write_text("sink = true\n" + "".join(f"{name} = {n}\n" for name, n in ports.items()))
    ceap("init", home=home)
    key = ceap("key", "create", "shop", "--kind", "server", "--scope", "events:write", home=home)["secret"]
    here, there = f"http://127.0.0.1:{app}", f"http://127.0.0.1:{edge}"
    events = Events(there, key)
    with running("serve", home, f"{here}/readyz", f"{there}/readyz"):
        while not (home / "mailbox" / "mails.sqlite3").exists():
            time.sleep(0.1)
        run(home, PLAN)
        events.thread.start()
        try:
            killed = kill_workers(home)
            took, back = kill_the_edge(home, events)
            deadline = time.monotonic() + 300
            store = home / "store.sqlite3"
            on_the_way = "SELECT COUNT(*) FROM channels_delivery WHERE state IN ('planned', 'claimed', 'sending')"
            while rows(store, on_the_way)[0][0]:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        finally:
            events.stop.set()
            events.thread.join()
        tally = dict(rows(store, "SELECT state, COUNT(*) FROM channels_delivery GROUP BY state"))
    mails = Counter(row[0] for row in rows(home / "mailbox" / "mails.sqlite3", "SELECT recipient FROM mail"))
    stored = Counter(row[0] for row in rows(store, "SELECT dedupe FROM events_entry WHERE name = 'load'"))
    said = {"worker kills": killed, "tally": tally, "edge kills": EDGE_KILLS, "in s": round(took, 1),
            "back after s": round(back, 1), "batches": len(events.acknowledged)}  # fmt: skip
    print(json.dumps(said))  # noqa: T201
    assert not events.refused
    assert back <= BACK
    assert not [one for one, count in mails.items() if count > 1], "sent twice"
    assert set(tally) <= {"sent", "unknown"}
    assert sum(tally.values()) == MAILS
    assert len(mails) >= tally["sent"]
    sent = {row[0] for row in rows(store, "SELECT c.email FROM channels_delivery d JOIN customers_customer c "
                                          "ON c.id = d.customer_id WHERE d.state = 'sent'")}  # fmt: skip
    assert sent <= set(mails), "said to be sent, and never came"
    lost = [one for one, _ in events.acknowledged if any(f"event:{one}-{n}" not in stored for n in range(BATCH))]
    assert not lost, "acknowledged events are lost"
    assert set(stored.values()) == {1}
