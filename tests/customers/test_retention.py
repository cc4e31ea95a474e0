"""What is past its age goes, once a day; what is under a legal hold stays, whoever asks."""

from __future__ import annotations

import io
import json
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from django.db import connection, transaction
from typer.testing import CliRunner

from ceap.accounts.actions import change_organisation
from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import AuditEntry
from ceap.accounts.rules import RETENTION, SETTINGS
from ceap.channels.models import Delivery
from ceap.connectors.models import Finding, Import
from ceap.core import changelog, retention
from ceap.customers import actions, queries
from ceap.customers.actions.erase import remember
from ceap.customers.models import Customer, Erasure, Hold, RetentionRun
from ceap.events import actions as events
from ceap.events import queries as house
from ceap.events.models import ArchiveFile, Entry
from ceap.jobs.models import Job
from ceap.kit import clock
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.kit.problem import Conflict, Forbidden, Invalid
from ceap.reports.models import Report
from ceap.segments import actions as segments
from ceap.segments.models import IdList
from ceap.segments.queries.lists import list_file
from ceap.web import cli
from ceap.web.cli import app
from tests.actors import actor
from tests.channels import people
from tests.counts import often
from tests.programs import script

pytestmark = [pytest.mark.django_db, pytest.mark.req("B-14")]
DAY = timedelta(days=1)


def keep(**days: object) -> None:
    change_organisation(SYSTEM, settings=days)


def run() -> dict[str, Any]:
    return actions.retain(RetentionRun.objects.create(created_at=now(), by="Ada").pk)


def delivery(customer: int, age: timedelta, state: str = "sent") -> Delivery:
    ended = now() - age if state == "sent" else None
    return Delivery.objects.create(
        source_kind="campaign", source_id=uuid7(), customer_id=customer, sender_id=uuid7(), content_version_id=uuid7(),
        address="c@x.test", state=state, detail="250 OK", due_at=now(), planned_at=now(), finished_at=ended,
        token=uuid7().hex,
    )  # fmt: skip


def imported(media: Path, name: str, state: str, age: timedelta) -> Import:
    file = media / "imports" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("id\n1\n")
    row = Import.objects.create(
        target="customers", file_name=name, file=f"imports/{name}", sha256="0" * 64, size=5, state=state,
        created_at=now() - age, finished_at=None if state == "draft" else now() - age,
    )  # fmt: skip
    Finding.objects.create(of=row, row=2, value="ada@x.test", reason="no")
    return row


def exported(media: Path, name: str, age: timedelta) -> Path:
    file = media / "exports" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x")
    at = (now() - age).timestamp()
    os.utime(file, (at, at))
    return file


def test_each_kind_goes_at_its_age_and_nothing_younger(home: Path) -> None:
    [ada, held] = people.customers(2)
    Hold.objects.create(customer_id=held, reason="Case 7", by="Bo", at=now())
    keep(delivery_days=10, import_file_days=20, draft_days=3, export_days=5, report_days=30, job_days=40)
    old, young, kept = delivery(ada, 11 * DAY), delivery(ada, 9 * DAY), delivery(held, 11 * DAY)
    waiting = delivery(ada, 11 * DAY, state="planned")
    media = home / "media"
    brought = [("done", 21), ("failed", 21), ("done", 19), ("draft", 4), ("draft", 2)]
    files = [imported(media, f"{n}.csv", state, days * DAY) for n, (state, days) in enumerate(brought)]
    gone, there = exported(media, "old.csv", 6 * DAY), exported(media, "new.csv", 4 * DAY)
    (home / "reports").mkdir(exist_ok=True)
    for days, state in ((31, "done"), (31, "queued"), (29, "done")):
        (home / "reports" / f"{days}{state}.pdf").write_text("x")
        Report.objects.create(
            subject_kind="segment", subject_id=uuid7(), name=f"{days} {state}", format="pdf", state=state,
            file=f"{days}{state}.pdf", made_by_kind="user", made_by_id="1", created_at=now() - days * DAY,
        )  # fmt: skip
    for days, state in ((41, "done"), (39, "done"), (41, "running")):
        Job.objects.create(kind="test", state=state, created_at=now() - days * DAY, finished_at=now() - days * DAY)
    expected = {
        "event_days": 0, "delivery_days": 1, "import_file_days": 2, "draft_days": 1, "export_days": 1, "report_days": 1,
        "job_days": 1, "sign_in_days": 0,
    }  # fmt: skip
    assert actions.would_go(SYSTEM) == expected
    before = AuditEntry.objects.count()
    result = run()
    assert (result["held"], result["problem"]) == (1, "")
    assert {key: count for key, count in result["removed"].items() if count} == {k: n for k, n in expected.items() if n}
    addresses = [(row.pk, row.address) for row in Delivery.objects.order_by("pk")]
    assert addresses == [(old.pk, ""), (young.pk, "c@x.test"), (kept.pk, "c@x.test"), (waiting.pk, "c@x.test")]
    assert [row.file for row in Import.objects.order_by("created_at", "file_name")] == [
        "", "", "imports/2.csv", "imports/4.csv",
    ]  # fmt: skip
    assert {file.name for file in (media / "imports").glob("*.csv")} == {"2.csv", "4.csv"}
    assert set(Finding.objects.filter(of__in=files[:2]).values_list("value", flat=True)) == {""}
    assert Finding.objects.get(of=files[2]).value == "ada@x.test"
    assert (gone.exists(), there.exists()) == (False, True)
    assert set(Report.objects.values_list("name", flat=True)) == {"31 queued", "29 done"}
    assert not (home / "reports" / "31done.pdf").exists()
    assert Job.objects.count() == 2
    entry = AuditEntry.objects.order_by("-seq").first()
    assert entry
    assert (AuditEntry.objects.count(), entry.verb, (entry.after or {})["held"]) == (
        before + 1,
        "customers.retention",
        1,
    )
    assert sum(actions.would_go(SYSTEM).values()) == 0


