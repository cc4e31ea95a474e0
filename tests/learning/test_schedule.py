"""The model is trained again once per local date, through gaps of the clock; a person or a rule puts it to use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry, Organisation
from ceap.jobs.models import Job
from ceap.kit.clock import frozen, now
from ceap.kit.problem import Forbidden, Invalid
from ceap.learning import actions as learning
from ceap.learning import queries as models
from ceap.learning.contracts import Deploy, Every, Plan
from ceap.learning.models import Retraining
from ceap.learning.rules import is_day, next_due
from ceap.segments import actions
from ceap.segments.contracts import RETRAIN
from tests import actors
from tests.learning import chain
from tests.learning.wire import Wire, finish

pytestmark = pytest.mark.req("O-2")
BERLIN = ZoneInfo("Europe/Berlin")


@settings(max_examples=60, deadline=None)
@given(
    every=st.sampled_from([Every.WEEKLY, Every.MONTHLY]), weekday=st.integers(0, 6), day=st.integers(1, 28),
    hour=st.integers(0, 23), zone=st.sampled_from(["Europe/Berlin", "Asia/Colombo", "Pacific/Apia"]),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
)  # fmt: skip
def test_the_next_training_is_the_first_of_its_days_at_its_hour(
    every: Every, weekday: int, day: int, hour: int, zone: str, start: datetime
) -> None:
    plan, after = Plan(every, weekday, day, f"{hour:02}:30"), start.replace(tzinfo=UTC)
    due = next_due(plan, after, ZoneInfo(zone))
    assert due is not None
    local = due.astimezone(ZoneInfo(zone))
    assert is_day(plan, local.date())
    assert (local.hour, local.minute) == (hour, 30) or local.hour - hour in (0, 1)  # the clock may skip that hour
    assert due > after
    between = (after.astimezone(ZoneInfo(zone)).date() + timedelta(days=n) for n in range(1, 40))
    assert not any(is_day(plan, one) for one in between if one < local.date())


def test_an_hour_that_the_clock_skips_is_the_first_instant_after_the_gap() -> None:
    plan = Plan(Every.WEEKLY, 6, 1, "02:30")
    assert next_due(plan, datetime(2026, 3, 28, tzinfo=UTC), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert next_due(Plan(), datetime(2026, 3, 28, tzinfo=UTC), BERLIN) is None


@pytest.mark.django_db
def test_a_schedule_is_checked_kept_and_in_the_trail() -> None:
    ada = actors.actor()
    for plan, field in (
        (Plan(Every.WEEKLY, weekday=7), "weekday"), (Plan(Every.MONTHLY, day=31), "day"),
        (Plan(Every.WEEKLY, at="25:00"), "at"), (Plan(Every.WEEKLY, segments=1), "segments"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            learning.set_schedule(ada, plan)
        assert [one.field for one in refused.value.errors] == [field]
    with pytest.raises(Forbidden):
        learning.set_schedule(actors.actor("Bo", learning_manage=Level.DISABLED), Plan(Every.WEEKLY))
    assert models.plan() == Plan()
    assert not AuditEntry.objects.filter(verb="learning.schedule").exists()
    learning.set_schedule(ada, Plan(Every.MONTHLY, day=5))
    assert models.plan() == Plan(Every.MONTHLY, day=5)
    assert AuditEntry.objects.get(verb="learning.schedule").after["every"] == "monthly"  # type: ignore[index]


def queued() -> int:
    return Job.objects.filter(kind=RETRAIN).count()


@pytest.mark.django_db
def test_it_is_due_once_on_its_day_after_its_hour_and_not_before_it_was_set() -> None:
    Organisation.objects.create(time_zone="Asia/Colombo")
    monday = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)  # 02:30 on Monday the 23rd in Colombo
    with frozen(monday):
        assert actions.retrain_if_due() is None
        learning.set_schedule(actors.actor(), Plan(Every.WEEKLY, weekday=0, at="03:00"))
        assert actions.retrain_if_due() is None
    with frozen(monday + timedelta(minutes=31)):
        assert actions.retrain_if_due() is not None
        assert actions.retrain_if_due() is None
    with frozen(monday + timedelta(days=1)):
        assert actions.retrain_if_due() is None
    with frozen(monday + timedelta(days=7, hours=5)):
        learning.set_schedule(actors.actor("Bo"), Plan(Every.WEEKLY, weekday=0, at="03:00"))
        assert actions.retrain_if_due() is None  # set after its hour: next week
    assert queued() == 1


@pytest.mark.django_db
def test_a_training_missed_while_nothing_ran_is_made_up_for_once_on_a_later_date_and_said() -> None:
    Organisation.objects.create(time_zone="Asia/Colombo")
    ada, sunday = actors.actor(), datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    with frozen(sunday):
        learning.set_schedule(ada, Plan(Every.WEEKLY, weekday=0, at="03:00"))
        assert models.schedule_of(ada)["missed_at"] is None
    with frozen(sunday + timedelta(days=17)):  # Wednesday: two Mondays have passed
        assert actions.retrain_if_due() is not None
        assert actions.retrain_if_due() is None
        assert models.schedule_of(ada)["missed_at"] == datetime(2026, 12, 6, 21, 30, tzinfo=UTC)
    assert list(Retraining.objects.values_list("local_date", flat=True)) == [date(2026, 12, 7)]
    with frozen(datetime(2026, 12, 13, 21, 30, 20, tzinfo=UTC)):  # the next one is on time
        assert actions.retrain_if_due() is not None
        assert models.schedule_of(ada)["missed_at"] is None
    assert queued() == 2


@pytest.mark.django_db
def test_a_retrained_version_is_a_candidate_or_put_to_use_when_that_was_chosen_and_it_is_not_worse(
    tmp_path: Path,
) -> None:
    wire = Wire()
    file = wire.upload(chain.write(tmp_path, chain.ready_made(120)))["file"]["id"]
    wire.work("POST", "/learning/train", {"file": file, "segments": 3})
    wire.deploy(1)
    for weeks, deploy in enumerate((Deploy.PERSON, Deploy.AUTOMATIC), 1):
        plan = Plan(Every.WEEKLY, deploy=deploy, segments=3)
        learning.set_schedule(actors.actor(f"User {weeks}"), plan)
        with frozen(now() + timedelta(days=7 * weeks)):
            due = next_due(plan, now(), ZoneInfo("UTC"))
        assert due is not None
        with frozen(due + timedelta(minutes=1)):
            assert actions.retrain_if_due() is not None
            finish()
    assert list(Job.objects.filter(kind=RETRAIN).order_by("created_at").values_list("result", flat=True)) == [
        {"version": 2, "deployed": False, "verdict": "The new version is as good as the one in use."},
        {"version": 3, "deployed": True, "verdict": "The new version is as good as the one in use."},
    ]
    third, second, first = wire.ask("GET", "/learning/versions")["items"]
    assert [one["in_use"] for one in (third, second, first)] == [True, False, False]
    assert (second["scheduled"], second["trained_by"]) == (True, "Schedule")
    assert second["compared"]["stayed"] == 1
    assert sum(sum(row.values()) for row in second["compared"]["moved"].values()) == 120
    assert first["sha256"] == second["sha256"] == third["sha256"]
    assert [one["by"] for one in wire.ask("GET", "/learning/deployments")["items"]] == ["CEAP", "Ada"]
