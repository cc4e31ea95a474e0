"""Sender identities."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Level
from ceap.channels import actions, queries
from ceap.channels.models import Sender
from ceap.channels.providers import secrets_of
from ceap.channels.schemas import PluginOut, SenderChange, SenderIn, SenderOut, Senders, TrialIn, TrialOut
from ceap.core.plugins import registry, schema
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.seal import CannotUnseal

router = Router()


def _out(row: Sender) -> dict[str, Any]:
    try:
        kept = sorted(secrets_of(row, Home.load()))
    except CannotUnseal:
        kept = []
    lane = queries.lanes([row.pk]).get(row.pk)
    fields = (
        "id", "name", "channel", "from_name", "from_address", "reply_to", "provider", "config", "rate_per_second",
        "burst", "default", "created_at", "archived_at",
    )  # fmt: skip
    values = {name: getattr(row, name) for name in fields}
    return {**values, "secrets_set": kept, "health": queries.lane_state(row.name, lane, now())}


@router.get("/providers", response=list[PluginOut])
def providers(request: HttpRequest) -> Any:
    """Every provider that messages can leave through, with the schema of its configuration."""
    actor(request).require("channels_manage", Level.ALL)
    found = registry("channels", Home.load().path).plugins.values()
    return [
        {"key": p.key, "label": p.label, "channel": p.channel, "config_schema": schema(p.Config)} for p in found
    ]  # fmt: skip


@router.get("/senders", response=Senders)
def index(request: HttpRequest) -> Any:
    """The sender identities in use, the default one first."""
    rows = list(queries.senders_visible_to(actor(request)))
    lanes = queries.lanes([row.pk for row in rows])
    names = ("id", "name", "channel", "from_name", "from_address", "default")
    items = [
        {**{name: getattr(row, name) for name in names},
         "state": queries.lane_state(row.name, lanes.get(row.pk), now())["state"]}
        for row in rows
    ]  # fmt: skip
    return {"items": items, "total": len(items)}


@router.post("/senders", response={201: SenderOut})
def create(request: HttpRequest, payload: SenderIn) -> Any:
    """A new sender identity."""
    return Status(201, _out(actions.create_sender(actor(request), **payload.dict())))


@router.post("/senders/try", response=TrialOut)
def attempt(request: HttpRequest, payload: TrialIn) -> Any:
    """Whether the provider can be reached and lets us in; nothing is sent and nothing stored."""
    return actions.try_sender(
        actor(request), sender_id=payload.sender_id, provider=payload.provider, config=payload.config
    )


@router.get("/senders/{sender_id}", response=SenderOut)
def read(request: HttpRequest, sender_id: UUID) -> Any:
    """One sender identity; of its secrets only which are set."""
    return _out(queries.sender_of(actor(request), sender_id))


@router.patch("/senders/{sender_id}", response=SenderOut)
def update(request: HttpRequest, sender_id: UUID, payload: SenderChange) -> Any:
    """Change a sender identity; secret fields that are not given keep their values."""
    given = {name: value for name, value in payload.dict(exclude_unset=True).items() if value is not None}
    return _out(actions.update_sender(actor(request), sender_id, **given))


@router.post("/senders/{sender_id}/archive", response=SenderOut)
def archive(request: HttpRequest, sender_id: UUID) -> Any:
    """Put a sender identity out of use."""
    return _out(actions.archive_sender(actor(request), sender_id))
