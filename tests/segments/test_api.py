"""Segments over HTTP, on the real store and the real warehouse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry, Organisation, User
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.segments import actions, queries
from ceap.segments.contracts import NO_RECALCULATION, NO_RULE, NOT_READY, Build
from ceap.segments.models import MembershipVersion, Segment
from tests import actors
from tests.segments.people import WHATSAPP, Browser, customers, on, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return actors.user()


@pytest.fixture
def browser(ada: User) -> Browser:
    return Browser(ada)


def build() -> dict[str, int]:
    return actions.build_pending()


def errors(body: dict[str, Any]) -> dict[str, str]:
    return {e["field"]: e["message"] for e in body["errors"]}


@pytest.mark.req("S-5")
def test_a_preview_counts_everything_exactly_in_one_answer(browser: Browser) -> None:
    ids = customers(
        {"source": "WhatsApp", "city": "Galle"}, {"source": "whatsapp"}, {"source": "Web", "city": "Galle"}, {}
    )
    both = rule(on("source", "is", "WhatsApp"), on("city", "is", "galle"), join="or")
    found = browser.ask("POST", "/preview", {"rule": both})
    assert (found["total"], found["matched"], found["conditions"]) == (4, 3, [[2, 2]])
    assert found["sentence"] == "Source is “WhatsApp” or City is “galle”"
    assert {one["id"] for one in found["sample"]} == set(ids[:3])


def test_a_preview_of_nobody_is_zero(browser: Browser) -> None:
    found = browser.ask("POST", "/preview", {"rule": WHATSAPP})
    assert (found["total"], found["matched"], found["sample"]) == (0, 0, [])


@pytest.mark.req("S-6", "S-11")
def test_a_created_segment_is_queued_then_ready_with_count_list_and_bitmap_agreeing(browser: Browser) -> None:
    ids = customers({"source": "WhatsApp", "email": "a@b.example"}, {"source": "Web"}, {"source": "WHATSAPP"})
    made = browser.ask("POST", "", {"name": " Fans ", "description": "d", "rule": WHATSAPP}, 201)
    assert (made["name"], made["status"], made["ready"], made["reason"]) == ("Fans", "queued", False, NOT_READY)
    assert made["size"] is None
    assert Job.objects.filter(kind="segments.recalculate", state="queued").count() == 1
    assert build() == {"ready": 1, "failed": 0, "dropped": 0}
    ready = browser.ask("GET", f"/{made['id']}")
    assert (ready["status"], ready["ready"], ready["size"], ready["percent"]) == ("ready", True, 2, 66.7)
    assert ready["email"] == {"count": 1, "percent": 50.0}
    page = browser.ask("GET", f"/{made['id']}/members")
    version = queries.current(made["id"])
    assert version is not None
    assert [p["id"] for p in page["items"]] == list(queries.members(version)) == [ids[0], ids[2]]
    assert len(queries.members(version)) == version.size == page["total"] == 2
    assert browser.ask("GET", "")["items"][0]["size"] == 2
    entry = AuditEntry.objects.get(verb="segments.create")
    assert (entry.object_name, entry.after["rule"]["groups"][0]["conditions"][0]["value"]) == ("Fans", "WhatsApp")  # type: ignore[index]


@pytest.mark.req("S-11")
def test_an_edit_serves_the_previous_version_until_the_new_one_is_whole(browser: Browser) -> None:
    customers({"source": "WhatsApp"}, {"source": "Web"}, {"source": "Web"})
    made = browser.ask("POST", "", {"name": "A", "rule": WHATSAPP}, 201)
    build()
    changed = browser.ask("PUT", f"/{made['id']}", {"name": "B", "rule": rule(on("source", "is", "Web"))})
    assert (changed["status"], changed["ready"], changed["size"]) == ("queued", False, 1)
    assert changed["reason"] == "Segment is still being recalculated, please wait"
    build()
    after = browser.ask("GET", f"/{made['id']}")
    assert (after["status"], after["size"], after["version"]["number"]) == ("ready", 2, 2)
    listed = browser.ask("GET", f"/{made['id']}/versions")["items"]
    assert [(v["number"], v["size"], v["entered"], v["left"]) for v in listed] == [(2, 2, 2, 1)]


def test_an_edit_of_what_somebody_else_changed_is_refused_and_changes_nothing(browser: Browser) -> None:
    made = browser.ask("POST", "", {"name": "A", "rule": WHATSAPP}, 201)
    body = {"name": "B", "rule": WHATSAPP, "rule_version": 1}
    assert browser.ask("PUT", f"/{made['id']}", body)["rule_version"] == 2
    before = list(MembershipVersion.objects.values())
    refused = browser.ask("PUT", f"/{made['id']}", body | {"name": "C"}, 409)
    assert "Somebody else changed" in refused["detail"]
    assert Segment.objects.get().name == "B"
    assert list(MembershipVersion.objects.values()) == before


@pytest.mark.req("S-4")
def test_what_is_over_the_limits_is_refused_and_names_the_place(browser: Browser) -> None:
    one = on("source", "is", "x")
    four = {"groups": [{"conditions": [one] * 4}, {"conditions": [one]}, {"conditions": [one]}]}
    refused = errors(browser.ask("POST", "", {"name": "A", "rule": four}, 422))
    assert refused == {
        "groups": "A rule has at most 2 groups; this one has 3.",
        "groups.0.conditions": "A group has at most 3 conditions; this one has 4.",
    }
    assert not Segment.objects.exists()
    Organisation.objects.create(settings={"segment_conditions_per_group": 4, "segment_groups": 3})
    assert browser.ask("GET", "/menu")["limits"] == {"conditions": 4, "groups": 3}
    browser.ask("POST", "", {"name": "A", "rule": four}, 201)


@pytest.mark.parametrize(
    ("condition", "field", "words"),
    [
        (on("nothing", "is", "x"), "field", "does not exist, was retired, or is hidden"),
        (on("source", "greater", 3), "operator", "cannot be compared"),
        (on("lifetime_earned", "equals", "3"), "value", "Give a number, not text."),
        (on("lifetime_earned", "equals", True), "value", "Give a number, not text."),
        (on("lifetime_earned", "equals", 1.23456), "value", "four decimals"),
        (on("lifetime_earned", "between", [5, 1]), "value", "wrong way round"),
        (on("lifetime_earned", "between", [5, "x"]), "value.1", "Give a number"),
        (on("date_of_birth", "between", ["2020-02-01", "2020-01-01"]), "value", "wrong way round"),
        (on("date_of_birth", "on", "2020-02-30"), "value", "YYYY-MM-DD"),
        (on("created_at", "in_last", {"count": 0, "unit": "days"}), "value.count", "at least 1"),
        (on("created_at", "in_last", {"count": 10**9, "unit": "days"}), "value.count", "at most"),
        (on("created_at", "in_last", {"count": 5, "unit": "moons"}), "value.unit", "Choose one of"),
        (on("full_name", "is", "x" * 10_000), "value", "at most 1,000 characters; these are 10,000"),
        (on("full_name", "is", ""), "value", "Fill in a value"),
        (on("full_name", "is_empty", "x"), "value", "takes no value"),
        ({"kind": "behaviour", "behaviour": "did", "times": 1}, "event", "Choose which event"),
        ({"kind": "behaviour", "behaviour": "purchased", "times": 0}, "times", "at least 1"),
        ({"kind": "behaviour", "behaviour": "purchased"}, "times", "Fill this in"),
        ({"kind": "behaviour", "behaviour": "purchased", "times": "3"}, "times", "whole number"),
        (
            {"kind": "behaviour", "behaviour": "purchased", "times": 1, "filters": [{"on": "campaign", "value": "x"}]},
            "filters.0.on", "can be narrowed by",
        ),
        ({"kind": "sql"}, "", "of the kind"),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_refused_with_its_path(browser: Browser, condition: Any, field: str, words: str) -> None:
    wrong = rule(on("source", "is", "ok"), condition)
    path = "groups.0.conditions.1" + (f".{field}" if field else "")
    for url, body in (
        ("", {"name": "A", "rule": wrong}),
        ("/preview", {"rule": wrong}),
        ("/sentence", {"rule": wrong}),
    ):
        refused = errors(browser.ask("POST", url, body, 422))
        assert list(refused) == [path]
        assert words in refused[path]
    assert not Segment.objects.exists()
    assert not Job.objects.exists()


def test_a_character_that_cannot_be_kept_is_refused_by_its_place_in_the_body(browser: Browser) -> None:
    wrong = rule(on("source", "is", "ok"), on("full_name", "is", "a\0b"))
    refused = errors(browser.ask("POST", "/preview", {"rule": wrong}, 422))
    assert list(refused) == ["rule.groups.0.conditions.1.value"]
    assert "a zero character" in refused["rule.groups.0.conditions.1.value"]


@pytest.mark.parametrize("bad", [None, [], "x", {}, {"groups": []}, {"groups": [{"conditions": []}]}, {"groups": [1]}])
def test_what_is_no_rule_is_refused(browser: Browser, bad: Any) -> None:
    assert browser.ask("POST", "/preview", {"rule": bad}, 422)["errors"]


@pytest.mark.req("S-6")
def test_names_and_descriptions_have_their_lengths(browser: Browser) -> None:
    body = {"name": "x" * 61, "description": "y" * 251, "rule": {"groups": []}}
    assert set(errors(browser.ask("POST", "", body, 422))) == {"name", "description", "groups"}
    assert set(errors(browser.ask("POST", "", {"name": "  ", "rule": WHATSAPP}, 422))) == {"name"}
    browser.ask("POST", "", {"name": "x" * 60, "description": "y" * 250, "rule": WHATSAPP}, 201)


@pytest.mark.req("S-8")
def test_a_copy_of_a_long_name_is_cut_to_fit(browser: Browser) -> None:
    made = browser.ask("POST", "", {"name": "n" * 60, "rule": WHATSAPP}, 201)
    copy = browser.ask("POST", f"/{made['id']}/duplicate", expect=201)
    assert copy["name"] == "Copy of " + "n" * 52
    assert copy["rule"] == made["rule"]
    assert copy["status"] == "queued"


@pytest.mark.req("S-8")
def test_an_archived_segment_leaves_the_list_and_cannot_be_edited_or_used_until_it_is_back(browser: Browser) -> None:
    made = browser.ask("POST", "", {"name": "Old one", "rule": WHATSAPP}, 201)
    assert browser.ask("POST", f"/{made['id']}/archive")["archived"] is True
    assert build() == {"ready": 0, "failed": 0, "dropped": 0}
    assert browser.ask("GET", "")["items"] == []
    assert [s["id"] for s in browser.ask("GET", "?archived=true")["items"]] == [made["id"]]
    for verb, path, body in (
        ("PUT", "", {"name": "B", "rule": WHATSAPP}), ("POST", "/archive", None), ("POST", "/recalculate", None),
    ):  # fmt: skip
        browser.ask(verb, f"/{made['id']}{path}", body, 409)
    assert Segment.objects.get().name == "Old one"
    assert browser.ask("GET", f"/{made['id']}")["reason"] == "This segment is archived; unarchive it first."
    back = browser.ask("POST", f"/{made['id']}/unarchive")
    assert (back["archived"], back["status"]) == (False, "queued")
    browser.ask("POST", f"/{made['id']}/unarchive", expect=409)


@pytest.mark.req("S-7")
def test_the_list_searches_from_three_characters_filters_by_creation_and_pages(browser: Browser) -> None:
    for n in range(7):
        browser.ask("POST", "", {"name": f"Loyal {n}" if n % 2 else f"Lapsed {n}", "rule": WHATSAPP}, 201)
    assert [s["name"] for s in browser.ask("GET", "?search=LOYAL")["items"]] == ["Loyal 5", "Loyal 3", "Loyal 1"]
    assert errors(browser.ask("GET", "?search=lo", expect=422)) == {"search": "Type at least 3 characters."}
    assert browser.ask("GET", "?search=l%25y")["items"] == []
    seen, cursor = [], ""
    while True:
        page = browser.ask("GET", f"?limit=3{cursor}")
        seen += [s["name"][-1] for s in page["items"]]
        assert page["total"] == 7
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == list("6543210")
    newest = Segment.objects.order_by("-created_at").first()
    assert newest
    Segment.objects.exclude(pk=newest.pk).update(created_at=now() - timedelta(days=9))
    since = (now() - timedelta(days=7)).isoformat().replace("+00:00", "Z")
    assert len(browser.ask("GET", f"?created_from={since}")["items"]) == 1
    assert len(browser.ask("GET", f"?created_before={since}")["items"]) == 6
    browser.ask("GET", "?cursor=rubbish", expect=422)


@pytest.mark.req("S-14")
def test_who_sees_only_owned_customers_sees_the_actual_size_and_the_own_members(browser: Browser) -> None:
    agent = actors.user("Bea", customers_view=Level.OWNED)
    ids = customers(*({"source": "WhatsApp", "owner": agent if n % 3 == 0 else None} for n in range(9)))
    made = browser.ask("POST", "", {"name": "A", "rule": WHATSAPP}, 201)
    build()
    hers = Browser(agent)
    page = hers.ask("GET", f"/{made['id']}/members?limit=2")
    assert (page["total"], page["seen"], page["note"]) == (9, 3, "You see 3 of 9: only customers you own.")
    rest = hers.ask("GET", f"/{made['id']}/members?limit=2&cursor={page['next']}")
    assert [p["id"] for p in page["items"] + rest["items"]] == ids[::3]
    assert rest["next"] is None
    found = hers.ask("POST", "/preview", {"rule": WHATSAPP})
    assert (found["matched"], found["of"], {p["id"] for p in found["sample"]}) == (3, "owned", set(ids[::3]))
    assert hers.ask("GET", f"/{made['id']}")["size"] == 9
    hers.ask("POST", "/why", {"rule": WHATSAPP, "customer": ids[1]}, 404)
    assert hers.ask("GET", "/suggestions?on=source")[0]["count"] == 3
    everybody = browser.ask("GET", f"/{made['id']}/members?limit=500")
    assert (len(everybody["items"]), everybody["note"]) == (9, "")


@pytest.mark.req("S-14")
def test_who_may_see_no_customers_sees_no_members(browser: Browser) -> None:
    customers({"source": "WhatsApp"})
    made = browser.ask("POST", "", {"name": "A", "rule": WHATSAPP}, 201)
    build()
    blind = Browser(actors.user("Cy", customers_view=Level.DISABLED))
    blind.ask("GET", f"/{made['id']}/members", expect=403)
    assert blind.ask("POST", "/preview", {"rule": WHATSAPP})["sample"] == []
    assert blind.ask("GET", "/suggestions?on=source") == []
    assert blind.ask("GET", "/suggestions?on=event") == []


@pytest.mark.req("S-15")
def test_an_owner_of_segments_neither_sees_nor_changes_those_of_others(browser: Browser) -> None:
    made = browser.ask("POST", "", {"name": "A", "rule": WHATSAPP}, 201)
    other = Browser(actors.user("Dan", customers_segment_view=Level.OWNED))
    assert other.ask("GET", "")["items"] == []
    for verb, path in (("GET", ""), ("POST", "/archive"), ("POST", "/duplicate"), ("GET", "/members")):
        other.ask(verb, f"/{made['id']}{path}", expect=404)
    reader = Browser(actors.user("Eve", customers_segment_manage=Level.OWNED, customers_segment_archived=Level.OWNED))
    reader.ask("PUT", f"/{made['id']}", {"name": "B", "rule": WHATSAPP}, 403)
    reader.ask("POST", f"/{made['id']}/archive", expect=403)
    assert Segment.objects.get().name == "A"
    allowed = reader.ask("GET", f"/{made['id']}")["allowed"]
    assert allowed == {"edit": False, "archive": False, "duplicate": True, "recalculate": False, "reasons": {}}


@pytest.mark.req("S-2")
def test_suggestions_come_from_the_data_most_frequent_first(browser: Browser) -> None:
    customers(*({"city": c} for c in ["Galle", "Galle", "Kandy", "100%", "O'Neil", "Straße", ""]))
    assert [s["value"] for s in browser.ask("GET", "/suggestions?on=city")] == [
        "Galle", "100%", "Kandy", "O'Neil", "Straße"
    ]  # fmt: skip
    assert [s["value"] for s in browser.ask("GET", "/suggestions?on=city&search=STRASSE")] == ["Straße"]
    assert [s["value"] for s in browser.ask("GET", "/suggestions?on=city&search=%25")] == ["100%"]
    assert [s["value"] for s in browser.ask("GET", "/suggestions?on=sex")] == ["Female", "Male"]
    assert [s["label"] for s in browser.ask("GET", "/suggestions?on=owner&search=ad")] == ["Ada"]
    browser.ask("GET", "/suggestions?on=nothing", expect=422)


@pytest.mark.req("S-1")
def test_why_shows_each_condition_with_the_value_seen(browser: Browser, ada: User) -> None:
    ids = customers({"source": "Web", "owner": ada, "lifetime_earned": 12.5}, {})
    asked = {
        "join": "or",
        "groups": [
            {"conditions": [on("source", "is", "WhatsApp"), on("owner", "is", ada.pk)]},
            {"conditions": [on("lifetime_earned", "between", [12, 13])]},
        ],
    }
    found = browser.ask("POST", "/why", {"rule": asked, "customer": ids[0]})
    assert found["matches"] is True
    assert [[(c["words"], c["holds"], c["value"]) for c in group] for group in found["groups"]] == [
        [("Source is “WhatsApp”", False, "Web"), ("Owner is Ada", True, "Ada")],
        [("Total lifetime earned is between 12 and 13", True, 12.5)],
    ]
    assert browser.ask("POST", "/why", {"rule": asked, "customer": ids[1]})["matches"] is False
    browser.ask("POST", "/why", {"rule": asked, "customer": 10**9}, 404)
    made = browser.ask("POST", "", {"name": "A", "rule": asked}, 201)
    build()
    assert browser.ask("GET", f"/{made['id']}/customers/{ids[0]}")["member"] is True
    assert browser.ask("GET", f"/{made['id']}/customers/{ids[1]}")["member"] is False


def test_the_menu_offers_every_operator_of_the_table(browser: Browser) -> None:
    fields = {f["key"]: f for f in browser.ask("GET", "/menu")["fields"]}
    assert [o["key"] for o in fields["full_name"]["operators"]] == [
        "is", "is_not", "contains", "not_contains", "starts_with", "ends_with", "is_empty", "is_not_empty"
    ]  # fmt: skip
    assert [o["key"] for o in fields["created_by"]["operators"]] == [
        "is", "is_not", "contains", "not_contains", "is_empty", "is_not_empty"
    ]  # fmt: skip
    assert fields["source"]["suggests"] is True


def test_a_rule_whose_field_was_retired_fails_and_says_why_while_the_last_version_serves(browser: Browser) -> None:
    made = browser.ask("POST", "", {"name": "A", "rule": WHATSAPP}, 201)
    other = browser.ask("POST", "", {"name": "B", "rule": WHATSAPP}, 201)
    build()
    bad = rule(on("c_gone", "is", "x"))
    segment = Segment.objects.get(pk=made["id"])
    segment.rule = bad
    segment.save()
    for row in Segment.objects.all():
        actions.queue(row)
    assert build() == {"ready": 1, "failed": 1, "dropped": 0}
    seen = browser.ask("GET", f"/{made['id']}")
    assert (seen["status"], seen["ready"], seen["size"]) == ("failed", False, 0)
    assert "c_gone" in seen["error"]
    assert "c_gone" in seen["problem"]
    assert seen["version"]["state"] == Build.READY
    assert browser.ask("GET", f"/{other['id']}")["status"] == "ready"


@pytest.mark.req("S-8")
@pytest.mark.parametrize("kind", ["static", "discovered"])
def test_what_a_kind_of_segment_cannot_do_is_said_with_the_reason_that_the_refusal_gives(
    browser: Browser, kind: str
) -> None:
    row = Segment.objects.create(name="Kin", kind=kind, model_key="k", created_at=now(), updated_at=now())
    allowed = browser.ask("GET", f"/{row.pk}")["allowed"]
    assert [item["allowed"] for item in browser.ask("GET", "")["items"]] == [allowed]
    assert (allowed["edit"], allowed["archive"], allowed["duplicate"], allowed["recalculate"]) == (
        True, True, False, False,
    )  # fmt: skip
    refused = browser.ask("POST", f"/{row.pk}/duplicate", expect=409)["detail"]
    assert allowed["reasons"] == {"duplicate": refused, "recalculate": NO_RECALCULATION[kind]}
    renamed = browser.ask("PUT", f"/{row.pk}", {"name": "Renamed", "rule": {}})
    assert (renamed["name"], renamed["rule_version"]) == ("Renamed", 2)
    assert NO_RULE[kind] in browser.ask("PUT", f"/{row.pk}", {"name": "x", "rule": WHATSAPP}, 422)["detail"]
    reader = Browser(actors.user("Eve", level=Level.DISABLED, customers_segment_view=Level.ALL))
    assert reader.ask("GET", f"/{row.pk}")["allowed"]["reasons"] == {}
