"""One customer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.customers import actions, queries, schemas
from ceap.customers.api.router import router
from ceap.customers.models import Customer


def answer_of(request: HttpRequest, row: Customer) -> dict[str, Any]:
    """Everything about a customer that the asker may see."""
    who = actor(request)
    found = queries.facts(row, queries.known_to(who))
    return {
        "id": row.pk, "name": str(row), "version": row.version, "values": found, "users": queries.names_of(found),
        "added_by": row.added_by, "identities": queries.identities_of(who, row), "may": queries.may(who, row),
    }  # fmt: skip


@router.post("", response={201: schemas.CustomerOut})
def create(request: HttpRequest, body: schemas.CustomerIn) -> Any:
    """Add a customer."""
    return Answer(201, answer_of(request, actions.create(actor(request), body.values)))


@router.get("/{int:customer}", response=schemas.CustomerOut)
def read(request: HttpRequest, customer: int) -> Any:
    """One customer; the key of a merged one answers with whom it was merged into."""
    who = actor(request)
    who.require("customers_view")
    return answer_of(request, queries.find(who, customer))


@router.patch("/{int:customer}", response=schemas.CustomerOut)
def update(request: HttpRequest, customer: int, body: schemas.CustomerChange) -> Any:
    """Change fields of a customer; null or "" empties one."""
    return answer_of(request, actions.update(actor(request), customer, body.values, version=body.version))


@router.post("/{int:customer}/identities", response={201: schemas.IdentityOut})
def add_identity(request: HttpRequest, customer: int, body: schemas.IdentityIn) -> Any:
    """Add a way to recognise a customer."""
    return Answer(201, actions.add_identity(actor(request), customer, body.kind, body.value))


@router.delete("/{int:customer}/identities/{int:identity}", response={204: None})
def remove_identity(request: HttpRequest, customer: int, identity: int) -> Any:
    """Take an additional identity away."""
    actions.remove_identity(actor(request), customer, identity)
    return Answer(204, None)


@router.post("/{int:customer}/merge", response=schemas.CustomerOut)
def merge(request: HttpRequest, customer: int, body: schemas.MergeIn) -> Any:
    """Make another customer part of this one."""
    return answer_of(request, actions.merge(actor(request), customer, body.duplicate))


@router.post("/{int:customer}/erase", response={204: None})
def erase(request: HttpRequest, customer: int) -> Any:
    """Wipe the customer's personal data for good."""
    actions.erase(actor(request), customer)
    return Answer(204, None)
