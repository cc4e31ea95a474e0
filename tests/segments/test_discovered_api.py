"""The dashboard, the detail and the comparison of discovered segments over the wire."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pytest
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import User
from ceap.core.learning import grocery, lifecycle, table
from ceap.core.learning.lifecycle import Told
from ceap.core.learning.roles import Given
from ceap.core.learning.versions import Versions
from ceap.customers import actions as customer_actions
from ceap.customers.models import Customer
from ceap.kit.clock import now
from ceap.learning import queries as learning
from ceap.segments.actions.membership import queue
from ceap.segments.contracts import Cause
from ceap.segments.models import Segment
from tests import actors
from tests.segments import scored
from tests.segments.people import Browser, customers
from tests.segments.scored import Shopper

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NO_MATCH = "No matching customers found. Try adjusting filters."


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of versions whose version 1 learnt from purchases."""
    folder = tmp_path_factory.mktemp("trained")
    lines = pa.concat_tables(grocery.chain(600).purchases(date(2026, 11, 20)))
    table.write(lines, folder / "purchases.parquet")
    lifecycle.train(folder / "purchases.parquet", Versions(folder), Told("Ada", now(), 1), Given(), segments=6)
    (folder / "purchases.parquet").unlink()
    return folder


@pytest.fixture
def model(trained: Path) -> None:
    shutil.copytree(trained, learning.folder(), dirs_exist_ok=True)
    learning.versions().deploy(1, "Ada", now())


@pytest.fixture
def ada() -> User:
    return actors.user()


@pytest.fixture
def people(ada: User) -> list[int]:
    """Eight customers in two discovered segments, six of them in the scored table; Ada owns the first two."""
    keys = customers(*({"owner": ada} if n < 2 else {} for n in range(8)))
    today = now().date()
    rows = [
        Shopper(keys[0], "S1", "Kandy", 25, today - 3 * DAY, 4, (100_00, 0, 0)),
        Shopper(keys[1], "S1", "Kandy", 35, today - 40 * DAY, 1, (0, 50_50, 0)),
        Shopper(keys[2], "S1", "Galle", None, today - 3 * DAY, 2, (10_00, 20_00, 0)),
        Shopper(keys[3], "S2", "Galle", 61, today - 200 * DAY, 5, (0, 0, 999_99)),
        Shopper(keys[4], "S2", None, 45, None, None, (0, 0, 1)),
        Shopper(keys[5], "S2", "Jaffna", 20, today, 1, (1, 1, 1)),
        Shopper(None, "S2", "Jaffna", 20, today, 1, (5, 5, 5)),
    ]
    learning.folder().mkdir(parents=True, exist_ok=True)
    scored.write(learning.folder() / "scored.parquet", rows)
    scored.segments({"S1": [*keys[:3], keys[6]], "S2": [*keys[3:6], keys[7]]})
    return keys


def get(user: User, path: str, expect: int = 200, **filters: Any) -> Any:
    return Browser(user).ask("GET", f"/discovered/{path}?{urlencode(filters, doseq=True)}", expect=expect)


def of(key: str) -> Segment:
    return Segment.objects.get(model_key=key)


