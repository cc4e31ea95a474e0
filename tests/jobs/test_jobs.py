"""Coarse jobs come to an end, whoever dies on the way."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry
from ceap.jobs import actions, runner
from ceap.jobs.contracts import State
from ceap.jobs.models import Job
from ceap.kit.clock import advance, frozen
from ceap.kit.problem import NotFound
from tests import actors

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def handler(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []

    def work(progress: actions.Progress, number: int) -> dict[str, Any]:
        calls.append(number)
        progress.step(1, 2, "half")
        return {"number": number}

    monkeypatch.setitem(actions.HANDLERS, "test.work", work)
    return calls


@pytest.mark.django_db(transaction=True)
def test_the_runner_carries_out_what_is_queued() -> None:
    job = actions.enqueue("test.work", number=5)
    stop = threading.Event()
    threads = runner.start(2, stop)
    until = time.monotonic() + 20
    while Job.objects.get(pk=job.pk).state != State.DONE and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join(10)
    assert Job.objects.get(pk=job.pk).result == {"number": 5}


@pytest.mark.django_db
def test_a_job_runs_once_however_often_it_is_started(handler: list[int]) -> None:
    job = actions.enqueue("test.work", number=5)
    actions.run(str(job.pk))
    actions.run(str(job.pk))
    assert handler == [5]


@pytest.mark.django_db
def test_a_job_whose_runner_died_is_queued_again_and_given_up_in_the_end() -> None:
    with frozen(NOON):
        job = actions.enqueue("test.work", number=5)
        rescued = []
        for attempt in range(1, actions.MAX_ATTEMPTS + 1):
            DBTaskResult.objects.all().delete()
            Job.objects.update(state=State.RUNNING, attempts=attempt, lease_until=NOON - timedelta(seconds=1))
            rescued.append(actions.rescue())
    assert rescued == [1] * (actions.MAX_ATTEMPTS - 1) + [0]
    assert Job.objects.get(pk=job.pk).state == State.FAILED


@pytest.mark.django_db
def test_a_job_whose_task_was_lost_is_queued_again() -> None:
    with frozen(NOON):
        job = actions.enqueue("test.work", number=5)
        DBTaskResult.objects.all().delete()  # its runner took the task, and died
        assert actions.rescue() == 0
        advance(actions.LEASE + timedelta(seconds=1))
        assert actions.rescue() == 1
        assert DBTaskResult.objects.count() == 1
        assert actions.rescue() == 0  # it waits in the queue now
        actions.run(str(job.pk))
    assert Job.objects.get(pk=job.pk).state == State.DONE


@pytest.mark.django_db
def test_a_job_is_cancelled_by_whom_it_belongs_to_and_the_trail_says_by_whom() -> None:
    ada, bob = (actors.actor(name, health_view=Level.DISABLED) for name in ("Ada", "Bob"))
    job = actions.enqueue("test.work", ada, number=5)
    with pytest.raises(NotFound):
        actions.cancel(job.pk, bob)
    assert actions.cancel(job.pk, ada).state == State.CANCELLED
    trail = AuditEntry.objects.filter(object_kind="job")
    assert [(one.verb, one.actor_name) for one in trail] == [("jobs.cancel", "Ada")]
