"""One customer at once: as in a file, as in the last scoring, with clear words when it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceap.accounts.contracts import SYSTEM, Level
from ceap.core.learning import grocery
from ceap.customers import actions as customers
from ceap.learning import actions as learning
from ceap.learning import queries as models
from ceap.learning.contracts import Training
from tests import actors
from tests.learning import chain
from tests.learning.purchases import bought
from tests.learning.wire import Wire
from tests.segments.people import customers as people

pytestmark = [pytest.mark.django_db, pytest.mark.req("O-2")]


def test_a_customer_has_the_segment_that_its_purchases_had_in_the_whole() -> None:
    keys, _ = bought(grocery.chain(300))
    learning.train("Ada", Training(segments=6))
    learning.deploy(actors.actor(), 1)
    member_of = {customer: one.key for one in learning.score() for customer in one.members}
    ada = actors.actor("Bo")
    for key in keys[:20]:
        found = models.one(ada, key)
        assert found.segment == member_of[key]
        assert found.version == 1
        assert sum(found.segments.values()) == pytest.approx(1, abs=1e-4)
    customers.add_identity(SYSTEM, keys[0], "loyalty_card", "L1")
    wire = Wire("Cy")
    assert wire.ask("GET", "/learning/customers/loyalty_card/L1")["segment"] == member_of[keys[0]]
    wire.ask("GET", "/learning/customers/loyalty_card/L2", expect=404)
    (new,) = people({"source": "Web"})
    assert "bought nothing yet" in wire.ask("GET", f"/learning/customers/{new}", expect=404)["detail"]
    assert Wire("Di", customers_view=Level.OWNED).get(f"/api/learning/customers/{keys[0]}").status_code == 404


def test_a_customer_of_a_file_has_the_segment_of_its_row_and_somebody_new_is_told_at_once(tmp_path: Path) -> None:
    wire = Wire()
    made = chain.ready_made(200)
    file = wire.upload(chain.write(tmp_path, made))["file"]["id"]
    roles = wire.ask("GET", f"/learning/files/{file}")["columns"]
    wire.work("PUT", f"/learning/files/{file}", {"columns": roles | {chain.LABEL: "label"}, "add": True})
    wire.work("POST", "/learning/train", {"file": file})
    assert wire.ask("POST", "/learning/score", {"amounts": {"dry": 1}}, 409)["detail"].endswith("deploy one first.")
    wire.deploy(1)
    rows = made.to_pylist()
    for row in rows[:20]:
        amounts = {name: row[f"{name}_sales"] for name in ("luxury", "fresh", "dry")}
        told = wire.ask("GET", f"/learning/customers/customer_id/{row['Customer_ID']}")
        values = wire.ask("POST", "/learning/score", {"amounts": amounts, "outlet": row["outlet_city"].upper()})
        assert told["segment"] == values["segment"]
        assert told["segments"] == pytest.approx(values["segments"], abs=1e-5)
    told = wire.ask("POST", "/learning/score", {"amounts": amounts, "outlet": "Atlantis"})
    assert told["problems"] == ["Atlantis is an outlet that was not in training"]
    for body, field in (
        ({"amounts": {"dry": 1, "fresh": 1}}, "amounts.luxury"),
        ({"amounts": amounts | {"wine": 1}}, "amounts.wine"),
        ({"amounts": amounts | {"dry": -1}}, "amounts.dry"),
        ({"amounts": amounts, "numbers": {"age": 30}}, "numbers.age"),
    ):
        refused = wire.ask("POST", "/learning/score", body, 422)
        assert [one["field"] for one in refused["errors"]] == [field]
