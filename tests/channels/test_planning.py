from datetime import timedelta

import pytest

from ceap.channels import actions, queries
from ceap.channels.models import Delivery
from ceap.kit.clock import now
from tests.channels import people

pytestmark = pytest.mark.django_db


def test_everybody_planned_gets_a_row_and_those_refused_get_a_final_one_with_the_reason() -> None:
    good = people.customers(3)
    never_asked = people.customers(2, consent=None)
    refused = people.customers(1, consent=False)
    no_address = people.customers(2, email="")
    source = people.plan([*good, *never_asked, *refused, *no_address, 999_999], people.sender())
    tally = queries.tally("campaign", source)
    assert {k: v for k, v in tally.items() if v} == {"planned": 3, "suppressed": 3, "failed": 3}
    reasons = dict(Delivery.objects.values_list("customer_id", "reason"))
    assert reasons[never_asked[0]] == "no_consent"
    assert reasons[no_address[0]] == reasons[999_999] == "unreachable"
    assert Delivery.objects.filter(finished_at=None).count() == 3


def test_planning_twice_plans_nobody_twice() -> None:
    ids, identity = people.customers(5), people.sender()
    source = people.plan(ids[:3], identity)
    before = set(Delivery.objects.values_list("pk", "token"))
    people.plan(ids, identity, source=source)
    people.plan(ids, identity, source=source)
    assert Delivery.objects.count() == 5
    assert before <= set(Delivery.objects.values_list("pk", "token"))


def test_a_plan_that_is_cut_short_is_completed_by_repeating_it() -> None:
    ids, identity, source = people.customers(5000), people.sender(), None

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    from ceap.kit.ids import uuid7

    source = uuid7()
    with pytest.raises(KeyboardInterrupt):
        people.plan(ids, identity, source=source, progress=stop)
    assert 0 < Delivery.objects.count() < 5000
    people.plan(ids, identity, source=source)
    assert Delivery.objects.count() == 5000


def test_what_is_planned_after_its_last_moment_is_expired() -> None:
    source = people.plan(people.customers(2), people.sender(), due=now(), expires_at=now() - timedelta(seconds=1))
    assert queries.tally("campaign", source)["expired"] == 2


def test_cancelling_ends_what_is_planned_and_what_is_planned_later() -> None:
    ids, identity = people.customers(4), people.sender()
    source = people.plan(ids[:2], identity)
    assert actions.cancel_source("campaign", source) == 2
    assert actions.cancel_source("campaign", source) == 0
    people.plan(ids, identity, source=source)
    assert queries.tally("campaign", source)["cancelled"] == 4
