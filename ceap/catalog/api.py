"""The wire of catalog: parse, call, return."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from ceap.accounts.authentication import actor
from ceap.catalog import queries
from ceap.catalog.schemas import ItemOut, ItemPage, KindsOut
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.kit.problem import NotFound

router = Router(tags=["catalog"])


@router.get("/items", response=ItemPage)
def items(
    request: HttpRequest,
    search: str = "",
    kind: str = "",
    active: bool | None = None,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """Items by name; `search` is part of name, key or category."""
    found, following = queries.page(actor(request), search=search, kind=kind, active=active, cursor=cursor, limit=limit)
    return {"items": found, "next": following}


@router.get("/items/{item_id}", response=ItemOut)
def item(request: HttpRequest, item_id: int) -> Any:
    """One item."""
    row = queries.visible_to(actor(request)).filter(pk=item_id).first()
    if row is None:
        raise NotFound("There is no such item.")
    return row


@router.get("/kinds", response=KindsOut)
def kinds(request: HttpRequest) -> Any:
    """The kinds of items there are."""
    return {"items": queries.kinds(actor(request))}
