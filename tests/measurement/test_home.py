"""The first page: what there is, what was sent and what came of it, what a launch waits for; only what one may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from ceap.accounts.contracts import Level
from ceap.customers.models import Customer
from ceap.measurement import home
from ceap.segments import actions as segments
from tests import actors
from tests.campaigns import setting
from tests.channels import people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def test_it_counts_customers_reachable_ones_segments_and_tells_what_was_sent() -> None:
    ada = actors.actor("Ada")
    ids = people.customers(3)
    Customer.objects.filter(pk=ids[0]).update(email="")
    sent = setting.launched(ada, ids, name="Spring")
    found: dict[str, Any] = home.of(ada)
    assert found["customers"] == {"visible": 3, "reachable": 2, "owned_only": False}
    assert found["segments"] == 1
    [row] = found["recent"]
    assert (row["id"], row["name"], row["planned"], row["sent"]) == (str(sent.pk), "Spring", 3, 0)


def test_a_launch_waits_for_the_postal_address_and_only_who_may_give_it_is_asked() -> None:
    ada = actors.actor("Ada")
    assert home.of(ada)["setup"] == ["postal_address"]
    assert home.of(actors.actor("Eve", settings_manage=Level.DISABLED))["setup"] == []
    setting.addressed()
    assert home.of(ada)["setup"] == []


def test_it_says_only_what_the_viewer_may_see() -> None:
    setting.launched(actors.actor("Ada"), people.customers(2))
    nobody = actors.actor(
        "Eve", customers_view=Level.DISABLED, customers_segment_view=Level.DISABLED, campaigns_view=Level.OWNED
    )
    found = home.of(nobody)
    assert (found["customers"], found["segments"], found["recent"]) == (None, None, [])


def test_a_rule_that_waits_is_said_to_those_who_can_let_it_and_to_nobody_else() -> None:
    spy = actors.actor("Spy", customers_view=Level.OWNED)
    rule = {"groups": [{"conditions": [{"kind": "field", "field": "full_name", "operator": "is_not_empty"}]}]}
    made = segments.create(spy, name="Waiting", rule=rule)
    [said] = home.of(actors.actor("Max"))["trouble"]
    assert (said["kind"], said["id"], said["name"]) == ("segment", str(made.pk), "Waiting")
    assert said["message"] == "Its rule waits until somebody who sees all customers recalculates it."
    for other in (spy, actors.actor("Ann", customers_segment_manage=Level.OWNED)):
        assert home.of(other)["trouble"] == []
