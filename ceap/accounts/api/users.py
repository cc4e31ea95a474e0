"""Users, and the passwords they start with."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Status

from ceap.accounts import actions, queries
from ceap.accounts.authentication import actor
from ceap.accounts.schemas import Invited, LinkIn, LinkOut, People, UserIn, UserOut, UserPatch, Users

router = Router()


@router.get("/people", response=People)
def people(request: HttpRequest) -> dict[str, Any]:
    """Id and name of every active user, for pickers."""
    return {"items": list(queries.people())}


@router.get("/users", response=Users)
def index(request: HttpRequest, q: str = "", active: bool | None = None, cursor: str | None = None) -> dict[str, Any]:
    """Users by name; `q` finds parts of names and addresses."""
    rows, following, total = queries.users_page(actor(request), q=q, active=active, cursor=cursor)
    return {"items": rows, "next": following, "total": total}


@router.post("/users", response={201: Invited})
def create(request: HttpRequest, payload: UserIn) -> Any:
    """Create a user and the way to a first password."""
    me = actor(request)
    password = actions.one_time_password() if payload.invite == "password" else None
    with transaction.atomic():
        user = actions.create_user(
            me, email=payload.email, name=payload.name, role=payload.role, time_zone=payload.time_zone,
            password=password, must_change_password=password is not None,
        )  # fmt: skip
        link = None if password else actions.issue_reset_link(me, user.pk)
    mailed = bool(link and payload.invite == "mail" and actions.send_reset_link(user, link.url, invitation=True))
    out = {"url": link.url, "expires_at": link.expires_at, "mailed": mailed} if link else None
    return Status(201, {"user": queries.user(me, user.pk), "link": out, "one_time_password": password})


@router.get("/users/{user_id}", response=UserOut)
def read(request: HttpRequest, user_id: int) -> Any:
    """One user."""
    return queries.user(actor(request), user_id)


@router.patch("/users/{user_id}", response=UserOut)
def edit(request: HttpRequest, user_id: int, payload: UserPatch) -> Any:
    """Change name, address, role, time zone."""
    actions.edit_user(actor(request), user_id, **payload.dict(exclude_none=True))
    return queries.user(actor(request), user_id)


@router.post("/users/{user_id}/deactivate", response=UserOut)
def deactivate(request: HttpRequest, user_id: int) -> Any:
    """Shut a user out at once."""
    actions.deactivate_user(actor(request), user_id)
    return queries.user(actor(request), user_id)


@router.post("/users/{user_id}/activate", response=UserOut)
def activate(request: HttpRequest, user_id: int) -> Any:
    """Let a deactivated user in again."""
    actions.activate_user(actor(request), user_id)
    return queries.user(actor(request), user_id)


@router.post("/users/{user_id}/reset-link", response=LinkOut)
def reset_link(request: HttpRequest, user_id: int, payload: LinkIn) -> Any:
    """A link with which the user sets a new password, once; mailed too when asked and possible."""
    me = actor(request)
    link = actions.issue_reset_link(me, user_id)
    mailed = payload.mail and actions.send_reset_link(queries.user(me, user_id), link.url)
    return {"url": link.url, "expires_at": link.expires_at, "mailed": mailed}


@router.post("/users/{user_id}/remove-second-factors", response=UserOut)
def remove_second_factors(request: HttpRequest, user_id: int) -> Any:
    """Remove authenticator app, passkeys and recovery codes of a user who lost them."""
    actions.remove_second_factors(actor(request), user_id)
    return queries.user(actor(request), user_id)
