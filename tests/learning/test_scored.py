"""The scored table says what is known of each customer, as a plain reading of the purchases says it."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from ceap.accounts.models import Organisation
from ceap.core.learning import grocery
from ceap.kit.clock import frozen
from ceap.learning import actions, queries
from ceap.learning import actions as learning
from ceap.learning.contracts import Training
from tests import actors
from tests.learning.purchases import bought

pytestmark = [pytest.mark.django_db, pytest.mark.req("O-2")]
TODAY = datetime(2026, 11, 20, 20, tzinfo=UTC)  # the 21st in Colombo
BORN = [date(1990, 11, 21), date(1990, 11, 22), date(2004, 2, 29), None]
AGES = [36, 35, 22, None]


def test_the_scored_table_holds_what_purchases_and_fields_say_of_each_customer() -> None:
    Organisation.objects.create(time_zone="Asia/Colombo")
    made = grocery.chain(300)
    keys, lines = bought(made, BORN)
    with frozen(TODAY):
        assert queries.scored() is None
        known = actions.train("Ada", Training(segments=6))
        assert "age" in known["features"]
        learning.deploy(actors.actor(), 1)
        found = actions.score()
    head = queries.scored()
    assert head is not None
    assert (head.version, head.source, head.categories) == (1, "purchases", ("dry", "fresh", "luxury"))
    rows = pq.read_table(head.path).to_pylist()
    assert [row["customer"] for row in rows] == sorted(keys)
    member_of = {customer: one.key for one in found for customer in one.members}
    age_of = {customer: AGES[n % len(AGES)] for n, customer in enumerate(keys)}
    own: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        own[line["customer"]].append(line)
    for row in rows:
        mine = own[row["customer"]]
        days = [line["at"].replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Colombo")).date() for line in mine]
        by_outlet: dict[str, float] = defaultdict(float)
        for line in mine:
            by_outlet[line["outlet"]] += line["amount"]
        assert row["key"] is None
        assert row["segment"] == member_of[row["customer"]]
        assert row["age"] == age_of[row["customer"]]
        assert row["last"] == max(days)
        assert row["orders"] == len({line["order_id"] for line in mine})
        assert row["outlet"] == max(by_outlet, key=lambda name: by_outlet[name])
        for category in head.categories:
            spent = sum(line["amount"] for line in mine if line["category"] == category)
            assert row[f"amount:{category}"] == pytest.approx(spent)
        assert row["spend"] == pytest.approx(sum(line["amount"] for line in mine))


def test_a_scored_table_that_is_damaged_is_no_table() -> None:
    file = queries.folder() / "scored.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"PAR1 no")
    assert queries.scored() is None
