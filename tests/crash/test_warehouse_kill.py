"""kill -9 while the warehouse is being loaded: every entry is in it once, however often that happens."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.crash
ROOT = Path(__file__).parents[2]
ENTRIES, KILLS = 12_000, 12
START = (
    "import django; django.setup()\nfrom django.db import connection, transaction\nfrom ceap.core import changelog\n"
)
FILL = START + (
    "with transaction.atomic(), connection.cursor() as cursor:\n"
    f"    for start in range(0, {ENTRIES}, 2000):\n"
    "        entries = [changelog.event('visit', n % 50 + 1, dedupe=f'd{n}') for n in range(start, start + 2000)]\n"
    "        changelog.append(cursor, entries, connection.vendor)\n"
)
LOAD = START + (
    "from ceap.events import queries, warehouse\n"
    "warehouse.BATCH = 40\n"  # many small transactions, so that kills fall into and between them
    "print('ready', flush=True)\n"
    "queries.warehouse().sync()\n"
    "print('done', flush=True)\n"
)
COUNT = START + (
    "from ceap.events import queries\n"
    "house = queries.warehouse(); house.sync(); events = house.table('events')\n"
    "print(*house.run(events.aggregate(n=events.count(), k=events.key.nunique())).to_pylist()[0].values())\n"
)

BROKEN = LOAD.replace(  # the planted defect: rows in one transaction, the position in the next
    "print('ready', flush=True)\n",
    "import os\n"
    "def apply(self, entries, moment):\n"
    "    with self._engine.writing() as writer:\n"
    "        loader = warehouse.Loader(writer, fresh=False)\n"
    "        loader.apply(entries); loader.finish()\n"
    "    if entries[-1].seq > 400: os.kill(os.getpid(), 9)\n"
    "    with self._engine.writing() as writer:\n"
    "        self._place = self._write_place(writer, entries[-1], moment)\n"
    "warehouse.Warehouse._apply = apply\n",
)


def run(home: Path, script: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(home), capture_output=True, text=True, check=True
    ).stdout.strip()


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CEAP_")}
    return kept | {"CEAP_HOME": str(home), "DJANGO_SETTINGS_MODULE": "ceap.web.settings"}


def filled(home: Path) -> None:
    """A home whose warehouse is empty and whose log is full."""
    init = [sys.executable, "-m", "ceap", "init", "--home", str(home), "--json"]
    subprocess.run(init, cwd=ROOT, env=environment(home), check=True, capture_output=True)
    run(home, START + "from ceap.events import queries\nqueries.warehouse().sync()")
    run(home, FILL)


def test_every_entry_is_loaded_exactly_once_through_a_dozen_kills(tmp_path: Path) -> None:
    filled(tmp_path)
    dice, killed = random.Random(3), 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", LOAD], cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        time.sleep(dice.uniform(0.05, 0.6))
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        child.wait()
        child.stdout.close()
    assert killed >= KILLS / 2
    assert run(tmp_path, COUNT) == f"{ENTRIES} {ENTRIES}"


def test_a_position_kept_in_another_transaction_would_load_entries_twice(tmp_path: Path) -> None:
    filled(tmp_path)
    died = subprocess.run([sys.executable, "-c", BROKEN], cwd=ROOT, env=environment(tmp_path), capture_output=True)
    assert died.returncode == -signal.SIGKILL
    rows, keys = map(int, run(tmp_path, COUNT).split())
    assert keys == ENTRIES
    assert rows > ENTRIES
