"""kill -9 of workers at random moments during a campaign: nothing twice, nothing unaccounted, the sum is the plan."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pysqlite3.dbapi2 as sqlite
import pytest

from tests.channels.smtp_server import Server, running
from tests.counts import often
from tests.crash.forks import Child, Forks, forks
from tests.crash.stores import store

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]
OPEN = ("planned", "claimed", "sending")
MAILS_BETWEEN = 240  # at most, from one kill to the next: fifty of them end well before 20,000 mails do


class Campaign:
    """A home with one planned campaign, and the workers that send it."""

    def __init__(self, file: Path, url: str, count: int, server: Server, forks: Forks, plant: str):
        self.file, self.url, self.count, self.server = file, url, count, server
        self.forks, self.plant = forks, plant
        self.workers: list[Child] = []

    def start(self, work: str = "work") -> Child:
        self.workers.append(self.forks.start(f"tests.crash.sender_process:{work}", self.plant))
        return self.workers[-1]

    def kill(self) -> None:
        """End the oldest worker without a word, and its renderer with it."""
        self.workers.pop(0).kill()

    def stop(self) -> None:
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait(30)

    def rows(self, sql: str) -> list[tuple]:
        if self.url:
            with psycopg.connect(self.url) as connection:
                return connection.execute(sql).fetchall()
        connection = sqlite.connect(str(self.file), timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def tally(self) -> dict[str, int]:
        return dict(self.rows("SELECT state, COUNT(*) FROM channels_delivery GROUP BY state"))

    def on_the_way(self) -> int:
        tally = self.tally()  # read once: a row that moves back between two readings would be in neither
        return sum(tally.get(state, 0) for state in OPEN)

    def kill_at_mail(self, number: int) -> None:
        """Start a worker, and kill it after the provider took mail `number` and before it could answer."""
        died = threading.Event()

        def hook(stage: str, recipient: str) -> str | None:
            with self.server.lock:
                due = stage == "message" and len(self.server.mails) >= number - 1 and not died.is_set()
                if due:
                    self.kill()
                    died.set()
            return "take and cut" if due else None

        self.server.hook = hook
        self.start()
        assert died.wait(60), self.tally()

    def kill_at_random(self, kills: int) -> None:
        """Two workers at a time; the older one is killed again and again, each time some mails later."""
        self.start()
        self.start()
        for _ in range(kills):
            until = len(self.server.mails) + random.randrange(1, MAILS_BETWEEN)
            deadline = time.monotonic() + 60
            while len(self.server.mails) < until:
                assert time.monotonic() < deadline, self.tally()
                time.sleep(0.002)
            self.kill()
            self.start()

    def finish(self, patience: float = 60) -> None:
        """Wait until nothing is on the way, then stop the workers; `patience`: seconds without any progress."""
        left, deadline = self.count + 1, 0.0
        while now := self.on_the_way():
            if now < left:
                left, deadline = now, time.monotonic() + patience
            assert time.monotonic() < deadline, self.tally()
            time.sleep(0.2)
        self.stop()


@contextmanager
def campaign(home: Path, kind: str, count: int, plant: str = "") -> Iterator[Campaign]:
    with (
        store(kind) as url,
        running(lambda stage, _: time.sleep(0.002) if stage == "message" else None) as server,
        forks(home, "tests.crash.sender_process", CEAP_HOME=str(home), CEAP_STORE_URL=url) as parent,
    ):
        planned = parent.start("tests.crash.sender_process:plan", count, server.port)
        assert planned.wait() == 0, (home / "log").read_text()
        yield Campaign(home / "store.sqlite3", url, count, server, parent, plant)


def check(found: Campaign) -> dict[str, int]:
    """What was promised, after the end."""
    keys = found.server.keys()
    twice = {key: n for key, n in keys.items() if n > 1}
    assert not twice, f"{len(twice)} mails came twice"
    states = dict(found.rows("SELECT token, state FROM channels_delivery"))
    tally = found.tally()
    assert sum(tally.values()) == found.count
    assert set(tally) <= {"sent", "unknown"}
    missing = [key for key, state in states.items() if state == "sent" and key not in keys]
    assert not missing, f"{len(missing)} mails are said to be sent and never came"
    unaccounted = [key for key in keys if states.get(key) not in ("sent", "unknown")]
    assert not unaccounted
    touches = found.rows("SELECT COUNT(*) FROM events_entry WHERE name = 'message_sent'")[0][0]
    assert touches == tally["sent"]
    return tally


@pytest.mark.parametrize(
    ("kind", "kills", "count"),
    [("sqlite", often(5, 50), often(1_400, 20_000)), ("postgresql", often(2, 8), often(700, 3_000))],
)
def test_killing_workers_sends_nothing_twice_and_loses_nothing(
    tmp_path: Path, kind: str, kills: int, count: int
) -> None:
    with campaign(tmp_path, kind, count) as found:
        found.kill_at_random(kills)
        found.finish()
        tally = check(found)
    print(f"{kind}: {kills} kills, {tally}")  # noqa: T201
    assert tally.get("unknown", 0) < 60 * kills


def killed_at_mail_and_finished(home: Path, plant: str = "") -> Campaign:
    """A small campaign whose first worker dies with its tenth mail in the provider's hands; another one goes on."""
    with campaign(home, "sqlite", 60, plant) as found:
        found.kill_at_mail(10)
        found.start()
        found.finish()
        return found


def test_what_the_provider_took_from_a_dead_worker_is_unknown_and_not_sent_again(tmp_path: Path) -> None:
    tally = check(killed_at_mail_and_finished(tmp_path))
    assert tally.get("unknown", 0) >= 1


def test_planted_sending_again_what_may_have_been_sent_is_found(tmp_path: Path) -> None:
    found = killed_at_mail_and_finished(tmp_path, plant="repeat")
    with pytest.raises(AssertionError, match="came twice"):
        check(found)
