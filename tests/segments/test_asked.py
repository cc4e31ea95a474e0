"""A rule's value is read as the field keeps it: what is written otherwise finds the same people, or is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import Organisation
from ceap.core import changelog
from ceap.customers.actions import add_field, create
from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from ceap.kit.clock import now
from ceap.segments.models import Segment
from ceap.segments.queries import checked
from tests import actors
from tests.segments.people import Browser, on, rule

pytestmark = pytest.mark.django_db
ANN = {
    "customer_id": "Q7", "full_name": "Ann B\u00e9 Lee", "phone": "+6281299990001", "email": "ann@exämple.test",
    "sex": "f", "city": "K\u00f6ln", "own_place": "-6.20,106.80", "own_colour": "red", "own_tags": "red;green",
    "own_note": "two  blanks",
}  # fmt: skip
FINDS: list[tuple[str, str, Any, str]] = [
    ("phone", "is", "0812-9999-0001", "“+6281299990001”"),
    ("phone", "is", "0062 812 9999 0001", "“+6281299990001”"),
    ("phone", "contains", "812-9999", "“8129999”"),
    ("phone", "contains", "0812 99", "“81299”"),
    ("phone", "starts_with", "0812", "“+62812”"),
    ("phone", "ends_with", "99-0001", "“990001”"),
    ("email", "is", "ANN@xn--exmple-cua.test", "“ANN@exämple.test”"),
    ("customer_id", "is", " q7 ", "“q7”"),
    ("sex", "is", "F", "“Female”"),
    ("full_name", "is", "Ann  Be\u0301  Lee", "“Ann Bé Lee”"),
    ("full_name", "contains", "ann  be\u0301", "“ann bé”"),
    ("city", "is", "Ko\u0308ln ", "“Köln”"),
    ("c_own_place", "is", "-6.20, 106.80", "“-6.2,106.8”"),
    ("c_own_colour", "is", "RED", "“red”"),
    ("c_own_tags", "is", ["GREEN", "red", "Red"], "“green”, “red”"),
    ("c_own_note", "contains", "two  blanks", "“two  blanks”"),
]
REFUSED: list[tuple[str, str, Any, str]] = [
    ("phone", "is", "555-2671", "Phone number is not a phone number that any country has given out."),
    ("phone", "contains", "Ann", "Phone number is no part of a phone number, which has digits and a + in front."),
    ("email", "is", "ann@example", "Email is not an email address: "),
    ("sex", "is", "X", "Sex is not one of Female, Male."),
    ("time_zone", "is", "Berlin", "Time zone is not a time zone such as Europe/London."),
    ("c_own_colour", "is", "blue", "Own colour is not one of red, green."),
    ("c_own_place", "is", "Jakarta", "Own place is not a point such as "),
    ("full_name", "is", "  ", "Full name is compared with blanks alone; fill in a value, or choose “is empty”."),
]


@pytest.fixture
def browser() -> Browser:
    Organisation.objects.update_or_create(id=1, defaults={"settings": {"default_region": "ID"}})
    for label, type in (("Own place", "gps"), ("Own note", "multiline")):
        add_field(SYSTEM, label, type)
    for label, type in (("Own colour", "dropdown"), ("Own tags", "multiple")):
        add_field(SYSTEM, label, type, options=["red", "green"])
    create(SYSTEM, ANN)
    create(SYSTEM, {"customer_id": "other", "full_name": "Ann"})
    warehouse().sync()
    return Browser(actors.user())


def test_people_are_found_however_a_value_is_written(browser: Browser) -> None:
    for field, operator, value, words in FINDS:
        found = browser.ask("POST", "/preview", {"rule": rule(on(field, operator, value))})
        assert (found["matched"], words in found["sentence"]) == (1, True), (field, value, found["sentence"])


def test_what_nobody_can_have_is_refused_with_the_reason(browser: Browser) -> None:
    for field, operator, value, reason in REFUSED:
        answer = browser.ask("POST", "/preview", {"rule": rule(on(field, operator, value))}, 422)
        (error,) = answer["errors"]
        assert error["field"] == "groups.0.conditions.0.value"
        assert error["message"].startswith(reason), (field, value, error)
    assert not Segment.objects.exists()


def test_a_rule_saved_before_still_runs(browser: Browser) -> None:
    kept = checked(rule(on("phone", "is", "555-2671"))).groups[0].conditions[0]
    assert kept.value == "555-2671"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["a.b", "$c", "$.a", "it's", "a/b~c", "which one?", "[0]", "*", "e\u0301", "x" * 120])
def test_a_property_that_is_accepted_can_be_asked_for(browser: Browser, name: str) -> None:
    import json

    from ceap.edge.wire import check, parse

    key = Customer.objects.values_list("pk", flat=True)[0]
    (event,) = parse(json.dumps([{"event": "e", "customer": {"id": key}, "properties": {name: "yes"}}]).encode())
    check([event], now())
    with connection.cursor() as cursor:
        entry = changelog.event("e", key, at=now(), props=event.properties)
        changelog.append(cursor, [entry], connection.vendor)
    warehouse().sync()
    narrowed = {"on": f"prop:{name}", "operator": "is", "value": "yes"}
    did = {"kind": "behaviour", "behaviour": "did", "event": "e", "times": 1, "filters": [narrowed]}
    assert browser.ask("POST", "/preview", {"rule": rule(did)})["matched"] == 1


@pytest.mark.parametrize("name", ["", " ", 'a"b', "a\\b", "a\nb", "x" * 121])
def test_a_property_that_cannot_be_asked_for_is_refused_at_every_door(browser: Browser, name: str) -> None:
    import json

    from ceap.edge.wire import check, parse
    from ceap.kit.problem import Invalid
    from tests.connectors.bringing import bring

    words = 'The name of a property has 1 to 120 characters that can be seen, without " and \\.'
    said = [{"event": "e", "customer": {"id": 1}}, {"event": "e", "customer": {"id": 1}, "properties": {name: 1}}]
    with pytest.raises(Invalid) as refusal:
        check(parse(json.dumps(said).encode()), now())
    assert [(e.field, e.message) for e in refusal.value.errors] == [(f"[1].properties.{name}"[:84], words)]
    with pytest.raises(Invalid) as refusal:
        bring("event,at,x\ne,2026-01-01,1\n", {"event": "name", "at": "at", "x": f"prop:{name}"}, target="events")
    assert [e.message for e in refusal.value.errors] == [words]
    narrowed = {"on": f"prop:{name}", "operator": "is", "value": "yes"}
    did = {"kind": "behaviour", "behaviour": "did", "event": "e", "times": 1, "filters": [narrowed]}
    answer = browser.ask("POST", "/preview", {"rule": rule(did)}, 422)
    assert [e["message"] for e in answer["errors"]] == [words]
