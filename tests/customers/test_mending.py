"""Values that were stored before there was one reader of values are counted, and brought into their form."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from django.db import connection

from ceap.accounts.actions import change_organisation
from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import AuditEntry
from ceap.customers import actions, queries
from ceap.customers.models import Customer, Identity, SearchText
from ceap.events.models import Entry
from ceap.jobs.actions import run
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.web import doctor
from tests.programs import script

pytestmark = [pytest.mark.django_db, pytest.mark.req("B-1")]
SPLIT = "Zoe\u0308"  # e and a diaeresis of its own


def old(**values: Any) -> int:
    """A customer as an older version stored it, with its identities."""
    row = Customer.objects.create(created_at=now(), updated_at=now(), **values)
    for kind in ("customer_id", "email", "phone"):
        if value := getattr(row, kind):
            Identity.objects.create(customer=row, kind=kind, value=value, primary=True, created_at=now())
    return row.pk


def values(key: int) -> dict[str, Any]:
    row = Customer.objects.get(pk=key)
    return {"name": row.full_name, "phone": row.phone, "city": row.city, **row.custom}


def identities(key: int) -> set[tuple[str, str]]:
    return set(Identity.objects.filter(customer=key).values_list("kind", "value"))


def planted() -> dict[str, int]:
    change_organisation(SYSTEM, settings={"default_region": "DE"})
    actions.add_field(SYSTEM, "Motto", "text")
    actions.add_field(SYSTEM, "Score", "number")
    return {
        "right": old(full_name="Ann Lee", phone="+491719876540", custom={"motto": "one two", "score": 3}),
        "odd": old(
            full_name=f"{SPLIT}  Ray ", phone="0171 9876543", city="New  York",
            custom={"motto": f"a   {SPLIT}", "score": "4.50"},
        ),
        "twin": old(full_name="Twin", phone="0171 9876540"),
        "broken": old(full_name="Bo", phone="555-26"),
        "second": old(full_name="Cy"),
    }  # fmt: skip


def test_old_values_take_their_form_and_what_cannot_is_named() -> None:
    who = planted()
    Identity.objects.create(customer_id=who["second"], kind="phone", value="0171-9876544", created_at=now())
    before, entries = dict(Customer.objects.values_list("pk", "version")), Entry.objects.count()
    found = queries.unmended(60)
    assert (found.looked, found.of, found.odd) == (5, 5, 3)
    job = actions.start_mending()
    assert actions.start_mending() is None, "it is under way"
    run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.result["mended"], job.result["left"]) == (
        "done", {"city": 1, "full_name": 1, "motto": 1, "phone": 2, "score": 1}, 2,
    )  # fmt: skip
    assert {(one["customer"], one["field"]) for one in job.result["examples"]} == {
        (who["twin"], "phone"), (who["broken"], "phone"),
    }  # fmt: skip
    assert f"names customer {who['right']} too: merge the two" in [one["reason"] for one in job.result["examples"]]
    assert values(who["odd"]) == {
        "name": "Zoë Ray", "phone": "+491719876543", "city": "New York", "motto": "a Zoë", "score": 4.5,
    }  # fmt: skip
    assert identities(who["odd"]) == {("phone", "+491719876543")}
    assert SearchText.objects.get(customer=who["odd"]).text == "zoë ray +491719876543"
    assert identities(who["second"]) == {("phone", "+491719876544")}
    assert (values(who["twin"])["phone"], identities(who["twin"])) == ("0171 9876540", {("phone", "0171 9876540")})
    after = dict(Customer.objects.values_list("pk", "version"))
    assert {key for key in after if after[key] != before[key]} == {who["odd"]}
    told = [str(said) for said in Entry.objects.order_by("seq").values_list("payload", flat=True)[entries:]]
    assert [(str(who["odd"]) in said, str(who["second"]) in said) for said in told] == [(True, False), (False, True)]
    entry = AuditEntry.objects.get(verb="customers.mend_values")
    assert (entry.after or {})["left"] == 2
    again = actions.mend_values()
    assert (again["mended"], again["left"]) == ({}, 2), "what is in its form is not touched again"


def test_the_doctor_says_how_many_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        monkeypatch.setenv("CEAP_STORE_URL", f"sqlite:///{connection.settings_dict['NAME']}")
    [line] = doctor._values(Home.load())
    assert (line.state, line.found) == ("ok", "0 customers: in form")
    planted()
    [line] = doctor._values(Home.load())
    assert (line.state, line.found) == (
        "warn", "3 of 5 customers hold a value that is not in the form in which it is read",
    )  # fmt: skip
    assert line.remedy == "`ceap values mend` brings them into it and names what it cannot read."


KILLED = """
import os, signal, sys
from ceap.customers import actions
from ceap.customers.actions import mending
from ceap.customers.queries import mending as reads
reads.BATCH = 2
actions.mend_values(lambda done, total: os.kill(os.getpid(), signal.SIGKILL) if done >= int(sys.argv[1]) else None)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the work is the same; another process needs the test's store"
)
def test_killed_in_the_middle_it_is_run_again_and_ends() -> None:
    for n in range(6):
        old(full_name=f"Ann  {n}")
    environment = {**os.environ, "CEAP_STORE_URL": f"sqlite:///{connection.settings_dict['NAME']}"}
    connection.close()
    child = script(environment, KILLED, "4")
    assert child.code == -signal.SIGKILL, child.said
    assert queries.unmended(60).odd == 2
    assert actions.mend_values()["mended"] == {"full_name": 2}
    assert queries.unmended(60).odd == 0
    assert set(Customer.objects.values_list("version", flat=True)) == {2}, "each was written once"
