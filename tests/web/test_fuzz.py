"""No input makes an answer of 5xx: every operation is called with what no client means to send."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from ceap.campaigns.rules import Schedule
from ceap.kit import pagination
from ceap.kit.problem import Invalid
from tests import actors, mutations
from tests.document import document
from tests.permissions_table import TABLE
from tests.test_permissions import OPERATIONS, browser, row

pytestmark = pytest.mark.django_db
SCHEMA = document()


def named(operation: str) -> tuple[list[str], list[str]]:
    """The names of the operation's query parameters and of its body's fields."""
    method, path = operation.split(" ", 1)
    about = SCHEMA["paths"][path][method.lower()]
    query = [p["name"] for p in about.get("parameters", []) if p["in"] == "query"]
    content = about.get("requestBody", {}).get("content", {})
    schema: Any = next(iter(content.values()), {"schema": {}}).get("schema", {})
    if ref := schema.get("$ref"):
        schema = SCHEMA["components"]["schemas"][ref.rpartition("/")[2]]
    return query, list(schema.get("properties", {}))


def requests(chance: random.Random, operation: str, values: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """`count` requests as keyword arguments of `Client.generic`."""
    rule, (method, path) = TABLE[operation], operation.split(" ", 1)
    query, fields = named(operation)
    body = rule.body(values) if callable(rule.body) else rule.body
    for _ in range(count):
        here, asked = dict(values), rule.query
        kind = chance.choice("bbbbbqqrpp" if method != "GET" else "qqqqrp")
        if kind == "p":
            here = {k: chance.choice((*mutations.WORDS, "0", "x")) for k in here}
        if kind == "q" and query:
            name = chance.choice(query)
            word = chance.choice(mutations.CURSORS if name == "cursor" else mutations.WORDS)
            asked += ("&" if "?" in asked else "?") + f"{name}={word}"
        url = path.format(**here) + asked.format(**values)
        sent = {"data": b"", "content_type": "application/json"}
        if kind == "r":
            sent = dict(zip(("content_type", "data"), chance.choice(mutations.RAW), strict=True))
        elif method != "GET" and not rule.files:
            sent["data"] = mutations.mutated(chance, body or {}, fields)
        yield {"method": method, "path": url} | sent


def answer(client: Client, request: dict[str, Any]) -> tuple[int, bytes]:
    """The status and the beginning of the answer; whatever it changed is taken back."""
    with transaction.atomic():
        response: Any = client.generic(**request)
        text = b"" if response.streaming else response.content[:300]
        if response.streaming and response.status_code == 200 and not response.is_async:
            list(response)
        transaction.set_rollback(True)
    return response.status_code, text


def hunt(operation: str, count: int, seed: int) -> None:
    user = actors.user("Fuzz")
    client, values = browser(user), row(TABLE[operation], user)
    chance = random.Random(zlib.crc32(operation.encode()) + seed)
    for request in requests(chance, operation, values, count):
        status, text = answer(client, request)
        shown = {k: v[:300] for k, v in request.items()}
        assert status < 500, f"{status} {text!r} to {shown}"


@pytest.mark.parametrize("operation", [op for op in OPERATIONS if op in TABLE])
def test_no_input_makes_an_internal_error(operation: str) -> None:
    hunt(operation, 3, 0)


@pytest.mark.soak
@pytest.mark.parametrize("operation", [op for op in OPERATIONS if op in TABLE])
def test_no_input_of_many_makes_an_internal_error(operation: str) -> None:
    for round in range(10):
        with transaction.atomic():  # each round has its own user and rows
            hunt(operation, 40, round)
            transaction.set_rollback(True)


FORMS = ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=b; charset=nope"]


@pytest.mark.parametrize("content_type", FORMS)
@pytest.mark.parametrize("path", ["/api/connectors/imports", "/api/customers"])
def test_a_form_that_cannot_be_read_is_a_refusal_in_words(path: str, content_type: str) -> None:
    answer = browser(actors.user("Fuzz")).generic("POST", path, b"x", content_type)
    assert answer.status_code in (400, 422)
    assert answer.json()["title"] in ("This request is damaged", "Some fields need attention")


def send(method: str, path: str, body: bytes) -> tuple[int, list[Any]]:
    answer = browser(actors.user("Fuzz")).generic(method, path, body, "application/json")
    return answer.status_code, [e["field"] for e in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [(rb'{"values": {"full_name": "\\ud800"}}', 422, ["values.full_name"]),
     (rb'{"values": {"full_name": "a\\u0000b"}}', 422, ["values.full_name"]),
     (b'{"values": {"full_name": 1e400, "score": NaN}}', 400, []),
     (b'{"values": {"score": 1' + b"0" * 30 + b"}}", 422, ["values.score"]),
     (b'{"values": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", 400, [])],
)  # fmt: skip
def test_what_no_store_can_keep_is_refused_by_its_name(body: bytes, status: int, fields: list[str]) -> None:
    assert send("POST", "/api/customers", body.replace(b"\\\\", b"\\")) == (status, fields)


def test_a_customer_id_of_another_customer_is_a_conflict_on_create_and_update() -> None:
    client = browser(actors.user("Fuzz"))

    def add(**values: str) -> Any:
        return client.post("/api/customers", {"values": values}, content_type="application/json")

    assert add(customer_id="C-1").status_code == 201
    assert (again := add(customer_id="C-1")).status_code == 409
    assert [e["field"] for e in again.json()["errors"]] == ["customer_id"]
    other = add(customer_id="C-2").json()["id"]
    changed = client.patch(
        f"/api/customers/{other}", {"values": {"customer_id": "C-1"}}, content_type="application/json"
    )
    assert changed.status_code == 409


def test_a_cursor_that_the_product_did_not_make_is_refused() -> None:
    good = pagination.encode("items", ["a", 1])
    assert pagination.decode("items", good) == ["a", 1]
    other = pagination.encode("users", ["a", 1])
    for cursor in (*mutations.CURSORS, other, good[:-1], "A" + pagination.encode("items", ["b", 1])[1:]):
        with pytest.raises(Invalid, match="page link is damaged"):
            pagination.decode("items", cursor)


def test_a_campaign_in_the_year_9999_is_refused() -> None:
    with pytest.raises(Invalid, match="Give a date in the years 1900 to 2200"):
        Schedule.parse({"kind": "at", "local": "9999-12-31T23:59", "zone": "organisation"})
