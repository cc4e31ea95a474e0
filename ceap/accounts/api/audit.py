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
from ceap.kit.pagination import PAGE_SIZE, decode, encode
from ceap.kit.problem import invalid

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
    after = decode(cursor, 1)
    if after and not isinstance(after[0], int):
        raise invalid("cursor", "This page link is damaged; start again from the first page.")
    me = actor(request)
    rows = queries.audit_visible_to(
        me, actor_id=filters.actor, verb=filters.verb, kind=filters.kind, object_id=filters.object,
        since=filters.since, until=filters.until, before_seq=after[0] if after else None,
    )[: PAGE_SIZE + 1]  # fmt: skip
    found = list(rows)
    more = encode([found[PAGE_SIZE - 1].seq]) if len(found) > PAGE_SIZE else None
    return {"items": queries.audit_shown(me, found[:PAGE_SIZE]), "next": more, "total": None}


@router.get("/audit/chain", response=ChainOut)
def chain(request: HttpRequest) -> Any:
    """Read the whole trail and say whether it is as it was written, else the first entry that is not."""
    actor(request).require("audit_view", Level.ALL)
    return verify_chain()
