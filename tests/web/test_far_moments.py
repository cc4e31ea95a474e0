"""No operation of the API breaks on a moment at the ends of the calendar, wherever it takes a text (case 26)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import actors
from tests.document import document
from tests.permissions_table import TABLE
from tests.test_permissions import OPERATIONS, browser, row

pytestmark = pytest.mark.django_db
FAR = ("9999-12-31T23:59:59Z", "0001-01-01", "2031-05-01T10:00:00")  # the last without a zone
FURTHER = (
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59-12:00",
    "9999-12-31T23:59:59.999999Z",
    "2031-05-01",
)
SCHEMA = document()


def texts(part: Any, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths to every text (or moment) in a schema; () is the schema itself."""
    if reference := part.get("$ref"):
        name = reference.rpartition("/")[2]
        if name not in seen:
            yield from texts(SCHEMA["components"]["schemas"][name], (*seen, name))
        return
    for choice in (*part.get("anyOf", ()), *part.get("allOf", ()), *part.get("oneOf", ())):
        yield from texts(choice, seen)
    if part.get("type") == "string" and "enum" not in part and part.get("format") not in ("uuid", "binary"):
        yield ()
    for name, inner in part.get("properties", {}).items():
        for rest in texts(inner, seen):
            yield (name, *rest)
    if part.get("type") == "array":
        for rest in texts(part.get("items", {}), seen):
            yield ("0", *rest)


def placed(body: Any, path: tuple[str, ...], value: str) -> Any:
    """`body` with `value` at `path`."""
    if not path:
        return value
    if path[0] == "0":
        return [placed(body[0] if isinstance(body, list) and body else {}, path[1:], value)]
    base = body if isinstance(body, dict) else {}
    return base | {path[0]: placed(base.get(path[0]), path[1:], value)}


def asked(operation: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """The query parameters and the places of the body that take a text."""
    method, path = operation.split(" ", 1)
    said = SCHEMA["paths"][path][method.lower()]
    query = [p["name"] for p in said.get("parameters", ()) if p["in"] == "query" and [*texts(p["schema"])]]
    content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    return query, [*dict.fromkeys(texts(content.get("schema", {})))]


TAKING = [op for op in OPERATIONS if op in TABLE and not TABLE[op].files and any(asked(op))]


@pytest.mark.parametrize("moments", [FAR, pytest.param(FURTHER, marks=pytest.mark.soak)], ids=["far", "further"])
@pytest.mark.parametrize("operation", TAKING)
def test_the_ends_of_the_calendar_are_taken_or_refused(operation: str, moments: tuple[str, ...]) -> None:
    rule, (method, path) = TABLE[operation], operation.split(" ", 1)
    ada = actors.user("Ada")
    client, values = browser(ada), row(rule, ada)
    body = (rule.body(values) if callable(rule.body) else rule.body) or {}
    url, (query, places) = (path + rule.query).format(**values), asked(operation)
    broken = []
    for value in moments:
        for name in query:
            answer = getattr(client, method.lower())(f"{url}{'&' if '?' in url else '?'}", {name: value})
            broken += [(name, value)] * (answer.status_code >= 500)
        for place in places:
            sent = json.dumps(placed(body, place, value))
            answer = getattr(client, method.lower())(url, data=sent, content_type="application/json")
            broken += [(".".join(place), value)] * (answer.status_code >= 500)
    assert broken == []


def test_every_operation_with_a_moment_is_among_them() -> None:
    assert len(TAKING) > 60
    assert "POST /api/campaigns" in TAKING
