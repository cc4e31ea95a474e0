"""Two schemas of one name in the OpenAPI document would silently describe one endpoint by the other's answer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from ninja import Schema

from ceap.web.api import api
from tests.document import document


def _all(kind: type[Schema]) -> Iterator[type[Schema]]:
    for one in kind.__subclasses__():
        yield one
        yield from _all(one)


def collisions(made: dict, prefix: str = "ceap.") -> dict[str, set[str]]:
    """Names in the document that several Python schemas have, with their modules."""
    places: dict[str, set[str]] = defaultdict(set)
    for one in _all(Schema):
        if one.__module__.startswith(prefix) and one.__name__ in made["components"]["schemas"]:
            places[one.__name__].add(f"{one.__module__}.{one.__qualname__}")
    return {name: modules for name, modules in places.items() if len(modules) > 1}


def test_the_document_that_other_tests_read_is_the_one_that_the_api_answers() -> None:
    assert json.loads(json.dumps(api.get_openapi_schema(), default=str)) == document(), "run `make check`'s --write"


def test_no_two_schemas_of_the_document_have_one_name() -> None:
    assert len(document()["components"]["schemas"]) > 50
    assert collisions(document()) == {}


def test_a_planted_second_schema_of_a_name_is_found() -> None:
    class SegmentOut(Schema):
        __module__ = "ceap.planted"

    assert set(collisions(document())) == {"SegmentOut"}
    SegmentOut.__module__ = "planted"
