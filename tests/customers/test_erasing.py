"""An erased person is nowhere: not in a row, a file, an archive, an unused page."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection

from ceap.accounts.actions import verify_chain
from ceap.accounts.contracts import SYSTEM
from ceap.customers import actions
from ceap.customers.models import Customer, Erasure, SavedView
from ceap.events import queries as house
from ceap.kit.clock import now
from tests import actors
from tests.counts import often
from tests.customers.planting import WORDS, left, plant, unlisted, unlisted_columns
from tests.programs import script

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("B-14")]


def test_no_byte_of_the_home_names_a_person_after_the_erasure(home: Path) -> None:
    key = plant(actors.actor())
    before = left(home)
    assert {word for _, word in before} == set(WORDS)
    assert (unlisted(home), unlisted_columns(home)) == (set(), set()), "say in copies.py what becomes of these"
    (home / "planted.txt").touch()
    assert unlisted(home) == {"planted.txt"}, "a file that is not listed is found"
    (home / "planted.txt").unlink()
    actions.erase(SYSTEM, key)
    assert actions.erase_copies() == {"erased": 1, "waiting": 0}
    row = Erasure.objects.get(customer=key)
    assert (row.known, row.problem) == (None, "")
    assert "\n".join(map(str, sorted(left(home)))) == ""
    assert verify_chain().ok
    assert house.archive_state().damaged == []
    house.warehouse().rebuild()
    house.close_warehouse()
    assert left(home) == set()


MOMENTS = ("channels_delivery", "the event archive", "the warehouse", "the store's unused pages")
KILLED = """
import os, signal, sys
from ceap.customers import actions
def beat(doing):
    if doing == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
print(actions.erase_copies(beat)["erased"])
"""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="steps are the same; another process needs the test's store")
def test_an_erasure_that_is_killed_in_the_middle_goes_on_where_it_was(home: Path) -> None:
    key = plant(actors.actor())
    actions.erase(SYSTEM, key)
    house.close_warehouse()
    url = f"sqlite:///{connection.settings_dict['NAME']}"
    environment = {**os.environ, "CEAP_STORE_URL": url}
    done: list[set[str]] = []
    for moment in (*MOMENTS[:: often(2, 1)], "never"):
        connection.close()
        child = script(environment, KILLED, moment)
        assert child.code == (0 if moment == "never" else -signal.SIGKILL), child.said
        done.append(set(Erasure.objects.get(customer=key).steps))
    assert all(early < later for early, later in pairwise(done))
    assert "\n".join(map(str, sorted(left(home)))) == ""
    assert verify_chain().ok
    assert house.archive_state().damaged == []
    assert actions.erase_copies() == {"erased": 0, "waiting": 0}


def test_a_restored_store_hears_of_the_erasure_again(home: Path) -> None:
    key = actions.create(SYSTEM, {"full_name": "Gone Person", "email": "gone@x.test"}).pk
    other = actions.create(SYSTEM, {"full_name": "Stays Here", "email": "stays@x.test"}).pk
    before = dict(Customer.objects.filter(pk=key).values().get())
    actions.erase(SYSTEM, key)
    Customer.objects.filter(pk=key).update(**{name: value for name, value in before.items() if name != "id"})
    Erasure.objects.all().delete()
    assert actions.after_restore(SYSTEM) == 1
    assert Customer.objects.get(pk=key).full_name == ""
    assert Customer.objects.get(pk=other).full_name == "Stays Here"
    assert actions.after_restore(SYSTEM) == 0


def test_requests_of_half_a_day_are_carried_out_together() -> None:
    key = actions.create(SYSTEM, {"full_name": "Gone Person"}).pk
    row = actions.erase(SYSTEM, key)
    assert row.due_at - row.requested_at == timedelta(hours=24)
    assert actions.start_erasing() is None
    Erasure.objects.update(requested_at=row.requested_at - timedelta(hours=12))
    job = actions.start_erasing()
    assert job.kind == "customers.erase_copies"
    assert actions.start_erasing(at_once=True) is None  # it is under way


def test_a_person_who_came_back_keeps_what_is_new() -> None:
    key = actions.create(SYSTEM, {"full_name": "Gone Person", "email": "gone@x.test"}).pk
    actions.erase(SYSTEM, key)
    actions.create(SYSTEM, {"full_name": "Gone Person", "email": "gone@x.test"})
    view = SavedView.objects.create(
        page="/customers", name="one", query={"q": "gone@x.test"}, created_by=actors.user(), created_at=now()
    )
    assert actions.erase_copies()["erased"] == 1
    view.refresh_from_db()
    assert view.query == {"q": "gone@x.test"}
    assert Customer.objects.get(email="gone@x.test").full_name == "Gone Person"