@pytest.mark.req("O-1")
@pytest.mark.req("O-3")
def test_cards_show_customers_traits_a_campaign_and_kpis_and_count_what_the_members_list_holds(
    ada: User, model: None, people: list[int]
) -> None:
    found = get(ada, "dashboard")
    assert (found["state"], found["total"], found["size"], found["message"]) == ("ready", 8, 8, "")
    assert [(card["key"], card["portrait"]["kpis"]["customers"], card["share"]) for card in found["cards"]] == [
        ("S1", 4, 50.0), ("S2", 4, 50.0),
    ]  # fmt: skip
    for card in found["cards"]:
        listed = Browser(ada).ask("GET", f"/{card['segment']}/members")
        assert listed["total"] == card["size"] == card["portrait"]["kpis"]["customers"] == len(listed["items"])
        assert card["traits"]
        assert set(card["recommendation"]) == {"type", "channel", "offer", "timing", "reason"}
        assert [abs(one["effect"]) for one in card["traits"]] == sorted(
            (abs(one["effect"]) for one in card["traits"]), reverse=True
        )
    kpis = found["cards"][0]["portrait"]["kpis"]
    assert kpis == {
        "customers": 4, "sales": 180.5, "each": 45.12, "basket": 25.79, "orders": 7, "frequency": 2.33, "recency": 15.3,
    }  # fmt: skip
    whole = found["portrait"]
    assert whole["kpis"]["customers"] == 8
    for name in ("outlets", "recency", "ages"):
        parts = zip(*(card["portrait"][name] for card in found["cards"]), whole[name], strict=True)
        assert all(a["customers"] + b["customers"] == both["customers"] for a, b, both in parts)
    assert [(one["name"], one["customers"]) for one in whole["outlets"]] == [
        ("Galle", 2), ("Jaffna", 1), ("Kandy", 2), ("", 3),
    ]  # fmt: skip
    told = found["model"]
    assert (told["version"], told["trained_on"], told["mode"]) == (1, 600, "discovery")
    assert told["verdict"]["yardstick"] == "silhouette"
    assert 0 < told["verdict"]["simple"] <= 1
    assert found["choices"]["outlets"] == ["Galle", "Jaffna", "Kandy"]
    assert (found["choices"]["age_from"], found["choices"]["age_to"]) == (20, 61)


@pytest.mark.req("O-4")
@pytest.mark.req("O-8")
@pytest.mark.parametrize(
    ("filters", "customers"),
    [
        ({"age_from": 25, "age_to": 45}, (2, 1)),
        ({"outlets": ["Galle", "Jaffna"]}, (1, 2)),
        ({"categories": ["luxury"]}, (0, 3)),
        ({"categories": ["fresh", "luxury"]}, (2, 3)),
        ({"last_within": 3}, (2, 1)),
        ({"last_over": 30}, (1, 1)),
        ({"last_over": 30, "last_within": 100}, (1, 0)),
        ({"outlets": "Kandy", "age_from": 30, "last_over": 3}, (1, 0)),
        ({"age_from": 100}, (0, 0)),
    ],
)
def test_filters_narrow_counts_cards_and_details_alike(
    ada: User, model: None, people: list[int], filters: dict[str, Any], customers: tuple[int, int]
) -> None:
    found = get(ada, "dashboard", **filters)
    assert tuple(card["portrait"]["kpis"]["customers"] for card in found["cards"]) == customers
    assert found["portrait"]["kpis"]["customers"] == sum(customers)
    assert found["total"] == 8
    assert found["message"] == ("" if any(customers) else NO_MATCH)
    for card in found["cards"]:
        detail = get(ada, card["segment"], **filters)
        assert detail["portrait"] == card["portrait"]
        assert detail["average"] == found["portrait"]
        reach = get(ada, f"{card['segment']}/reach", **filters)
        assert reach["steps"][0]["count"] == card["portrait"]["kpis"]["customers"]


@pytest.mark.req("O-4")
@pytest.mark.parametrize(
    ("filters", "field", "message"),
    [
        ({"age_from": 40, "age_to": 30}, "age_from", "The lowest age, 40, is above the highest, 30."),
        ({"outlets": ["Galle", "Oslo"]}, "outlets", "There is no outlet “Oslo”; leave it out."),
        ({"categories": "gifts"}, "categories", "There is no category “gifts”; leave it out."),
        ({"last_within": -1}, "last_within", "Give a whole number of days from 0 to 36,600."),
    ],
)
def test_filters_that_cannot_be_are_refused_by_name(
    ada: User, model: None, people: list[int], filters: dict[str, Any], field: str, message: str
) -> None:
    for path in ("dashboard", of("S1").pk, f"{of('S1').pk}/reach"):
        (error,) = get(ada, str(path), 422, **filters)["errors"]
        assert (error["field"], error["message"]) == (field, message)