def test_every_kind_has_its_setting_and_every_setting_its_kind() -> None:
    queries.discover()
    known = {key for key, one in SETTINGS.items() if one.group == RETENTION}
    assert set(retention.KEPT) == known - {"legal_hold"}
    assert all(SETTINGS[key].low == 0 for key in retention.KEPT), "0 keeps for ever"


def happened(customer: int, age: timedelta) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        changelog.append(cursor, [changelog.event("visit", customer, at=now() - age)], connection.vendor)
        events.write_batch(
            "events", pa.table({"name": ["seen"], "at": [now() - age], "customer": [customer], "key": [uuid7().hex]})
        )
    Entry.objects.filter(name="visit", customer=customer).update(at=now() - age)


def counted() -> dict[int, int]:
    warehouse = house.warehouse()
    table = warehouse.table("events")
    found = warehouse.run(table.group_by("customer").aggregate(n=table.count()))
    return {row["customer"]: row["n"] for row in found.to_pylist()}


@pytest.mark.django_db(transaction=True)
def test_old_events_leave_the_log_the_archive_and_the_warehouse_those_of_held_customers_stay() -> None:
    [old, young, held] = people.customers(3)
    for customer, days in ((old, 500), (young, 200), (held, 500)):
        happened(customer, days * DAY)
    house.warehouse().sync()
    assert counted() == {old: 2, young: 2, held: 2}
    actions.hold(actor(), held, "Case 7")
    keep(event_days=365)
    assert actions.would_go(SYSTEM)["event_days"] == 2
    assert run() == {
        "removed": {"event_days": 2, "sign_in_days": 0, "job_days": 0}, "spared": {}, "held": 1, "problem": "",
    }  # fmt: skip
    assert counted() == {young: 2, held: 2}
    assert list(Entry.objects.filter(name="visit").order_by("customer").values_list("customer", flat=True)) == [
        young, held,
    ]  # fmt: skip
    assert sorted(ArchiveFile.objects.values_list("rows", flat=True)) == [0, 1, 1]
    assert house.archive_state().damaged == []
    house.warehouse().rebuild()
    assert counted() == {young: 2, held: 2}
    assert actions.would_go(SYSTEM)["event_days"] == 0
    keep(event_days=0)
    assert actions.would_go(SYSTEM)["event_days"] == 0


def test_it_runs_once_a_day_and_makes_up_for_a_night_when_nothing_ran() -> None:
    keep()
    with clock.frozen(datetime(2026, 3, 5, 2, 59, tzinfo=UTC)):
        assert actions.retention_if_due() is None, "a new home has missed nothing"
        Customer.objects.create(created_at=datetime(2026, 3, 1, tzinfo=UTC), updated_at=now())
        first = actions.retention_if_due()
        assert first
        assert str(first.local_date) == "2026-03-04", "of the night before"
        assert actions.retention_if_due() is None
        clock.advance(timedelta(minutes=1))
        second = actions.retention_if_due()
        assert second
        assert (str(second.local_date), second.due_at) == ("2026-03-05", datetime(2026, 3, 5, 3, tzinfo=UTC))
        clock.advance(timedelta(days=10))
        assert str(getattr(actions.retention_if_due(), "local_date", "")) == "2026-03-15"
        assert actions.retention_if_due() is None
    assert Job.objects.filter(kind="customers.retention").count() == 3


