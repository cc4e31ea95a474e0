"""Test messages, and what a customer was (not) sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from ceap.accounts.authentication import actor
from ceap.channels import actions, queries
from ceap.channels.contracts import OPEN
from ceap.channels.models import Delivery
from ceap.channels.schemas import DeliveryOut, Ledger, TestIn, TestOut
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.segments.contracts import campaign_names

router = Router()
LIMIT = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)


def delivery(row: Delivery) -> dict[str, Any]:
    """A delivery as `DeliveryOut` takes it."""
    return {name: getattr(row, name) for name in DeliveryOut.model_fields if name != "said"} | {
        "said": queries.said(row)
    }


def _test(row: Delivery) -> dict[str, Any]:
    message = f"On its way to {row.address}." if row.state in OPEN else queries.said(row) or f"Sent to {row.address}."
    return {**delivery(row), "message": message}


@router.post("/test", response={201: TestOut})
def test(request: HttpRequest, payload: TestIn) -> Any:
    """Send a content version to one address, written as for a customer; suppressed addresses are refused."""
    row = actions.send_test(actor(request), payload.version_id, payload.address, payload.customer_id)
    return Status(201, _test(row))


@router.get("/test/{delivery_id}", response=TestOut)
def test_state(request: HttpRequest, delivery_id: int) -> Any:
    """What became of a test message."""
    return _test(queries.test_of(actor(request), delivery_id))


@router.get("/ledger/{customer_id}", response=Ledger)
def ledger(request: HttpRequest, customer_id: int, cursor: str | None = None, limit: int = LIMIT) -> Any:
    """Every message planned for a customer, newest first, each with its state and the reason in words."""
    me = actor(request)
    items, following = queries.ledger(me, customer_id, cursor, limit)
    names = campaign_names(me) if items else {}
    return {
        "items": [{**delivery(row), "source": names.get(str(row.source_id), "")} for row in items],
        "next": following,
    }