@pytest.mark.req("O-4")
def test_what_the_data_do_not_have_cannot_be_filtered_by_and_says_why(ada: User, model: None) -> None:
    keys = customers({}, {})
    scored.write(learning.folder() / "scored.parquet", [Shopper(keys[0]), Shopper(keys[1])])
    scored.segments({"S1": keys})
    found = get(ada, "dashboard")
    choices, whole = found["choices"], found["portrait"]
    assert choices["no_age"] == "No customer's age is known."
    assert choices["no_outlet"] == "The data name no outlets."
    assert choices["no_last"] == "The data have no days of purchases."
    assert [whole[name] for name in ("outlets", "recency", "ages")] == [None] * 3
    assert whole["kpis"]["orders"] is whole["kpis"]["recency"] is None
    (error,) = get(ada, "dashboard", 422, last_within=3)["errors"]
    assert error["message"] == "The data have no days of purchases. Leave this filter out."


@pytest.mark.req("S-14")
def test_who_sees_own_customers_only_gets_their_numbers_and_the_actual_size(model: None, people: list[int]) -> None:
    bob = actors.user("Bob", customers_view=Level.OWNED)
    Customer.objects.filter(pk__in=people[1:4]).update(owner=bob)
    found = get(bob, "dashboard")
    assert (found["total"], found["size"]) == (3, 8)
    assert [(card["seen"], card["size"]) for card in found["cards"]] == [(2, 4), (1, 4)]
    assert found["portrait"]["kpis"]["sales"] == 50.5 + 30 + 999.99
    assert [(one["name"], one["customers"]) for one in found["portrait"]["outlets"]][:1] == [("Galle", 2)]
    assert get(bob, str(of("S1").pk), outlets="Kandy")["portrait"]["kpis"]["customers"] == 1


def test_ages_that_a_role_may_not_see_are_no_filter_and_no_chart(ada: User, model: None, people: list[int]) -> None:
    user = actors.user("Eve")
    customer_actions.limit_field(SYSTEM, "date_of_birth", [ada.role.key])
    found = get(user, "dashboard")
    assert found["portrait"]["ages"] is None
    assert (found["choices"]["age_from"], found["choices"]["no_age"]) == (None, "Your role may not see ages.")
    (error,) = get(user, "dashboard", 422, age_to=30)["errors"]
    assert error["message"] == "Your role may not see ages. Leave this filter out."
    assert get(ada, "dashboard")["portrait"]["ages"]


def test_traits_and_rules_about_ages_are_hidden_from_a_role_that_may_not_see_them(
    ada: User, model: None, people: list[int]
) -> None:
    user = actors.user("Eve")
    customer_actions.limit_field(SYSTEM, "date_of_birth", [ada.role.key])
    manifest = learning.folder() / "000001" / "manifest.json"
    facts = json.loads(manifest.read_bytes())
    told = next(one for one in facts["segments"] if one["key"] == "S1")
    told["traits"].insert(0, told["traits"][0] | {"feature": "age"})
    bounds = {"at_least": 29.5, "at_most": 40}
    told["rule"]["conditions"] = [{"feature": "age", "operator": key, "value": value} for key, value in bounds.items()]
    manifest.write_text(json.dumps(facts))
    told_ada, told_eve = get(ada, str(of("S1").pk)), get(user, str(of("S1").pk))
    assert [one["feature"] for one in told_ada["traits"]] == ["age", *(one["feature"] for one in told_eve["traits"])]
    assert told_ada["rule"]["said"] == [
        "Date of birth is more than 30 years ago", "Date of birth is in the last 41 years"
    ]  # fmt: skip
    assert told_eve["rule"]["rule"] is None
    assert "a field that your role may not see" in told_eve["rule"]["words"]
    assert get(user, "dashboard")["cards"][0]["traits"][0]["feature"] != "age"


