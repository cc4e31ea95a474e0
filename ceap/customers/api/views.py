"""Saved views of a page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.customers import actions, queries, schemas
from ceap.customers.api.router import router


@router.get("/views", response=list[schemas.SavedViewOut])
def views(request: HttpRequest, page: str = "/customers") -> Any:
    """Saved views of a page: one's own, then shared ones."""
    who = actor(request)
    who.require("customers_view")
    return [
        {
            "id": v.pk, "name": v.name, "query": v.query, "shared": v.shared, "mine": v.created_by_id == who.user_id,
            "created_by": v.created_by.name,
        }
        for v in queries.views(who, page)
    ]  # fmt: skip


@router.post("/views", response={201: schemas.SavedViewOut})
def save_view(request: HttpRequest, body: schemas.SavedViewIn) -> Any:
    """Save filters under a name."""
    view = actions.save_view(actor(request), body.page, body.name, body.query, shared=body.shared)
    return Answer(201, {
        "id": view.pk, "name": view.name, "query": view.query, "shared": view.shared, "mine": True,
        "created_by": actor(request).name,
    })  # fmt: skip


@router.delete("/views/{view_id}", response={204: None})
def delete_view(request: HttpRequest, view_id: UUID) -> Any:
    """Forget one of one's own views."""
    actions.delete_view(actor(request), view_id)
    return Answer(204, None)
