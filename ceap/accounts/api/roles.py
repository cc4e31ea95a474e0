"""Roles, and what they can be made of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from ceap.accounts import actions, queries
from ceap.accounts.authentication import actor
from ceap.accounts.contracts import PERMISSIONS, SCOPES
from ceap.accounts.schemas import Permissions, RoleIn, RoleOut, RolePatch, Roles

router = Router()


@router.get("/permissions", response=Permissions)
def permissions(request: HttpRequest) -> dict[str, Any]:
    """Every permission key with the levels it can have; the scopes of data-plane keys."""
    return {"items": list(PERMISSIONS.values()), "scopes": SCOPES}


@router.get("/roles", response=Roles)
def index(request: HttpRequest) -> dict[str, Any]:
    """Every role, built-in ones first."""
    return {"items": queries.roles(actor(request))}


@router.post("/roles", response={201: RoleOut})
def create(request: HttpRequest, payload: RoleIn) -> Any:
    """A new role."""
    return Status(201, actions.create_role(actor(request), **payload.dict()))


@router.get("/roles/{role_id}", response=RoleOut)
def read(request: HttpRequest, role_id: UUID) -> Any:
    """One role."""
    return queries.role(actor(request), role_id)


@router.patch("/roles/{role_id}", response=RoleOut)
def edit(request: HttpRequest, role_id: UUID, payload: RolePatch) -> Any:
    """Change a role that is not built in."""
    actions.edit_role(actor(request), role_id, **payload.dict(exclude_none=True))
    return queries.role(actor(request), role_id)


@router.delete("/roles/{role_id}", response={204: None})
def delete(request: HttpRequest, role_id: UUID) -> Any:
    """Delete a role that nobody has."""
    actions.delete_role(actor(request), role_id)
    return Status(204, None)
