"""What was on the way when a backup was made is settled by what is known of it: nothing twice, nothing given up for
no reason."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.programs import ceap, start
from tests.stories.installations import free_ports
from tests.web.test_backup import run

pytestmark = pytest.mark.slow
PLAN = """
from pathlib import Path
from ceap.channels import actions, sink
from ceap.channels.mailbox import Mailbox
from ceap.channels.models import Sender
from ceap.kit.home import Home
from tests.channels import people
home = Home.load()
Mailbox(home).count()  # as its sink does at its start
sender = actions.ensure_sink_sender(sink.config_of(home))
Sender.objects.update(rate_per_second=2, burst=2)
people.plan(people.customers(6), sender, content_version_id=people.version().pk)
"""
RESUME = """
from ceap.channels import actions
from ceap.channels.models import Source
actions.resume("campaign", Source.objects.get().source_id)
"""
STATE = """
import json
from django.db.models import F
from ceap.channels.mailbox import Mailbox
from ceap.channels.models import Delivery, Source
from ceap.events.models import Entry
from ceap.kit.home import Home
print(json.dumps({
    "states": list(Delivery.objects.order_by("pk").values_list("state", flat=True)),
    "mails": sorted(mail.recipient for mail in Mailbox(Home.load()).page()),
    "paused": Source.objects.exclude(paused_at=None).exists(),
    "touches": Entry.objects.filter(name="message_sent").count(),
    "timely": Delivery.objects.filter(state="sent", sent_at__lt=F("finished_at")).count(),
}))
"""


def made(home: Path, **settings: object) -> Path:
    home.mkdir()
    (home / "settings.toml").write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()))
    ceap(home, "init")
    return home


def state(home: Path) -> dict:
    return json.loads(run(home, STATE))


def work(home: Path, mails: int) -> None:
    """Run a worker, with the home's sink in it, until the sink has so many mails; then kill it."""
    environment = {**os.environ, "CEAP_HOME": str(home), "CEAP_STORE_URL": ""}
    process = start(environment, "worker")
    try:
        import pysqlite3.dbapi2 as sqlite

        deadline, count = time.monotonic() + 60, 0
        while count < mails:
            assert time.monotonic() < deadline, f"{count} of {mails} mails"
            time.sleep(0.05)
            if (file := home / "mailbox" / "mails.sqlite3").exists():
                with sqlite.connect(str(file), timeout=20) as box:
                    count = box.execute("SELECT COUNT(*) FROM mail").fetchone()[0]
    finally:
        process.kill()


def restored(tmp_path: Path) -> tuple[Path, int, dict]:
    """A demo whose campaign was half sent after its backup, restored: the home, the mails so far, the answer."""
    home = made(tmp_path / "home", sink=True, sink_port=free_ports(1)[0])
    run(home, PLAN)
    ceap(home, "backup", str(tmp_path / "backup"))
    work(home, 2)
    sent = len(state(home)["mails"])
    assert 2 <= sent < 6
    return home, sent, json.loads(ceap(home, "restore", str(tmp_path / "backup"), "--json"))


def test_the_sink_says_what_was_sent_and_a_person_lets_the_rest_go(tmp_path: Path) -> None:
    home, sent, answer = restored(tmp_path)
    assert (answer["deliveries_sent"], answer["deliveries_planned"], answer["deliveries_held"]) == (sent, 6 - sent, 0)
    found = state(home)
    assert sorted(found["states"]) == ["planned"] * (6 - sent) + ["sent"] * sent
    assert (found["paused"], found["touches"], found["timely"]) == (True, sent, sent)
    run(home, RESUME)
    work(home, 6)
    assert state(home)["mails"] == [f"c{n}@example.test" for n in range(1, 7)]
