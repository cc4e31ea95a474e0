"""One customer on the data plane: exact values on either store, and one answer whichever way a request takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.rig import BROWSER, SERVER, Edge
from tests.edge.test_events import token

pytestmark = pytest.mark.req("E-1")

_SEED = """

from datetime import UTC, datetime
from decimal import Decimal
from ceap.customers.models import Customer, Identity
at = datetime(2026, 3, 1, 9, 30, 0, 250000, UTC)
Customer.objects.filter(pk=1).update(
    full_name='Zoë "Z" \\\\ Ünï', language="si", marketing_opt_in=True, created_at=at,
    updated_at=at.replace(microsecond=0),
    balance_available=Decimal("12.50"), balance_pending=Decimal("0"), lifetime_earned=Decimal("12345678901234.56"),
    custom={"tags": ["a", "ü"], "n": 1.5, "open": False, "none": None})
Customer.objects.filter(pk=2).update(marketing_opt_in=False)
Customer.objects.filter(pk=3).update(marketing_opt_in=None, merged_into_id=2)
Customer.objects.filter(pk=4).update(erased_at=at)
Identity.objects.create(customer_id=5, kind="shop", value="a/segments", created_at=at)
"""


@pytest.fixture(scope="module")
def served(edge: Edge) -> Edge:
    edge.seed(_SEED)
    return edge


def of(edge: Edge, who: str, key: str = SERVER, **headers: str) -> Any:
    response = edge.get(f"/v1/customers/{who}", key, **headers)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_customer_is_answered_with_exact_values(served: Edge) -> None:
    found = of(served, "email/p1@example.test")
    assert {name: found[name] for name in ("id", "customer_id", "full_name", "phone", "language", "city")} == {
        "id": 1, "customer_id": "C1", "full_name": 'Zoë "Z" \\ Ünï', "phone": "+628110000001", "language": "si",
        "city": "",
    }  # fmt: skip
    assert found["custom"] == {"tags": ["a", "ü"], "n": 1.5, "open": False, "none": None}
    assert (found["marketing_opt_in"], found["created_at"]) == (True, "2026-03-01T09:30:00.250000Z")
    assert found["updated_at"] == "2026-03-01T09:30:00Z"
    assert [float(found[name]) for name in ("balance_available", "balance_pending", "lifetime_earned")] == [
        12.5, 0, 12345678901234.56,
    ]  # fmt: skip
    assert all(isinstance(found[name], str) for name in ("balance_available", "balance_pending", "lifetime_earned"))
    assert len(found) == 22


def test_opt_in_is_yes_no_or_not_known_and_merges_are_followed(served: Edge) -> None:
    assert of(served, "id/2")["marketing_opt_in"] is False
    assert of(served, "customer_id/C3")["id"] == 2  # merged into it
    unknown = of(served, "phone/+628110000005")
    assert (unknown["marketing_opt_in"], unknown["balance_available"], unknown["custom"]) == (True, None, {})


def test_what_succeeds_has_the_headers_that_other_answers_have(served: Edge) -> None:
    given = served.get("/v1/customers/id/2", SERVER, x_request_id="my-id.7")
    other = served.get("/v1/customers/id/4", SERVER, x_request_id="my-id.7")  # erased
    assert (given.status_code, other.status_code) == (200, 404)
    assert set(given.headers) == set(other.headers)
    assert {"access-control-allow-origin", "access-control-expose-headers"} < set(given.headers)
    assert given.headers["x-request-id"] == "my-id.7"
    ids = {
        served.get("/v1/customers/id/2", SERVER, x_request_id=wrong).headers["x-request-id"] for wrong in ("", "a b")
    }
    assert len(ids) == 2
    assert all(id.isascii() and 16 < len(id) <= 64 for id in ids)


def test_refusals_are_said_as_everywhere(served: Edge) -> None:
    assert served.get("/v1/customers/id/2").status_code == 401
    assert served.get("/v1/customers/id/2", "ceap_srv_nobodys-key").status_code == 401
    refused = served.get("/v1/customers/email/", SERVER)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert served.get("/v1/customers/email/nobody@example.test", SERVER).json()["status"] == 404
    assert served.get("/v1/customers/id/2", SERVER, method="DELETE").status_code == 405
    browser = {"x_customer_token": token({"email": "p2@example.test"})}
    assert of(served, "email/p2@example.test", BROWSER, **browser)["id"] == 2
    assert served.get("/v1/customers/email/p5@example.test", BROWSER, **browser).status_code == 403


def test_an_identity_that_ends_like_the_segments_is_one(served: Edge) -> None:
    assert of(served, "shop/a%2Fsegments")["id"] == 5
