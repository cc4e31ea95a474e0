"""Campaigns on the wire, in and out apart."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from ceap.campaigns.contracts import Status, Type


class CampaignScheduleIn(Schema):
    kind: Literal["now", "at"] = "now"
    local: str | None = None
    zone: Literal["organisation", "recipient"] = "organisation"


class CampaignFillIn(Schema):
    """What fills a variable of the template: a field by its path (customer.full_name), `fallback` where that is empty.

    A part that is absent or null stays as it is; path "" = no field, so that everybody gets the fallback.
    """

    path: str | None = Field(None, max_length=80)
    fallback: str | None = Field(None, max_length=250)


class CampaignFillOut(Schema):
    """As `CampaignFillIn`; `hidden`: the field is one that the asker may not see, so it is not named."""

    path: str
    fallback: str
    hidden: bool


class CampaignIn(Schema):
    """Absent parts stay as they are (or take their default on creation)."""

    name: str | None = None
    type: Type | None = None
    objective: str | None = None
    segment_id: UUID | None = None
    channel: Literal["email", "whatsapp"] | None = None
    exclusions: list[UUID] | None = None
    content_version_id: UUID | None = None
    mapping: dict[str, CampaignFillIn | None] | None = None
    sender_id: UUID | None = None
    schedule: CampaignScheduleIn | None = None
    send_within_hours: int | None = None
    budget: Decimal | None = None
    cost_fixed: Decimal | None = None
    cost_per_message: Decimal | None = None
    conversion_days: int | None = None


class CampaignPatch(CampaignIn):
    version: int


class CampaignVersionIn(Schema):
    """The version one looked at; the request is refused when it has changed since."""

    version: int


class CampaignRef(Schema):
    id: UUID
    name: str


class CampaignRow(Schema):
    id: UUID
    name: str
    type: Type
    status: Status
    status_reason: str
    segment: CampaignRef | None
    planned: int | None
    created_by: str
    created_at: datetime
    launched_at: datetime | None
    starts_at: datetime | None
    completed_at: datetime | None
    awaiting_approval: bool


class CampaignContentOut(Schema):
    version_id: UUID
    template_id: UUID
    name: str
    subject: str
    number: int


class CampaignOut(CampaignRow):
    objective: str
    channel: str
    exclusions: list[CampaignRef]
    content: CampaignContentOut | None
    mapping: dict[str, CampaignFillOut]
    sender_id: UUID | None
    schedule: dict[str, Any]
    send_within_hours: int
    budget: Decimal | None
    cost_fixed: Decimal
    cost_per_message: Decimal
    conversion_days: int
    approved_by: str | None
    approved: bool
    version: int
    job_id: UUID | None
    may: dict[str, bool]


class CampaignPage(Schema):
    items: list[CampaignRow]
    next: str | None
    total: int


class CampaignStepOut(Schema):
    key: str
    label: str
    count: int


class CampaignAudienceIn(Schema):
    segment_id: UUID
    exclusions: list[UUID] = []
    channel: Literal["email", "whatsapp"] = "email"


class CampaignSampleOut(Schema):
    id: int
    name: str


class CampaignAudienceOut(Schema):
    """The waterfall; `sample` are a few of those who would receive it and whom one may see."""

    steps: list[CampaignStepOut]
    refused: dict[str, int]
    will_receive: int
    segment_version: int
    data_as_of: datetime | None
    sample: list[CampaignSampleOut]


class CampaignCheckOut(Schema):
    key: str
    level: Literal["ok", "warning", "error"]
    message: str
    step: str


class CampaignChecklistOut(Schema):
    checks: list[CampaignCheckOut]
    launchable: bool
    matched: int
    will_receive: int
    cost: Decimal
    currency: str
    version: int


class CampaignSenderOut(Schema):
    id: UUID
    name: str
    address: str


class CampaignDeliveryOut(Schema):
    """One message to one customer; `said` is why it ended so, `detail` the provider's own words."""

    id: int
    customer_id: int
    name: str
    address: str
    state: str
    said: str
    detail: str
    due_at: datetime
    sent_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None


class CampaignDeliveryPage(Schema):
    items: list[CampaignDeliveryOut]
    next: str | None
    total: int | None = None


class CampaignMovementOut(Schema):
    """`blockers` are sentences, the strongest first; empty when all is well."""

    waiting: int
    claimed: int
    sending: int
    oldest_due: datetime | None
    next_due: datetime | None
    last_claim_at: datetime | None
    last_sent_at: datetime | None
    blockers: list[str]
