"""The wire of consent: parse, call, return."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from ceap.accounts.authentication import actor
from ceap.consent import actions, queries
from ceap.consent.contracts import REASONS
from ceap.consent.schemas import (
    CustomerConsent,
    GrantIn,
    LiftIn,
    SuppressIn,
    SuppressionOut,
    Suppressions,
    WithdrawIn,
)
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE

router = Router(tags=["consent"])
LIMIT = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)


def _customer(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    found = queries.of_customer(actor(request), customer_id)
    standing = [
        {"channel": channel, "allowed": not reason, "reason": reason, "said": REASONS.get(reason, "")}
        for channel, reason in found.standing.items()
    ]
    return {"standing": standing, "records": found.records, "suppressions": found.suppressions,
            "erased": found.erased}  # fmt: skip


@router.get("/customers/{customer_id}", response=CustomerConsent)
def read(request: HttpRequest, customer_id: int) -> Any:
    """Where a customer stands, and every record of consent with its evidence."""
    return _customer(request, customer_id)


@router.post("/customers/{customer_id}/grant", response=CustomerConsent)
def grant(request: HttpRequest, customer_id: int, payload: GrantIn) -> Any:
    """Record that the customer gave consent, with evidence."""
    actions.grant(actor(request), customer_id, **payload.dict())
    return _customer(request, customer_id)


@router.post("/customers/{customer_id}/withdraw", response=CustomerConsent)
def withdraw(request: HttpRequest, customer_id: int, payload: WithdrawIn) -> Any:
    """Record that the customer took consent back: once this is answered nothing is handed over any more."""
    actions.withdraw(actor(request), customer_id, **payload.dict())
    return _customer(request, customer_id)


@router.get("/suppressions", response=Suppressions)
def suppressions(request: HttpRequest, search: str = "", cursor: str | None = None, limit: int = LIMIT) -> Any:
    """Addresses nothing is sent to, newest first."""
    items, following = queries.suppressions(actor(request), search=search, cursor=cursor, limit=limit)
    return {"items": items, "next": following}


@router.post("/suppressions", response={201: SuppressionOut})
def suppress(request: HttpRequest, payload: SuppressIn) -> Any:
    """Never send to an address again, whoever it belongs to."""
    return Status(201, actions.suppress(actor(request), **payload.dict()))


@router.post("/suppressions/{suppression_id}/lift", response={204: None})
def lift(request: HttpRequest, suppression_id: int, payload: LiftIn) -> Any:
    """Take an address off the list, saying why."""
    actions.unsuppress(actor(request), suppression_id, reason=payload.reason)
    return Status(204, None)
