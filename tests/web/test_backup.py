"""Backup and restore, on real homes through the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ceap.core.optout import JOURNAL
from tests import template
from tests.programs import ceap, script

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow

PEOPLE = """
from ceap.customers.models import Customer
from ceap.channels.models import Delivery, Sender
from ceap.channels import actions
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from pyroaring import BitMap
for n in (1, 2, 3):
    Customer.objects.create(pk=n, email=f"c{n}@example.test", marketing_opt_in=True, created_at=now(), updated_at=now())
sender = Sender.objects.create(name="s", from_name="Shop", from_address="shop@example.test", created_at=now())
everybody, version = BitMap([1, 2, 3]), uuid7()
actions.plan("campaign", uuid7(), customers=everybody, sender_id=sender.pk, content_version_id=version, due=now())
"""
AFTERWARDS = """
from django.db import connection, transaction
from ceap.channels.models import Delivery
from ceap.core.changelog import customers_changed
from ceap.core.optout import opt_out
from ceap.kit.clock import now
Delivery.objects.filter(customer_id=1).update(state="sent")
with transaction.atomic(), connection.cursor() as cursor:
    opt_out(cursor, connection.vendor, customer_id=2, channel="email", source="unsubscribe link", evidence={}, at=now())
    customers_changed(cursor, [1], connection.vendor)
from ceap.web import watermark
watermark.advance()
"""
STATE = """
import json
from ceap.channels.models import Delivery
from ceap.consent.models import Suppression
from ceap.consent.queries import verdicts
from ceap.kit.clock import now
print(json.dumps({
    "deliveries": list(Delivery.objects.order_by("customer_id").values_list("customer_id", "state", "reason")),
    "suppressed": list(Suppression.objects.values_list("address", flat=True)),
    "mailed": {v.customer: v.reason for v in verdicts([1, 2, 3], channel="email", purpose="marketing", at=now())},
}))
"""

HELD = {"deliveries_sent": 0, "deliveries_failed": 0, "deliveries_planned": 0, "deliveries_held": 3}


def really(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a new interpreter, as an operator runs it."""
    environment = {**os.environ, "CEAP_HOME": str(home), "CEAP_STORE_URL": ""}
    words = [sys.executable, "-m", "ceap", *arguments]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def run(home: Path, code: str) -> str:
    done = script({**os.environ, "CEAP_HOME": str(home), "CEAP_STORE_URL": ""}, code)
    assert done.code == 0, done.said
    return done.said


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three planned deliveries."""
    home = tmp_path_factory.mktemp("first") / "home"
    template.file(home / "store.sqlite3")
    ceap(home, "init")
    run(home, PEOPLE)
    return home


@pytest.fixture
def made(first: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Such a home, a backup of it, and what has happened since."""
    home, copy = tmp_path / "home", tmp_path / "backup"
    shutil.copytree(first, home)
    ceap(home, "backup", str(copy))
    run(home, AFTERWARDS)
    return home, copy


def test_a_restored_home_sends_nothing_twice_and_keeps_every_opt_out(made: tuple[Path, Path]) -> None:
    home, copy = made
    answer = json.loads(ceap(home, "restore", str(copy), "--json"))
    assert {key: answer[key] for key in answer if "deliveries" in key} == HELD
    assert answer["opt_outs"] == 1, "opt_outs were not heard again"
    state = json.loads(run(home, STATE))
    assert state["deliveries"] == [[n, "unknown", "restored"] for n in (1, 2, 3)]
    assert state["suppressed"] == ["c2@example.test"]
    assert state["mailed"] == {"1": "", "2": "no_consent", "3": ""}


def test_a_planted_home_without_a_journal_of_opt_outs_forgets_them(made: tuple[Path, Path]) -> None:
    (made[0] / JOURNAL).unlink()
    with pytest.raises(AssertionError, match="opt_outs"):
        test_a_restored_home_sends_nothing_twice_and_keeps_every_opt_out(made)


def test_restoring_twice_is_the_same_as_once(made: tuple[Path, Path]) -> None:
    home, copy = made
    ceap(home, "restore", str(copy))
    once = run(home, STATE)
    ceap(home, "restore", str(copy))
    assert run(home, STATE) == once


def test_an_old_store_put_back_by_hand_is_noticed_and_nothing_is_sent(made: tuple[Path, Path]) -> None:
    home, copy = made
    for suffix in ("-wal", "-shm"):
        Path(f"{home / 'store.sqlite3'}{suffix}").unlink(missing_ok=True)
    shutil.copy(copy / "store.sqlite3", home / "store.sqlite3")
    said = ceap(home, "worker", expect=78)
    assert "The store is older than what this home has already done; nothing is sent." in said
    assert json.loads(ceap(home, "restore", "--json"))["deliveries_held"] == 3


def test_a_copied_home_sends_nothing(made: tuple[Path, Path], tmp_path: Path) -> None:
    home, _ = made
    shutil.copytree(home, tmp_path / "clone")
    refused = really(tmp_path / "clone", "worker")
    assert refused.returncode == 78
    assert "nothing is sent from it" in refused.stdout + refused.stderr


def test_a_damaged_backup_is_named_and_touches_nothing(made: tuple[Path, Path]) -> None:
    home, copy = made
    before = run(home, STATE)
    with (copy / "store.sqlite3").open("r+b") as store:
        store.seek(5000)
        store.write(b"\x00garbage")
    assert "The backup is damaged: store.sqlite3 is not what it was." in ceap(home, "restore", str(copy), expect=1)
    assert run(home, STATE) == before


def test_a_folder_in_use_is_not_written_over(made: tuple[Path, Path]) -> None:
    home, copy = made
    before = (copy / "backup.json").read_bytes()
    assert "is not empty" in ceap(home, "backup", str(copy), expect=1)
    assert (copy / "backup.json").read_bytes() == before