@pytest.mark.req("O-3")
def test_each_state_of_the_model_is_told(ada: User, trained: Path) -> None:
    assert get(ada, "dashboard")["state"] == "untrained"
    shutil.copytree(trained, learning.folder())
    assert get(ada, "dashboard")["state"] == "undeployed"
    learning.versions().deploy(1, "Ada", now())
    assert get(ada, "dashboard")["state"] == "unscored"
    keys = customers({}, {})
    scored.write(learning.folder() / "scored.parquet", [Shopper(key) for key in keys])
    segment = scored.segments({"S1": keys})["S1"]
    assert get(ada, "dashboard")["state"] == "ready"
    queue(segment, cause=Cause.MODEL, listed=BitMap())
    found = get(ada, "dashboard")
    assert (found["state"], found["cards"][0]["ready"], found["cards"][0]["size"]) == ("scoring", False, 2)
    (learning.folder() / "000001" / "model.npz").write_bytes(b"no")
    found = get(ada, "dashboard")
    assert found["state"] == "damaged"
    assert "deploy another version, or train again" in found["problem"]
    assert found["cards"][0]["recommendation"]


@pytest.mark.req("O-3")
def test_traits_say_the_numbers_that_stand_beside_them_and_nothing_that_these_customers_are_not(
    ada: User, model: None, people: list[int]
) -> None:
    seen = set()
    for told in learning.versions().manifest(1)["segments"]:
        segment = Segment.objects.filter(model_key=told["key"]).first()
        if segment is None:
            continue
        detail = get(ada, str(segment.pk))
        strengths = {one["feature"]: one["effect"] for one in told["traits"]}
        for trait in detail["traits"]:
            for side, of in (("value", "portrait"), ("average", "average")):
                kpis = detail[of]["kpis"]
                beside = {f"share of {one['name']}": one["share"] for one in detail[of]["categories"]} | {
                    "spend": kpis["each"], "frequency": kpis["frequency"], "recency": kpis["recency"],
                    "basket": kpis["basket"],
                }  # fmt: skip
                assert trait[side] == beside[trait["feature"]]
            assert trait["effect"] == strengths[trait["feature"]]
            assert (trait["value"] - trait["average"]) * trait["effect"] > 0
            seen.add(trait["feature"])
    assert {"spend"} < seen


@pytest.mark.req("O-5")
def test_the_readable_rule_opens_in_the_rule_builder(ada: User, model: None, people: list[int]) -> None:
    seen = set()
    for told in learning.versions().manifest(1)["segments"]:
        segment = (
            Segment.objects.filter(model_key=told["key"]).first() or scored.segments({told["key"]: []})[told["key"]]
        )
        detail = get(ada, str(segment.pk))
        assert detail["recommendation"] == told["recommendation"]
        rule = detail["rule"]
        assert 0.5 < rule["fidelity"] <= 1
        features = {one["feature"] for one in told["rule"]["conditions"]}
        assert len(rule["said"]) + len(rule["unsaid"]) >= len(features)
        assert rule["unsaid"] == []
        previewed = Browser(ada).ask("POST", "/preview", {"rule": rule["rule"]})
        assert previewed["total"] == 8
        seen |= {one["measure"] for group in rule["rule"]["groups"] for one in group["conditions"] if "measure" in one}
    assert "share" in seen


@pytest.mark.req("O-5")
def test_two_segments_are_compared_under_the_same_filters(ada: User, model: None, people: list[int]) -> None:
    one, other = str(of("S1").pk), str(of("S2").pk)
    found = get(ada, "compare", a=one, b=other, age_from=30)
    assert found["a"] == get(ada, one, age_from=30)
    assert found["b"] == get(ada, other, age_from=30)
    assert found["a"]["portrait"]["kpis"]["customers"] == 1
    assert get(ada, "compare", 404, a=one, b="01990000-0000-7000-8000-000000000000")


def test_only_active_discovered_segments_have_a_detail(ada: User, model: None, people: list[int]) -> None:
    Segment.objects.filter(model_key="S1").update(archived_at=now())
    get(ada, str(of("S1").pk), 404)
    assert [card["key"] for card in get(ada, "dashboard")["cards"]] == ["S2"]
    assert get(ada, "dashboard")["cards"][0]["colour"] == 1


def test_without_the_permission_there_is_no_dashboard(people: list[int]) -> None:
    eve = actors.user("Eve", customers_segment_view=Level.DISABLED)
    get(eve, "dashboard", 403)
    get(eve, str(of("S1").pk), 403)
