"""Recalculations that are cancelled or superseded stop at once, also in the middle of a scan; heartbeats (S-11)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import ibis
import pytest
from django.db import connection

from ceap.accounts.contracts import SYSTEM
from ceap.events import queries as events
from ceap.events.contracts import Interrupted
from ceap.jobs import actions as jobs
from ceap.jobs.contracts import Cancelled, State
from ceap.jobs.models import Job
from ceap.kit.problem import Conflict
from ceap.segments import actions, composed, queries
from ceap.segments.actions import lease, membership
from ceap.segments.contracts import Build, SegmentStatus
from ceap.segments.models import Lease, MembershipVersion, Segment
from tests.segments.people import WHATSAPP, customers, on, rule

pytestmark = [pytest.mark.req("S-11"), pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
WEB = rule(on("source", "is", "Web"))


def endless() -> ibis.Table:
    """A question that no machine answers in a lifetime."""
    numbers = ibis.range(0, 1_000_000).unnest().name("n").as_table()
    other, third = numbers.rename(m="n"), numbers.rename(o="n")
    return numbers.cross_join(other).cross_join(third).aggregate(n=(ibis._.n * ibis._.m % (ibis._.o + 7)).sum())


class Stuck:
    """Scans of segments that never end, while `on` is set; `begun` when one runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.on, self.begun = threading.Event(), threading.Event()
        self.on.set()
        real = composed.composed

        def stuck(*of: Any, everybody: bool) -> composed.Composed:
            found = real(*of, everybody=everybody)
            if not self.on.is_set():
                return found
            self.begun.set()
            return replace(found, flags=endless())

        monkeypatch.setattr(composed, "composed", stuck)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Stuck:
    return Stuck(monkeypatch)


@contextmanager
def meanwhile(work: Callable[[], Any]) -> Iterator[list[Any]]:
    """Do `work` in another thread, to its end; what it returned, or raised, is in the list afterwards."""
    answer: list[Any] = []

    def do() -> None:
        try:
            answer.append(work())
        except Exception as error:
            answer.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    try:
        yield answer
    finally:
        thread.join()


def states(one: Segment) -> list[str]:
    return list(one.versions.order_by("number").values_list("state", flat=True))


def built() -> Segment:
    """A segment whose first version serves and whose second waits."""
    customers({"source": "WhatsApp"}, {"source": "Web"})
    one = actions.create(SYSTEM, name="A", rule=WHATSAPP)
    actions.build_pending()
    actions.recalculate(SYSTEM, one.pk)
    return one


def test_a_question_that_nobody_wants_answered_any_more_is_stopped() -> None:
    asked: list[None] = []

    def unwanted() -> bool:
        asked.append(None)
        return len(asked) > 1

    with pytest.raises(Interrupted):
        events.warehouse().run(endless(), unwanted)
    assert len(asked) > 1
    assert events.warehouse().count("customers") == 0  # the same thread goes on asking


def test_an_edit_interrupts_the_scan_it_makes_useless_and_the_new_rule_is_built_at_once(stuck: Stuck) -> None:
    stuck.on.clear()
    one = built()
    stuck.on.set()
    with meanwhile(actions.build_pending) as answer:
        assert stuck.begun.wait(60)
        stuck.on.clear()
        actions.edit(SYSTEM, one.pk, name="A", description="", rule=WEB)
    assert answer == [{"ready": 1, "failed": 0, "dropped": 1}]
    assert states(one)[-2:] == [Build.SUPERSEDED, Build.READY]
    assert queries.require_ready(one).rule == Segment.objects.get().rule


def test_a_cancelled_recalculation_stops_and_stays_so_while_the_version_before_serves(stuck: Stuck) -> None:
    stuck.on.clear()
    one = built()
    stuck.on.set()
    before = queries.current(one)
    with meanwhile(actions.build_pending) as answer:
        assert stuck.begun.wait(60)
        actions.cancel(SYSTEM, one.pk)
    assert answer == [{"ready": 0, "failed": 0, "dropped": 1}]
    assert states(one) == [Build.READY, Build.CANCELLED]
    assert queries.current(one) == before
    newest = queries.latest(one)
    assert newest
    assert queries.status(newest.state, newest.data_as_of) is SegmentStatus.CANCELLED
    with pytest.raises(Conflict, match="was cancelled; recalculate it first"):
        queries.require_ready(one)
    assert actions.rescue() == 0  # nobody picks it up again
    assert actions.build_pending() == {"ready": 0, "failed": 0, "dropped": 0}
    with pytest.raises(Conflict, match="is not being recalculated"):
        actions.cancel(SYSTEM, one.pk)
    stuck.on.clear()
    actions.recalculate(SYSTEM, one.pk)
    assert actions.build_pending()["ready"] == 1
    assert queries.require_ready(one).number == 3


def test_cancelling_the_job_stops_its_scan_and_cancels_what_it_was_about(stuck: Stuck) -> None:
    stuck.on.clear()
    one, other = built(), actions.create(SYSTEM, name="B", rule=WEB)
    Job.objects.all().delete()
    job = jobs.enqueue(membership.KIND, SYSTEM, subject="segments")
    stuck.on.set()
    with meanwhile(lambda: jobs.run(str(job.pk))):
        assert stuck.begun.wait(60)
        jobs.cancel(job.pk, SYSTEM)
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert (states(one), states(other)) == ([Build.READY, Build.CANCELLED], [Build.CANCELLED])
    assert actions.rescue() == 0


def test_a_build_whose_job_went_to_another_runner_gives_back_what_it_held() -> None:
    one = actions.create(SYSTEM, name="A", rule=WHATSAPP)

    def lost(*_: Any) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        actions.build_pending(one.pk, lost)
    assert MembershipVersion.objects.filter(state=Build.CANCELLED).count() == 0
    assert actions.rescue() == 1


def test_while_a_long_scan_runs_its_leases_are_kept(stuck: Stuck, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck.on.clear()
    one = built()
    stuck.on.set()
    monkeypatch.setattr(lease, "LENGTH", timedelta(seconds=0.9))
    with meanwhile(actions.build_pending):
        try:
            assert stuck.begun.wait(60)
            first = Lease.objects.get()
            held = MembershipVersion.objects.get(state=Build.BUILDING)
            while not (Lease.objects.get().until > first.until + lease.LENGTH):
                time.sleep(0.02)
            assert Lease.objects.get().token == first.token
            again = MembershipVersion.objects.get(pk=held.pk)
            assert (again.state, again.lease_token) == (Build.BUILDING, held.lease_token)
            assert again.lease_until != held.lease_until
        finally:
            actions.cancel(SYSTEM, one.pk)
