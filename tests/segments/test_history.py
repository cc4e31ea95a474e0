"""What became of a segment: changes of its rule, sizes per day, members on a past date; and who its members are."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from ceap.accounts.contracts import Level
from ceap.accounts.models import Organisation, User
from ceap.core.changelog import customers_changed
from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from ceap.kit.clock import frozen
from ceap.segments import actions, queries
from ceap.segments.differences import Change, differences
from ceap.segments.models import RuleChange, SegmentDay
from ceap.segments.shares import latest_birthday, percentages
from tests import actors
from tests.segments.people import WHATSAPP, Browser, customers, on, rule

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

conditions = st.builds(
    lambda field, value: on(field, "is", value), st.sampled_from(["source", "city", "status"]), st.sampled_from("ab")
)
groups = st.builds(
    lambda join, found: {"join": join, "conditions": found},
    st.sampled_from(["and", "or"]), st.lists(conditions, min_size=1, max_size=3),
)  # fmt: skip
rules = st.builds(
    lambda join, found: {"join": join, "groups": found},
    st.sampled_from(["and", "or"]), st.lists(groups, min_size=1, max_size=3),
)  # fmt: skip


def said(condition: Any) -> str:
    return f"{condition['field']}={condition['value']}"


def spoken(one: dict[str, Any]) -> Counter[str]:
    return Counter(said(c) for group in one["groups"] for c in group["conditions"])


@given(rules, rules)
def test_differences_turn_the_conditions_before_into_those_after(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = [one for one in differences(before, after, said) if one.change is not Change.JOIN]
    gone = Counter(one.before for one in found if one.before)
    came = Counter(one.after for one in found if one.after)
    assert spoken(before) - gone + came == spoken(after)
    assert not gone - spoken(before)


@given(rules)
def test_a_rule_differs_in_nothing_from_itself_in_another_order(one: dict[str, Any]) -> None:
    turned = {
        "join": one["join"],
        "groups": [{"join": g["join"], "conditions": g["conditions"][::-1]} for g in one["groups"][::-1]],
    }
    assert differences(one, one, said) == []
    assert differences(one, turned, said) == []


def test_differences_name_what_was_added_removed_changed_and_joined_otherwise() -> None:
    before = rule(on("source", "is", "Web"), on("city", "is", "Galle"), on("status", "is", "x"))
    after = rule(on("source", "is", "Shop"), on("city", "is", "Galle"), on("email", "is_empty"), join="or")
    found = [(one.change, one.before, one.after) for one in differences(before, after, said)]
    assert found == [
        ("join", "and", "or"), ("changed", "source=Web", "source=Shop"), ("removed", "status=x", ""),
        ("added", "", "email=None"),
    ]  # fmt: skip


@pytest.mark.req("S-12")
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=12))
def test_percentages_add_to_exactly_one_hundred_and_are_near_the_share(counts: list[int]) -> None:
    shares = percentages(counts)
    assert round(sum(shares) * 10) == (1000 if sum(counts) else 0)
    for count, share in zip(counts, shares, strict=True):
        assert not sum(counts) or abs(share - 100 * count / sum(counts)) < 0.1 + 1e-9


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.dates(date(1920, 1, 1), date(1999, 1, 1)), st.integers(21, 51))
def test_the_latest_birthday_agrees_with_counting_birthdays(today: date, born: date, age: int) -> None:
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert (born <= latest_birthday(age, today)) == (years >= age)


def test_who_was_born_on_29_february_is_older_on_1_march() -> None:
    assert latest_birthday(21, date(2025, 2, 28)) < date(2004, 2, 29) <= latest_birthday(21, date(2025, 3, 1))
    assert latest_birthday(21, date(2028, 2, 29)) == date(2007, 2, 28)


@pytest.fixture
def ada(db: None) -> User:
    return actors.user()


@pytest.fixture
def browser(ada: User) -> Browser:
    return Browser(ada)


def test_every_save_is_kept_with_who_when_and_what_differs(browser: Browser, ada: User) -> None:
    with frozen(NOON):
        made = browser.ask("POST", "", {"name": "Fans", "rule": WHATSAPP}, 201)
    both = rule(on("source", "is", "WhatsApp"), on("city", "is", "Galle"))
    with frozen(NOON + timedelta(days=1)):
        browser.ask("PUT", f"/{made['id']}", {"name": "Fans of Galle", "description": "d", "rule": both})
        found = browser.ask("GET", f"/{made['id']}/history")
    newest, oldest = found["changes"]
    assert (oldest["first"], oldest["differences"], oldest["day"]) == (True, [], "2026-11-20")
    assert (newest["changed_by"]["name"], newest["renamed"], newest["described"]) == (ada.name, "Fans", True)
    assert newest["differences"] == [{"change": "added", "group": 1, "before": "", "after": "City is “Galle”"}]
    assert newest["sentence"] == "Source is “WhatsApp” and City is “Galle”"
    browser.ask("POST", f"/{made['id']}/duplicate", expect=201)
    assert RuleChange.objects.count() == 3


def test_a_refused_edit_leaves_no_trace_in_the_history(browser: Browser) -> None:
    made = browser.ask("POST", "", {"name": "Fans", "rule": WHATSAPP}, 201)
    browser.ask("PUT", f"/{made['id']}", {"name": "", "rule": WHATSAPP}, 422)
    assert len(browser.ask("GET", f"/{made['id']}/history")["changes"]) == 1


def test_a_condition_on_a_field_that_is_gone_is_still_told_of(browser: Browser) -> None:
    made = browser.ask("POST", "", {"name": "Fans", "rule": WHATSAPP}, 201)
    RuleChange.objects.update(rule=rule(on("c_gone", "is", "x")))
    browser.ask("PUT", f"/{made['id']}", {"name": "Fans", "rule": WHATSAPP})
    newest, oldest = browser.ask("GET", f"/{made['id']}/history")["changes"]
    assert {one["before"] for one in newest["differences"]} == {"c_gone is x", ""}
    assert oldest["sentence"] == ""


def _built(browser: Browser, at: datetime) -> str:
    with frozen(at):
        key: str = browser.ask("POST", "", {"name": "Fans", "rule": WHATSAPP}, 201)["id"]
        actions.build_pending()
    return key


@pytest.mark.req("S-14")
def test_members_on_a_past_date_are_those_of_that_days_version(browser: Browser, ada: User) -> None:
    ids = customers({"source": "WhatsApp", "owner": ada}, {"source": "WhatsApp"}, {"source": "Web"})
    key = _built(browser, NOON)
    edited = {"name": "Fans", "rule": rule(on("source", "is", "Web"))}
    with frozen(NOON + timedelta(days=2)):
        browser.ask("PUT", f"/{key}", edited)
        actions.build_pending()
        then = browser.ask("GET", f"/{key}/days/2026-11-21/members")
        today = browser.ask("GET", f"/{key}/days/2026-11-22/members")
        assert browser.ask("GET", f"/{key}/days/2026-11-19/members", expect=404)["detail"].startswith("On 19 November")
        browser.ask("GET", f"/{key}/days/2026-11-23/members", expect=422)
        assert ([one["id"] for one in then["items"]], then["total"], then["version"]) == (ids[:2], 2, 1)
        assert ([one["id"] for one in today["items"]], today["total"], today["version"]) == (ids[2:], 1, 2)
        owner = actors.user("Owner", customers_view=Level.OWNED, customers_segment_view=Level.ALL)
        Customer.objects.filter(pk=ids[0]).update(owner=owner)
        own = Browser(owner).ask("GET", f"/{key}/days/2026-11-20/members")
    assert ([one["id"] for one in own["items"]], own["total"], own["seen"]) == (ids[:1], 2, 1)
    assert own["note"] == "You see 1 of 2: only customers you own."


def test_a_day_ends_at_midnight_of_the_organisation(browser: Browser) -> None:
    customers({"source": "WhatsApp"})
    Organisation.objects.update_or_create(defaults={"time_zone": "Asia/Colombo", "name": "O"})
    key = _built(browser, datetime(2026, 11, 20, 18, 30, tzinfo=UTC))  # midnight in Colombo
    with frozen(NOON + timedelta(days=2)):
        browser.ask("GET", f"/{key}/days/2026-11-20/members", expect=404)
        assert browser.ask("GET", f"/{key}/days/2026-11-21/members")["total"] == 1


@pytest.mark.req("S-12")
def test_distributions_add_to_the_size_and_to_one_hundred_percent(browser: Browser) -> None:
    someone = {"source": "WhatsApp", "province": "Western", "sex": "Female"}
    ids = customers(
        someone | {"date_of_birth": date(2005, 11, 20)},  # 21 today
        someone | {"date_of_birth": date(2005, 11, 21), "province": "western", "sex": "male"},  # 20
        someone | {"date_of_birth": date(1975, 11, 20), "province": "Central", "sex": "Diverse"},  # 51
        someone | {"date_of_birth": date(1976, 1, 1), "province": ""},  # 50
        someone | {"date_of_birth": None, "province": "Western"},
        someone | {"date_of_birth": date(2030, 1, 1), "sex": ""},
        {"source": "Web"},
    )
    key = _built(browser, NOON)
    Customer.objects.filter(pk=ids[4]).update(erased_at=NOON)
    with connection.cursor() as cursor:
        customers_changed(cursor, [ids[4]], connection.vendor)
    warehouse().sync()
    with frozen(NOON):
        found = browser.ask("GET", f"/{key}/performance")
    assert (found["size"], found["gone"]) == (6, 1)

    def counts(name: str) -> list[tuple[str, int]]:
        return [(one["label"], one["count"]) for one in found[name]]

    assert counts("source") == [("WhatsApp", 5), ("Other", 1)]
    assert counts("province") == [("Western", 3), ("Central", 1), ("Unknown", 2)]
    assert counts("age") == [("<21", 1), ("21–30", 1), ("31–40", 0), ("41–50", 1), (">50", 1), ("Unknown", 2)]
    assert counts("gender") == [("Male", 1), ("Female", 2), ("Unknown", 3)]
    for name in ("source", "province", "age", "gender"):
        assert round(sum(one["percent"] for one in found[name]), 1) == 100.0


@pytest.mark.req("S-12")
def test_size_over_time_is_of_all_time_7_or_30_days(browser: Browser) -> None:
    customers({"source": "WhatsApp"})
    key = _built(browser, NOON)
    SegmentDay.objects.all().delete()
    version = queries.current(key)
    assert version is not None
    for back in (0, 6, 7, 29, 30, 400):
        SegmentDay.objects.create(
            segment_id=key, day=NOON.date() - timedelta(days=back), version=version, size=back, total=500
        )
    with frozen(NOON):
        for query, expected in (("", 6), ("?days=30", 4), ("?days=7", 2)):
            assert len(browser.ask("GET", f"/{key}/performance{query}")["days"]) == expected
        browser.ask("GET", f"/{key}/performance?days=8", expect=422)
        days = browser.ask("GET", f"/{key}/history")["days"]
    assert [one["size"] for one in days] == [400, 30, 29, 7, 6, 0]


def test_the_performance_of_nobody_has_empty_slices_and_of_no_version_waits(browser: Browser) -> None:
    made = browser.ask("POST", "", {"name": "Fans", "rule": WHATSAPP}, 201)
    waiting = browser.ask("GET", f"/{made['id']}/performance", expect=409)
    assert waiting["detail"] == queries.NOT_READY
    actions.build_pending()
    found = browser.ask("GET", f"/{made['id']}/performance")
    assert (found["size"], [one["percent"] for one in found["source"]]) == (0, [0.0])
