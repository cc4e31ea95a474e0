"""API keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from ceap.accounts import actions, queries
from ceap.accounts.authentication import actor
from ceap.accounts.schemas import KeyIn, KeyMade, KeyOut, Keys

router = Router()


@router.get("/keys", response=Keys)
def index(request: HttpRequest, cursor: str | None = None) -> dict[str, Any]:
    """Every key, newest first; never a secret."""
    rows, following, total = queries.keys_page(actor(request), cursor)
    return {"items": rows, "next": following, "total": total}


@router.post("/keys", response={201: KeyMade})
def create(request: HttpRequest, payload: KeyIn) -> Any:
    """A new key; the answer is the only place where its secret is ever shown."""
    key, secret = actions.create_key(actor(request), **payload.dict())
    return Status(201, {"key": key, "secret": secret})


@router.post("/keys/{key_id}/revoke", response=KeyOut)
def revoke(request: HttpRequest, key_id: UUID) -> Any:
    """Refuse the key from now on."""
    return actions.revoke_key(actor(request), key_id)
