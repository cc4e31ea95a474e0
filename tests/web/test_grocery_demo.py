"""The grocery scenario fills a home that is whole: people, consent, purchases, and segments that were planted."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from pyroaring import BitMap
from sklearn.metrics import adjusted_rand_score

from ceap.accounts.queries import organisation
from ceap.campaigns.contracts import SOURCE
from ceap.campaigns.models import Campaign
from ceap.catalog.models import Item
from ceap.channels.queries import tally
from ceap.consent.models import ConsentRecord
from ceap.core.learning.grocery import FIRST_ID, OUTLETS, chain
from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from ceap.kit.home import Home
from ceap.kit.problem import Conflict, Invalid
from ceap.measurement import home
from ceap.measurement.queries import worth
from ceap.segments import queries as segments
from ceap.segments.models import Segment
from ceap.web import demo
from ceap.web.demo import grocery, lanka
from ceap.web.demo.home import UNFINISHED

CUSTOMERS = 3_000


@pytest.mark.req("O-2")
@pytest.mark.slow  # on PostgreSQL its change log would wait for the tests beside it
@pytest.mark.django_db(transaction=True)
def test_the_grocery_demo_finds_its_planted_segments_in_raw_purchases(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CEAP_SINK_PORT", str(probe.getsockname()[1]))
    monkeypatch.setenv("CEAP_SINK", "true")
    steps: list[str] = []
    counts = demo.fill("grocery", steps.append, CUSTOMERS)
    assert counts["customers"] == CUSTOMERS
    assert counts["purchases"] > 20 * CUSTOMERS
    assert (demo.filled(), organisation().synthetic, organisation().currency) == ("grocery", True, "LKR")
    assert not (Home.load().path / UNFINISHED).exists()

    made = chain(CUSTOMERS, grocery.SEED)
    number = {pk: customer_id or "" for pk, customer_id in Customer.objects.values_list("pk", "customer_id")}
    planted: list[int] = []
    found: list[int] = []
    everybody = BitMap()
    for n, segment in enumerate(Segment.objects.filter(kind="discovered")):
        version = segments.current(segment)
        assert version
        members = segments.members(version)
        assert not members & everybody
        everybody |= members
        planted += [int(made.segment[int(number[one]) - FIRST_ID]) for one in members]
        found += [n] * len(members)
    assert len(everybody) == CUSTOMERS
    assert adjusted_rand_score(planted, found) >= 0.95

    lines = warehouse().table("purchases")
    spent = warehouse().run(lines.group_by("customer").aggregate(amount=lines.amount.sum()))
    sums = {int(number[row["customer"]]): float(row["amount"]) for row in spent.to_pylist()}
    assert np.allclose([sums[int(one)] for one in made.ids], made.sales.sum(axis=1), atol=0.01)
    kinds = set(Item.objects.values_list("kind", "category"))
    assert kinds == {("outlet", "Outlets"), ("product", "fresh"), ("product", "dry"), ("product", "luxury")}
    assert Item.objects.filter(kind="outlet").count() == len(OUTLETS)
    answered = Customer.objects.filter(marketing_opt_in__isnull=False).count()
    assert ConsentRecord.objects.filter(evidence__import=grocery.SOURCE).count() == answered > 0.8 * CUSTOMERS
    ended, newest = list(Campaign.objects.order_by("created_at"))[:2], Campaign.objects.latest("created_at")
    assert {one.status for one in ended} == {"completed"}
    assert all(home.progress(one)["opened"] > home.progress(one)["clicked"] > 0 for one in ended)  # type: ignore[attr-defined]
    assert newest.status == "draft"
    roi = worth(ended[1], tally(SOURCE, ended[1].pk)).roi
    assert roi is not None
    assert 3 < roi < 50  # hundreds to a few thousands of percent
    with pytest.raises(Conflict, match="not empty"):
        demo.fill("grocery", steps.append, CUSTOMERS)


def test_people_are_the_same_for_the_same_seed_and_nobody_who_exists() -> None:
    made, today = chain(2_000, 7), grocery.date(2026, 11, 21)  # type: ignore[attr-defined]
    given = (made.ids, np.array(OUTLETS)[made.outlet], made.age, made.away, today)
    table = lanka.people(*given)
    assert table.equals(lanka.people(*given))
    rows = table.to_pylist()
    assert all(row["email"].endswith("@mail.example.test") for row in rows if row["email"])
    assert all(row["phone"].startswith("+9479") for row in rows if row["phone"])
    mails, phones = ([row[name] for row in rows if row[name]] for name in ("email", "phone"))
    assert len(set(mails)) == len(mails)
    assert len(set(phones)) == len(phones)
    ages = [
        today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        for born in table["date_of_birth"].to_pylist()
        if born
    ]
    assert np.mean(np.array(ages) == made.age[table["date_of_birth"].is_valid().to_numpy()]) > 0.99


@pytest.mark.parametrize(("scenario", "size"), [("retail", 5_000), ("grocery", 999), ("grocery", 5_000_001)])
def test_a_size_that_a_scenario_does_not_have_is_refused(scenario: str, size: int) -> None:
    with pytest.raises(Invalid, match=r"customers from 1,000 to 5,000,000|one size"):
        demo.size_of(scenario, size)


def test_a_fill_that_was_cut_short_is_begun_anew_and_another_home_is_never_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CEAP_STORE_URL", "")
    home = Home.load(tmp_path / "demo")
    demo.prepare(home)
    (home.path / "half").touch()
    demo.prepare(home)
    assert (home.path / "half").exists()
    (home.path / UNFINISHED).touch()
    demo.prepare(home)
    assert not (home.path / "half").exists()
    assert not (home.path / UNFINISHED).exists()
    (home.path / "settings.toml").write_text("# real")
    with pytest.raises(Conflict, match="not the home of a demo"):
        demo.prepare(home, reset=True)
