"""Before a launch the email is made for example customers, those with the outermost values among them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import AuditEntry
from ceap.accounts.queries import actor_of
from ceap.campaigns import actions, queries, rules
from ceap.campaigns.actions.launching import NotLaunchable
from ceap.campaigns.models import Campaign
from ceap.campaigns.queries import trying
from ceap.campaigns.rules.trial import extremes
from ceap.channels.models import Delivery
from ceap.customers import actions as customers
from ceap.customers.models import Customer
from ceap.events import queries as house
from tests.actors import user
from tests.campaigns.setting import draft
from tests.campaigns.test_mapping import ask
from tests.channels import people

pytestmark = [pytest.mark.django_db, pytest.mark.req("C-1")]
SHARE = "You have {{ 100 | divided_by: customer.visits }} left."
READS = ["customer.full_name", "customer.visits"]


def with_visits(count: int, **fields: Any) -> list[int]:
    return people.customers(count, custom={"visits": 4}, **fields)


@pytest.fixture
def visits() -> None:
    customers.add_field(SYSTEM, "Visits", "number")


def lines(by: Any, campaign: Campaign) -> list[tuple[str, str]]:
    """What the checklist says of the examples."""
    told = ask(by, "GET", f"/api/campaigns/{campaign.pk}/checklist", None, 200)
    return [(one["level"], one["message"]) for one in told["checks"] if one["key"].startswith("examples")]


@pytest.mark.usefixtures("visits")
def test_a_template_that_fails_for_one_customer_of_many_is_told_before_the_launch() -> None:
    ada, ids = user("Ada"), with_visits(300)
    [broken] = people.customers(1, custom={"visits": 0})
    version = people.version(text=SHARE, variables=READS)
    made = draft(actor_of(ada), [*ids, broken], content_version_id=version.pk)
    tried = queries.facts(made, actor_of(ada)).trial
    assert tried is not None
    assert (tried.of, 20 <= tried.tried <= 30) == (301, True)
    said = (
        f"For 1 of {tried.tried} example customers (Customer 301) the email cannot be made: the template breaks "
        "on the value of “Visits”. Guard it with {% if %}, write it in another way, or mend the value. Whoever it "
        "fails for gets nothing, the others are sent it."
    )
    assert lines(ada, made) == [("warning", said)]
    Customer.objects.filter(pk=broken).update(custom={"visits": 1})
    [(level, text)] = lines(ada, made)
    assert (level, text.partition(" of the ")[2]) == (
        "ok", "301 who would receive it, among them empty fields and the longest, first and last values.",
    )  # fmt: skip


def test_the_last_date_there_is_and_an_empty_name_are_tried() -> None:
    customers.add_field(SYSTEM, "Renewal", "datetime")
    ada = user("Ada")
    near = people.customers(40, custom={"renewal": "2027-01-01T00:00:00+00:00"})
    far = people.customers(1, custom={"renewal": "9999-12-31T12:00:00+00:00"})
    nameless = people.customers(1, full_name="", custom={"renewal": "2027-06-01T00:00:00+00:00"})
    text = (
        "{% assign y = customer.renewal | date: '%Y' | plus: 0 %}"
        "{% assign years = 9999 | minus: y %}{{ 9 | divided_by: years }}"
    )
    version = people.version(
        subject="{{ customer.full_name }}", text=text, variables=["customer.full_name", "customer.renewal"]
    )
    made = draft(actor_of(ada), [*near, *far, *nameless], content_version_id=version.pk)
    told = lines(ada, made)
    assert [level for level, _ in told] == ["warning", "warning"]
    assert "(Customer 41) the email cannot be made: the template breaks on the value of “Renewal”." in told[0][1]
    assert f"(#{nameless[0]}) the email cannot be made: the subject" in told[1][1]
    assert "because of “Full name”. Give it a fallback" in told[1][1]


@pytest.mark.usefixtures("visits")
def test_what_fails_for_everybody_refuses_the_launch_and_changes_nothing() -> None:
    ada = user("Ada")
    version = people.version(text=SHARE, variables=READS)
    made = draft(actor_of(ada), people.customers(3, custom={"visits": 0}), content_version_id=version.pk)
    [(level, text)] = lines(ada, made)
    assert (level, text[:66]) == ("error", "For every example customer (Customer 1, Customer 2, Customer 3) th")
    before = list(Campaign.objects.values()), AuditEntry.objects.count()
    with pytest.raises(NotLaunchable, match="the template breaks on the value of “Visits”"):
        actions.launch(actor_of(ada), made.pk, made.version)
    assert (list(Campaign.objects.values()), AuditEntry.objects.count(), Delivery.objects.count()) == (*before, 0)


@pytest.mark.usefixtures("visits")
def test_examples_and_fields_are_named_as_far_as_the_asker_may_see_them() -> None:
    ada, bo = user("Ada"), user("Bo", customers_view=Level.OWNED)
    [own] = with_visits(1, owner=bo)
    [foreign] = people.customers(1, custom={"visits": 0})
    version = people.version(text=SHARE, variables=READS)
    made = draft(actor_of(ada), [own, foreign], content_version_id=version.pk)
    assert "(Customer 2)" in lines(ada, made)[0][1]
    assert "For 1 of 2 example customers the email cannot be made: " in lines(bo, made)[0][1]
    customers.limit_field(SYSTEM, "visits", [ada.role.key])
    assert "“Visits”" in lines(ada, made)[0][1]
    [(_, text)] = lines(bo, made)
    assert ("a field that you may not see" in text, "Visits" in text, "Customer 2" in text) == (True, False, False)


@pytest.mark.django_db(transaction=True)
def test_of_a_large_audience_the_outermost_are_found_in_the_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    customers.add_field(SYSTEM, "Visits", "number")
    monkeypatch.setattr(trying, "READ", 2)
    monkeypatch.setattr(trying, "SPREAD", 2)
    made = [
        customers.create(SYSTEM, {"full_name": f"Ann {n}", "visits": 4, "email": f"a{n}@x.test"}) for n in range(24)
    ]
    ids = [row.pk for row in made]
    odd = customers.create(SYSTEM, {"full_name": "Zero", "visits": 0, "email": "zero@x.test"}).pk
    ids.append(customers.create(SYSTEM, {"full_name": "Last", "visits": 4, "email": "last@x.test"}).pk)
    house.warehouse().sync()
    everyone = BitMap([*ids, odd])
    assert odd not in trying._spread(everyone, 2)
    assert odd in trying.examples(everyone, ["customer.visits"])
    assert odd not in trying.examples(BitMap(ids), ["customer.visits"]), "nobody outside of the audience"
    assert len(trying.examples(everyone, ["customer.full_name", "customer.visits"])) <= trying.MOST


@pytest.mark.usefixtures("visits")
def test_a_trial_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.0)
    ada = user("Ada")
    made = draft(actor_of(ada), with_visits(40), content_version_id=people.version(text=SHARE, variables=READS).pk)
    trial = queries.facts(made, actor_of(ada)).trial
    assert trial == rules.Trial(trying.BATCH, 40)


def test_extremes_are_the_empty_the_longest_the_first_and_the_last_of_each_field() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    known = {
        1: {"name": "b", "n": 5, "at": at},
        2: {"name": "", "n": 5, "at": at},
        3: {"name": "bb", "n": 7, "at": at.replace(year=9999)},
        4: {"name": "a", "n": 5, "at": at.replace(year=1)},
        5: {"name": "z", "n": -1, "at": at},
        6: {"name": "b", "n": 5, "at": at},
    }
    assert extremes(known) == {2, 3, 4, 5} | {1}
    assert extremes({}) == set()