KILLED = """
import os, signal, sys
from pathlib import Path
from ceap.customers import actions
run, moment, nth = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = []
def beat(doing):
    seen.append(doing)
    if seen.count(moment) == nth:
        os.kill(os.getpid(), signal.SIGKILL)
unlink = Path.unlink
def unlinked(path, missing_ok=False):
    unlink(path, missing_ok)
    if path.parent.name == "exports":
        beat("a file has gone")
Path.unlink = unlinked
actions.retain(run, beat)
"""
MOMENTS = [
    ("a file has gone", 2), ("Exported files", 2), ("Events and purchases", 1), ("the event archive", 1),
    ("the warehouse", 1), ("Addresses of sent messages", 1),
]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the work is the same; another process needs the test's store"
)
def test_killed_at_any_moment_it_goes_on_and_takes_what_was_left(home: Path) -> None:
    queries.discover()
    keep(event_days=365, export_days=5, delivery_days=10)
    [customer] = people.customers(1)
    happened(customer, 500 * DAY)
    house.warehouse().sync()
    house.close_warehouse()
    for n in range(5):
        exported(home / "media", f"{n}.csv", (6 if n < 4 else 1) * DAY)
    delivery(customer, 11 * DAY)
    row = RetentionRun.objects.create(created_at=now(), by="Ada")
    environment = {**os.environ, "CEAP_STORE_URL": f"sqlite:///{connection.settings_dict['NAME']}"}
    ended = []
    moments = [*MOMENTS[:: often(4, 1)], ("never", 1)]
    for moment, nth in moments:
        connection.close()
        child = script(environment, KILLED, str(row.pk), moment, str(nth))
        assert child.code == (0 if moment == "never" else -signal.SIGKILL), (moment, child.said)
        ended.append(RetentionRun.objects.get().finished_at is not None)
    assert ended == [False] * (len(moments) - 1) + [True]
    row.refresh_from_db()
    assert (row.problem, set(row.done)) == ("", set(retention.KEPT))
    assert (row.removed["delivery_days"], row.removed["export_days"]) == (1, 3), "one file went with its count"
    assert [file.name for file in sorted((home / "media" / "exports").glob("*"))] == ["4.csv"]
    assert Delivery.objects.get().address == ""
    assert not Entry.objects.filter(kind="event", at__lt=now() - 365 * DAY).exists()
    assert (counted(), house.archive_state().damaged) == ({}, [])
    assert AuditEntry.objects.filter(verb="customers.retention").count() == 1
    assert actions.retain(row.pk)["removed"] == row.removed, "a run that has ended does nothing more"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into SQLite's file")
def test_what_goes_by_age_is_overwritten_in_the_file_of_the_store() -> None:
    keep(job_days=40, delivery_days=10)
    Job.objects.create(
        kind="test", state="done", message="violet elephants " * 200, created_at=now() - 50 * DAY,
        finished_at=now() - 50 * DAY,
    )  # fmt: skip
    row = delivery(people.customers(1)[0], 11 * DAY)
    Delivery.objects.filter(pk=row.pk).update(address="quintilia@zeven.test")

    def kept() -> set[bytes]:
        store = Path(connection.settings_dict["NAME"])
        content = b"".join(file.read_bytes() for file in store.parent.glob(f"{store.name}*"))
        return {word for word in (b"violet elephants", b"quintilia@zeven") if word in content}

    assert len(kept()) == 2
    assert {key: count for key, count in run()["removed"].items() if count} == {"job_days": 1, "delivery_days": 1}
    assert kept() == set()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (0,), "nobody else pays for it"


