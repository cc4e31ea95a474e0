"""What channels say and are told on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from ceap.channels.contracts import State


class PluginOut(Schema):
    """A provider and the JSON Schema of its configuration (`writeOnly` fields are never shown again)."""

    key: str
    label: str
    channel: str
    config_schema: dict[str, Any]


class SenderState(Schema):
    name: str
    state: str
    detail: str
    pace: float
    last_claim_at: datetime | None
    last_sent_at: datetime | None


class SenderOut(Schema):
    id: UUID
    name: str
    channel: str
    from_name: str
    from_address: str
    reply_to: str
    provider: str
    config: dict[str, Any]
    secrets_set: list[str]
    rate_per_second: float
    burst: int
    default: bool
    created_at: datetime
    archived_at: datetime | None
    health: SenderState


class SenderBrief(Schema):
    """A sender as one that may be chosen for a campaign."""

    id: UUID
    name: str
    channel: str
    from_name: str
    from_address: str
    default: bool
    state: str


class Senders(Schema):
    items: list[SenderBrief]
    next: None = None
    total: int


class SenderIn(Schema):
    name: str = Field(max_length=80)
    from_name: str = Field(max_length=120)
    from_address: str = Field(max_length=254)
    reply_to: str = Field("", max_length=254)
    provider: str = "smtp"
    config: dict[str, Any]
    rate_per_second: float = Field(0, ge=0, le=100_000)
    burst: int = Field(100, ge=1, le=1_000_000)
    default: bool = False


class SenderChange(Schema):
    name: str | None = Field(None, max_length=80)
    from_name: str | None = Field(None, max_length=120)
    from_address: str | None = Field(None, max_length=254)
    reply_to: str | None = Field(None, max_length=254)
    config: dict[str, Any] | None = None
    rate_per_second: float | None = Field(None, ge=0, le=100_000)
    burst: int | None = Field(None, ge=1, le=1_000_000)
    default: bool | None = None


class TrialIn(Schema):
    sender_id: UUID | None = None
    provider: str = "smtp"
    config: dict[str, Any] | None = None


class TrialOut(Schema):
    ok: bool
    detail: str


class TestIn(Schema):
    version_id: UUID
    address: str = Field(max_length=254)
    customer_id: int | None = None


class DeliveryOut(Schema):
    """One message to one customer; `said` is the reason in words, `detail` the provider's own."""

    id: int
    source_kind: str
    source_id: UUID
    step: str
    customer_id: int
    channel: str
    purpose: str
    address: str
    state: State
    reason: str
    said: str
    detail: str
    due_at: datetime
    attempts: int
    planned_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    unsubscribed_at: datetime | None
    bounced_at: datetime | None


class TestOut(DeliveryOut):
    message: str


class LedgerLine(DeliveryOut):
    """`source`: the name of the campaign it was planned for; "" where the asker may not see that campaign."""

    source: str


class Ledger(Schema):
    items: list[LedgerLine]
    next: str | None
    total: int | None = None


class MailOut(Schema):
    id: int
    at: datetime
    sender: str
    recipient: str
    subject: str
    preview: str


class Header(Schema):
    name: str
    value: str


class MailDetail(MailOut):
    """A mail of the demo's inbox. Its HTML part is at `/api/channels/inbox/<id>/html`, for a sandboxed frame."""

    headers: list[Header]
    text: str
    has_html: bool
    unsubscribe_url: str
    one_click: bool


class Mails(Schema):
    items: list[MailOut]
    next: str | None
    total: int | None
