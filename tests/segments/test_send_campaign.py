"""What a campaign to a segment can say to its members."""

from __future__ import annotations

import pytest

from ceap.accounts.contracts import SYSTEM
from ceap.content import queries as content
from ceap.customers import actions as customer_actions
from ceap.customers import queries as customer_queries
from tests import actors
from tests.segments.people import customers

pytestmark = [pytest.mark.django_db, pytest.mark.req("S-13")]


def test_every_field_default_and_custom_can_fill_a_variable_of_a_template() -> None:
    mood = customer_actions.add_field(SYSTEM, "Mood", "text")
    [one] = customers({"full_name": "Ada Löwe", "custom": {mood.key: "good"}})
    offered = {variable.path for variable in content.variables(actors.actor("Owner"))}
    assert offered == {f"customer.{field.key}" for field in customer_queries.fields()} | {"customer.first_name"}
    filled = customer_queries.contexts([one], sorted(offered))[one]["customer"]
    assert {f"customer.{key}" for key in filled} == offered
    assert (filled["first_name"], filled["full_name"], filled[mood.key]) == ("Ada", "Ada Löwe", "good")
