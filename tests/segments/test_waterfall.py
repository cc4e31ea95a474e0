"""The waterfall and the reach of a segment are the gate's numbers."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM, Level
from ceap.consent import actions as consent
from ceap.consent import queries as gates
from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from ceap.kit.clock import now
from ceap.segments import actions, expressions
from tests import actors
from tests.segments.people import WHATSAPP, Browser, customers

pytestmark = pytest.mark.django_db
ODD = ["", " ", "ada", "a@b", "a@b.example", " a@b.example ", "\ta@b.example", "a b@c.example", "a@b@c.example",
       "A@B.EXAMPLE", "a@b..example", "a,b@c.example", "<a@b.example>", "a@.b", "@b.example", "é@ü.example",
       "a;b@c.example", "a@b.", "😀@b.example", "_@_._", "%@%.%"]  # fmt: skip


def steps(found: dict) -> dict[str, int]:
    return {step["key"]: step["count"] for step in found["steps"]}


@pytest.mark.req("S-10")
def test_each_step_takes_away_whom_the_gate_refuses_for_a_rule_and_for_its_segment() -> None:
    browser = Browser(actors.user())
    yes = {"source": "WhatsApp", "marketing_opt_in": True}
    customers(
        {**yes, "email": "a@b.example"}, {**yes, "email": "b@b.example"}, {**yes, "email": "no address"},
        {**yes, "email": "c@b.example", "marketing_opt_in": False}, {**yes, "email": "d@b.example"},
        {"email": "x@b.example", "marketing_opt_in": True},
    )  # fmt: skip
    consent.suppress(SYSTEM, channel="email", address="d@b.example", reason="manual")
    expected = {"matched": 5, "reachable": 4, "consented": 3, "not_suppressed": 2, "under_cap": 2}
    found = browser.ask("POST", "/waterfall", {"rule": WHATSAPP})
    assert (found["channel"], found["purpose"], steps(found)) == ("email", "marketing", expected)
    assert [step["label"] for step in found["steps"]][:2] == ["Matched", "Reachable"]
    made = browser.ask("POST", "", {"name": "A", "rule": WHATSAPP}, 201)
    browser.ask("GET", f"/{made['id']}/waterfall", expect=409)
    actions.build_pending()
    assert steps(browser.ask("GET", f"/{made['id']}/waterfall")) == expected
    assert browser.ask("GET", f"/{made['id']}")["email"]["count"] == expected["reachable"]


def test_a_waterfall_of_a_wrong_rule_or_for_nobody_says_so() -> None:
    browser = Browser(actors.user())
    assert set(steps(browser.ask("POST", "/waterfall", {"rule": WHATSAPP})).values()) == {0}
    browser.ask("POST", "/waterfall", {"rule": {"join": "and", "groups": []}}, expect=422)
    none = Browser(actors.user("Cy", customers_segment_view=Level.DISABLED))
    none.ask("POST", "/waterfall", {"rule": WHATSAPP}, expect=403)


text = st.text(st.sampled_from("ab@. ,;<_%\té"), max_size=9)
person = st.fixed_dictionaries(
    {"email": text | st.sampled_from(ODD), "phone": st.sampled_from(["", "+1"]), "bsuid": st.sampled_from(["", "x"]),
     "chatroom": st.booleans()}
)  # fmt: skip


@pytest.mark.req("S-10")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(person, max_size=12))
@example([{"email": one, "phone": "", "bsuid": "x", "chatroom": True} for one in ODD])
def test_the_warehouse_and_the_gate_agree_on_who_can_be_reached(people: list[dict]) -> None:
    Customer.objects.all().delete()
    ids = customers(*people)
    table = warehouse().table("customers")
    found = warehouse().run(table.select("id", **expressions.reachable(table))).to_pylist()
    for channel, column in (("email", "email_ok"), ("whatsapp", "whatsapp_ok")):
        refused = gates.gate(ids, channel=channel, at=now()).refused["unreachable"]
        assert BitMap(row["id"] for row in found if row["id"] in ids and row[column]) == BitMap(ids) - refused, channel