def test_files_that_name_a_held_customer_stay_until_the_hold_is_lifted(home: Path) -> None:
    keep(import_file_days=20, draft_days=3, export_days=5, report_days=30)
    me = actor()
    held = actions.create(
        SYSTEM, {"full_name": "Ada Held", "email": "ada@held.test", "phone": "+491719876543", "customer_id": "k-1"}
    ).pk
    actions.hold(me, held, "Case 7")
    media = home / "media"
    imports = [
        imported(media, f"{n}.csv", state, 30 * DAY) for n, state in enumerate(["done", "done", "draft", "done"])
    ]
    says = ["name,mail\nAda,ADA@held.test\n", "name\nBo\n", "tel\n0171 9876543\n", "no\nk-1\n"]
    for row, text in zip(imports, says, strict=True):
        (media / "imports" / f"{row.file_name}").write_text(text)
    Import.objects.filter(pk__in=[row.pk for row in imports]).update(form={"region": "DE"})
    Import.objects.filter(pk=imports[3].pk).update(mapping={"no": "customer_id"})
    for name, text in (("with.csv", f"Key,Name\n{held},\n"), ("without.csv", "Key,Name\n0,Bo\n")):
        file = exported(media, name, 6 * DAY)
        at = file.stat().st_mtime
        file.write_text(text)
        os.utime(file, (at, at))
    (home / "reports").mkdir(exist_ok=True)
    for name, mail in (("with", "ada@held.test"), ("without", "bo@other.test")):
        (home / "reports" / f"{name}.xlsx").write_bytes(sheet(mail))
        Report.objects.create(
            subject_kind="segment", subject_id=uuid7(), name=name, format="xlsx", state="done", file=f"{name}.xlsx",
            made_by_kind="user", made_by_id="1", created_at=now() - 40 * DAY,
        )  # fmt: skip
    taken = {"import_file_days": 1, "export_days": 1, "report_days": 1}
    assert {key: count for key, count in actions.would_go(SYSTEM).items() if count} == taken
    result = run()
    assert {key: count for key, count in result["removed"].items() if count} == taken
    assert result["spared"] == {"import_file_days": 2, "draft_days": 1, "export_days": 1, "report_days": 1}
    assert [(media / "imports" / row.file_name).exists() for row in imports] == [True, False, True, True]
    assert set(Finding.objects.filter(of=imports[0]).values_list("value", flat=True)) == {"ada@x.test"}
    assert [file.name for file in (media / "exports").glob("with*")] == ["with.csv"]
    assert [file.name for file in (home / "reports").glob("with*.xlsx")] == ["with.xlsx"]
    actions.lift(me, held)
    result = run()
    gone = {"import_file_days": 2, "draft_days": 1, "export_days": 1, "report_days": 1}
    assert ({key: count for key, count in result["removed"].items() if count}, result["spared"]) == (gone, {})


