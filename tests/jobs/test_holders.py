"""Leases end with the process that holds them, and with nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django_tasks_db.models import DBTaskResult

from ceap.channels.models import Delivery, Lane
from ceap.connectors.contracts import CallState, Hook
from ceap.connectors.models import Call, Notice, Webhook
from ceap.jobs import actions, holders
from ceap.jobs.contracts import State
from ceap.jobs.models import Heartbeat, Job
from ceap.jobs.rules import SILENT, Pulse
from ceap.kit import clock, leases
from ceap.kit.home import Home
from ceap.segments.actions import lease as segments
from ceap.segments.models import Lease
from tests.channels import people

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOLD = "import sys; from ceap.kit import leases; print(leases.token(), flush=True); sys.stdin.read()"
transaction = pytest.mark.django_db(transaction=True)


@contextmanager
def another_process(home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A process that holds leases, and one of its tokens."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], env={"CEAP_HOME": str(home), "PYTHONPATH": ":".join(sys.path)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(actions.HANDLERS, "test.work", lambda progress, **args: None)


def held_everywhere(token: str) -> None:
    """A delivery being handed over, one claimed, a job, a call of a webhook and the lease of memberships."""
    at, until = clock.now(), clock.now() + timedelta(seconds=59)
    sender = people.sender()
    people.plan(people.customers(2), sender)
    Lane.objects.create(sender_id=sender.pk, filled_at=at, failures=1, probe_until=until)
    first, second = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state="sending", lease_token=token, lease_until=until)
    Delivery.objects.filter(pk=second.pk).update(state="claimed", lease_token=token, lease_until=until)
    job = actions.enqueue("test.work")
    DBTaskResult.objects.all().delete()
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, lease_token=token, lease_until=until, attempts=1)
    hook = Webhook.objects.create(
        url="https://x.test", events=[], secret=b"", state=Hook.ON, created_at=at, updated_at=at
    )
    notice = Notice.objects.create(event="test", data={}, at=at)
    Call.objects.create(
        webhook=hook, notice=notice, state=CallState.WAITING, due_at=at, created_at=at, lease_token=token,
        lease_until=until,
    )  # fmt: skip
    Lease.objects.update_or_create(pk=segments.NAME, defaults={"token": token, "owner": "build", "until": until})


def found() -> dict[str, Any]:
    from ceap.connectors import calls

    return {
        "deliveries": list(Delivery.objects.order_by("pk").values_list("state", "reason")),
        "probe": Lane.objects.get().probe_until is not None,
        "job": str(Job.objects.get().state), "tasks": DBTaskResult.objects.count(),
        "calls due": calls.due().count(), "memberships": segments.owner(),
    }  # fmt: skip


HELD = {
    "deliveries": [("sending", ""), ("claimed", "")], "probe": True, "job": "running", "tasks": 0, "calls due": 0,
    "memberships": "build",
}  # fmt: skip
TAKEN_OVER = {
    "deliveries": [("unknown", "crash"), ("planned", "")], "probe": False, "job": "queued", "tasks": 1, "calls due": 1,
    "memberships": "",
}  # fmt: skip


@transaction
@pytest.mark.usefixtures("work")
def test_the_leases_of_a_killed_process_end_at_the_next_look_and_those_of_a_living_one_do_not(home: Path) -> None:
    watch = holders.Watch()
    with clock.frozen(NOON), another_process(home) as (token, process):
        held_everywhere(token)
        assert watch.look() == 0
        assert found() == HELD, "taken from a process that lives"
        process.kill()
        process.wait()
        assert watch.look() == 5
        assert found() == TAKEN_OVER
        assert watch.look() == 0


@transaction
@pytest.mark.usefixtures("work")
def test_planted_a_look_that_does_not_ask_the_lock_is_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_lives", lambda file: False)
    with pytest.raises(AssertionError):
        test_the_leases_of_a_killed_process_end_at_the_next_look_and_those_of_a_living_one_do_not(home)


@transaction
@pytest.mark.usefixtures("work")
def test_one_s_own_leases_are_never_ended_and_the_look_keeps_the_lock(home: Path) -> None:
    with clock.frozen(NOON):
        held_everywhere(leases.token())
        assert holders.Watch().look() == 0
        assert found() == HELD
    ask = "from ceap.kit import leases; from ceap.kit.home import Home; print(leases.holders(Home.load()))"
    done = subprocess.run(
        [sys.executable, "-c", ask], env={"CEAP_HOME": str(home), "PYTHONPATH": ":".join(sys.path)}, text=True,
        capture_output=True,
    )  # fmt: skip
    assert f"'{leases.holder()}': True" in done.stdout


@transaction
@pytest.mark.usefixtures("work")
def test_a_task_whose_runner_died_before_it_took_the_job_is_started_anew(home: Path) -> None:
    with another_process(home) as (token, process):
        job = actions.enqueue("test.work")
        DBTaskResult.objects.update(status="RUNNING", worker_ids=[token])
        process.kill()
        process.wait()
        assert holders.Watch().look() == 1
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED", "READY"]
    actions.run(str(job.pk))
    assert Job.objects.get().state == State.DONE


def test_a_copied_home_says_nothing_of_the_processes_of_the_first(home: Path, tmp_path: Path) -> None:
    with another_process(home) as (token, process):
        shutil.copytree(home / "run", tmp_path / "run")
        id = token[: leases.ID]
        assert leases.holders(Home(home))[id] is True
        assert id not in leases.holders(Home(tmp_path))
        process.kill()
        process.wait()
        assert leases.holders(Home(home))[id] is False
        leases.forget(Home(home), id)
        assert id not in leases.holders(Home(home))


def test_a_heartbeat_is_missed_by_the_clock_of_who_listens() -> None:
    pulse, at = Pulse(), 1000.0
    for second in range(0, 100, 3):
        assert pulse.feel({"alive": second, "dead": 7}, at + second) == ({"dead"} if second >= SILENT else set())
    assert pulse.feel({"alive": 100, "dead": 7}, at + 200) == set(), "who slept itself begins to count anew"
    assert pulse.feel({"alive": 101, "dead": 8}, at + 203) == set()


@transaction
@pytest.mark.usefixtures("work")
def test_on_another_machine_a_process_is_dead_when_its_heartbeat_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("a SQLite store is one machine's")
    at = [1000.0]
    monkeypatch.setattr(holders.time, "monotonic", lambda: at[0])  # type: ignore[attr-defined]
    token = "feedfeedfeed" + "0" * 20
    Heartbeat.objects.create(id=token[: leases.ID], machine="other", beats=3, at=NOON)
    watch = holders.Watch()
    with clock.frozen(NOON):
        held_everywhere(token)
        for _ in range(3):  # it beats: nothing is taken, however long
            for _ in range(5):
                assert watch.look() == 0
                at[0] += 2.9
            Heartbeat.objects.update(beats=Heartbeat.objects.get().beats + 1)
        for _ in range(6):
            assert watch.look() == 0
            at[0] += 2.9
        assert found() == HELD
        assert watch.look() == 5
        assert found() == TAKEN_OVER


def test_every_table_with_leases_is_known() -> None:
    there = {
        model._meta.db_table for model in apps.get_models()
        if {"lease_until", "until"} & {field.name for field in model._meta.get_fields()}
    }  # fmt: skip
    assert there == set(leases.TABLES)
