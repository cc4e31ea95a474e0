"""The audit trail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from ceap.accounts import queries
from ceap.accounts.actions import verify_chain
from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Level
from ceap.accounts.schemas import AuditPage, ChainOut
from ceap.kit.moments import Moment
from ceap.kit.pagination import PAGE_SIZE, page

router = Router()


class Filters(Schema):
    actor: str | None = Field(None, description="The id of a user or key")
    verb: str | None = Field(None, description='A verb, or how it begins: "accounts."')
    kind: str | None = Field(None, description='What it is about: "user", "segment"')
    object: str | None = Field(None, description="The id of what it is about")
    since: Moment | None = None
    until: Moment | None = None


@router.get("/audit", response=AuditPage)
def index(request: HttpRequest, filters: Query[Filters], cursor: str | None = None) -> dict[str, Any]:
    """Entries, newest first."""
    me = actor(request)
    rows = queries.audit_visible_to(
        me, actor_id=filters.actor, verb=filters.verb, kind=filters.kind, object_id=filters.object,
        since=filters.since, until=filters.until,
    )  # fmt: skip
    found, following = page(rows, "-seq", cursor=cursor, limit=PAGE_SIZE)
    return {"items": queries.audit_shown(me, found), "next": following, "total": None}


@router.get("/audit/chain", response=ChainOut)
def chain(request: HttpRequest) -> Any:
    """Read the whole trail and say whether it is as it was written, else the first entry that is not."""
    actor(request).require("audit_view", Level.ALL)
    return verify_chain()