def sheet(mail: str) -> bytes:
    """A workbook that lists one member."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write_row(0, 0, ["Name", mail])
    book.close()
    return out.getvalue()


def test_uploaded_lists_that_name_a_held_customer_outlive_the_week() -> None:
    me = actor()
    held = actions.create(SYSTEM, {"full_name": "Ada Held", "email": "ada@held.test"}).pk
    actions.create(SYSTEM, {"full_name": "Bo Free", "email": "bo@free.test"})
    actions.hold(me, held, "Case 7")
    for name in ("ada@held.test", "bo@free.test"):
        segments.upload_list(me, f"{name}.csv", [f"email\n{name}\n".encode()])
    lists = IdList.objects.order_by("created_at")
    [first, second] = lists
    for row in lists:
        at = (now() - 8 * DAY).timestamp()
        os.utime(list_file(row.pk), (at, at))
    IdList.objects.update(created_at=now() - 8 * DAY)
    segments.sweep_lists()
    assert list(IdList.objects.values_list("pk", flat=True)) == [first.pk]
    assert (list_file(first.pk).exists(), list_file(second.pk).exists()) == (True, False)
    actions.lift(me, held)
    segments.sweep_lists()
    assert (IdList.objects.exists(), list_file(first.pk).exists()) == (False, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the commands are the same on every store")
def test_the_command_line_previews_runs_and_tells(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEAP_HOME", str(home))  # put back after the test: the command sets it
    monkeypatch.setenv("CEAP_STORE_URL", f"sqlite:///{connection.settings_dict['NAME']}")
    cli.load_commands()
    for file in (home / "media" / "exports").glob("*"):
        file.unlink()  # of other tests

    def ceap(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["retention", *words, "--home", str(home)], catch_exceptions=False)
        assert done.exit_code == code
        return done.stdout

    held = actions.create(SYSTEM, {"full_name": "Ada Held", "email": "ada@held.test"}).pk
    actions.hold(actor(), held, "Case 7")
    for name, text in (("a.csv", "mail\nada@held.test\n"), ("b.csv", "mail\n"), ("c.csv", "mail\n")):
        at = exported(home / "media", name, 31 * DAY).stat().st_mtime
        (home / "media" / "exports" / name).write_text(text)
        os.utime(home / "media" / "exports" / name, (at, at))
    assert ceap("status") == "No run yet.\n"
    assert json.loads(ceap("preview", "--json"))["export_days"] == 2
    assert "export_days: 2\n" in ceap("preview")
    assert RetentionRun.objects.count() == 0
    said = ceap("run")
    assert said == "export_days: 2\nexport_days: 1 kept, they name a customer under a legal hold\n"
    assert [file.name for file in (home / "media" / "exports").glob("*")] == ["a.csv"]
    [told] = json.loads(ceap("status", "--json"))
    assert (told["removed"]["export_days"], told["spared"], told["held"], told["problem"]) == (
        2, {"export_days": 1}, 1, "",
    )  # fmt: skip
    assert json.loads(ceap("run", "--json"))["spared"] == {"export_days": 1}
    keep(legal_hold=True)
    assert "in force for everybody" in ceap("run", code=1)


def test_nobody_under_a_legal_hold_is_erased_until_it_is_lifted() -> None:
    me, [ada, twin] = actor(), people.customers(2)
    for reason in ("", "x" * 251):
        with pytest.raises(Invalid):
            actions.hold(me, ada, reason)
    actions.merge(me, ada, twin)
    actions.hold(me, ada, " Case  7 ")
    before = Customer.objects.values().get(pk=ada)
    with pytest.raises(Conflict, match=r"under a legal hold since .*\(Case 7\)"):
        actions.erase(me, ada)
    assert (Customer.objects.values().get(pk=ada), Erasure.objects.count()) == (before, 0)
    with pytest.raises(Forbidden):
        actions.lift(actor("Bo", customers_erase=Level.DISABLED), ada)
    actions.lift(me, ada)
    actions.erase(me, ada)
    assert list(AuditEntry.objects.filter(verb__contains="hold").values_list("verb", flat=True)) == [
        "customers.hold", "customers.lift_hold",
    ]  # fmt: skip


def test_a_hold_is_shared_by_customers_who_were_merged() -> None:
    me, [ada, twin, other] = actor(), people.customers(3)
    actions.hold(me, twin, "Case 7")
    actions.merge(me, ada, twin)
    old = [delivery(customer, 800 * DAY) for customer in (ada, twin, other)]
    with pytest.raises(Conflict):
        actions.erase(me, ada)
    run()
    assert [Delivery.objects.get(pk=one.pk).address for one in old] == ["c@x.test", "c@x.test", ""]
    actions.lift(me, ada)
    assert not Hold.objects.exists()


def test_a_hold_on_everything_stops_ageing_erasing_and_the_rest_of_an_erasure() -> None:
    me, [ada, bo] = actor(), people.customers(2)
    actions.erase(me, bo)
    delivery(ada, 800 * DAY)
    keep(legal_hold=True)
    with pytest.raises(Conflict, match="in force for everybody"):
        actions.erase(me, ada)
    assert actions.erase_copies() == {"erased": 0, "waiting": 1}
    assert "in force for everybody" in Erasure.objects.get().problem
    assert set(actions.would_go(SYSTEM).values()) == {0}
    result = run()
    assert result["removed"] == {}
    assert "in force for everybody" in result["problem"]
    assert Delivery.objects.get().address == "c@x.test"
    keep(legal_hold=False)
    assert run()["removed"]["delivery_days"] == 1


def test_a_kind_that_fails_is_said_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(order: retention.Order) -> Any:
        raise OSError("no such disk")

    queries.discover()
    files = retention.Kept("export_days", "Exported files", count=lambda order: 0, remove=broken)
    monkeypatch.setitem(retention.KEPT, "export_days", files)
    delivery(people.customers(1)[0], 800 * DAY)
    result = run()
    assert (result["problem"], result["removed"]["delivery_days"]) == ("Exported files: OSError.", 1)


def test_a_restored_store_erases_again_whom_it_holds() -> None:
    me, [ada] = actor(), people.customers(1)
    row = Customer.objects.values().get(pk=ada)
    actions.hold(me, ada, "Case 7")
    actions.lift(me, ada)
    actions.erase(me, ada)
    remember(ada, {str(ada): row["created_at"].isoformat()}, now())
    Customer.objects.filter(pk=ada).update(**{k: v for k, v in row.items() if k != "id"})
    Erasure.objects.all().delete()
    Hold.objects.create(customer_id=ada, reason="Case 7", by="Bo", at=now())
    assert actions.after_restore(SYSTEM) == 1
    assert Customer.objects.get(pk=ada).erased_at
