"""kill -9 during an import: it goes on where it stopped, and every row has its effect once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS, CHUNK, KILLS = 6_000, 150, 12
START = """
import django; django.setup()
from ceap.web.store import prepare; prepare()
from ceap.accounts.contracts import SYSTEM
from ceap.connectors import actions
import sys
target, mapping, options = sys.argv[2], __import__("json").loads(sys.argv[3]), __import__("json").loads(sys.argv[4])
row = actions.upload(SYSTEM, target, "k.csv", [open(sys.argv[1], "rb").read()])
print(actions.start(SYSTEM, row.pk, mapping, options).job_id)
"""
GO_ON = """
import django; django.setup()
import sys
from ceap.jobs.actions import run
from ceap.jobs.models import Job
from datetime import datetime, UTC
Job.objects.filter(pk=sys.argv[1], state="running").update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
print("go", flush=True)
run(sys.argv[1])
"""
FACTS = """
import django; django.setup()
import json, sys
from ceap.connectors.models import Finding, Import
from ceap.customers.models import Customer, Identity
from ceap.events.queries import warehouse
row = Import.objects.get(job_id=sys.argv[1])
house = warehouse(); house.sync()
print(json.dumps({
    "state": row.state, "position": row.position, "created": row.created, "updated": row.updated,
    "unchanged": row.unchanged, "rejected": row.rejected, "findings": Finding.objects.count(),
    "distinct": Finding.objects.values("row").distinct().count(), "customers": Customer.objects.count(),
    "identities": Identity.objects.count(), "warehouse": house.count("customers"),
    "purchases": house.count("purchases"),
}))
"""


def python(home: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "CEAP_HOME": str(home), "DJANGO_SETTINGS_MODULE": "ceap.web.settings"}
    environment |= {"CEAP_STORE_URL": "", "CEAP_WAREHOUSE_URL": "", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def answer(home: Path, code: str, *arguments: str) -> str:
    process = python(home, code, *arguments)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return out.strip().splitlines()[-1]


def brought_in_under_fire(
    home: Path, file: Path, target: str, mapping: dict[str, str], options: dict[str, object]
) -> int:
    """Bring the file in while killing whoever does it; returns how many kills hit."""
    job = answer(home, START, str(file), target, json.dumps(mapping), json.dumps(options | {"chunk": CHUNK}))
    chance, hits = random.Random(9), 0
    for attempt in range(200):
        process = python(home, GO_ON, job)
        assert process.stdout
        process.stdout.readline()
        if attempt < KILLS:
            time.sleep(chance.uniform(0.02, 0.5))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                hits += 1
            process.wait()
            process.stdout.close()
            continue
        process.wait(timeout=120)
        process.stdout.close()
        break
    file.with_suffix(".job").write_text(job)
    return hits


@pytest.mark.crash
def test_an_import_of_customers_killed_again_and_again_takes_every_row_once(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "k.csv"
    lines = [f"c{n},Person {n},{'broken' if n % 50 == 7 else f'p{n}@x.test'}" for n in range(ROWS)]
    file.write_text("id,name,mail\n" + "\n".join(lines) + "\n")
    mapping = {"id": "customer_id", "name": "full_name", "mail": "email"}
    hits = brought_in_under_fire(home, file, "customers", mapping, {})
    facts = json.loads(answer(home, FACTS, file.with_suffix(".job").read_text()))
    bad = ROWS // 50
    assert hits >= 5, "too few kills hit for the test to say anything"
    assert facts == {
        "state": "done", "position": ROWS, "created": ROWS - bad, "updated": 0, "unchanged": 0, "rejected": bad,
        "findings": bad, "distinct": bad, "customers": ROWS - bad, "identities": 2 * (ROWS - bad),
        "warehouse": ROWS - bad, "purchases": 0,
    }  # fmt: skip


@pytest.mark.crash
def test_an_import_of_purchases_killed_again_and_again_keeps_true_duplicates_once_each(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "k.csv"
    lines = [f"o{n // 6},u{n % 40},2026-01-{n % 28 + 1:02},A{n // 12},1,2.5" for n in range(ROWS // 2)]
    file.write_text("order,who,when,item,qty,price\n" + "\n".join(lines * 2) + "\n")
    mapping = {
        "order": "order_id",
        "who": "customer",
        "when": "at",
        "item": "item",
        "qty": "quantity",
        "price": "unit_price",
    }
    hits = brought_in_under_fire(home, file, "purchases", mapping, {"unknown_customer": "create"})
    facts = json.loads(answer(home, FACTS, file.with_suffix(".job").read_text()))
    assert hits >= 5, "too few kills hit for the test to say anything"
    assert (facts["state"], facts["position"], facts["created"], facts["rejected"]) == ("done", ROWS, ROWS, 0)
    assert (facts["purchases"], facts["customers"]) == (ROWS, 40)
