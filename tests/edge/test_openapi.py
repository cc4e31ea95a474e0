"""The edge keeps its own OpenAPI document, whatever is thrown at it."""

from __future__ import annotations

import json

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ceap.edge.openapi import Customer, document
from ceap.edge.people import SHOWN
from tests.edge.rig import SERVER, Edge

schema = schemathesis.openapi.from_dict(document("http://127.0.0.1:8001"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_document_promises(edge: Edge, case: schemathesis.Case) -> None:
    case.headers["Authorization"] = f"Bearer {SERVER}"
    response = case.call(base_url=edge.url, allow_redirects=False)
    case.validate_response(response, checks=CHECKS)


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/healthz", "/readyz"])
def test_the_document_and_health_need_no_key(edge: Edge, path: str) -> None:
    assert httpx.get(f"{edge.url}{path}").status_code == 200


def test_every_shape_of_the_document_is_made_of_a_type_and_used() -> None:
    made = document("http://127.0.0.1:8001")
    assert Customer.__struct_fields__ == SHOWN
    shapes = made["components"]["schemas"]
    assert {name for name in shapes if f'#/components/schemas/{name}"' not in json.dumps(made)} == set()
    assert shapes["Customer"]["required"] == list(SHOWN)
    assert sorted(shapes["Problem"]["required"]) == ["detail", "errors", "status", "title", "type"]
