"""Measurement on the wire."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema


class ReportReasonOut(Schema):
    state: str
    reason: str
    words: str
    count: int


class ReportStepOut(Schema):
    key: str
    label: str
    count: int


class ReportPoint(Schema):
    at: datetime
    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    bounced: int = 0


class ReportTimeline(Schema):
    unit: str
    points: list[ReportPoint]


class ReportProgress(Schema):
    """The live numbers: also what the socket sends for the topic `campaign:<id>`.

    Money is text in the organisation's currency; it, orders and `as_of` are null while the warehouse is being filled.
    `apart`: order lines in a currency without a rate, which are in no amount.
    """

    status: str
    status_reason: str
    planned: int
    planning: bool
    states: dict[str, int]
    open: int
    reasons: list[ReportReasonOut]
    waterfall: list[ReportStepOut]
    delivered: int
    opened: int
    clicked: int
    unsubscribed: int
    bounced: int
    orders: int | None
    converted: int | None
    revenue: str | None
    cost: str | None
    profit: str | None
    roi: float | None
    currency: str
    apart: int | None
    conversion_days: int
    as_of: datetime | None


class CampaignReport(ReportProgress):
    id: str
    name: str
    objective: str
    type: str
    segment: str
    email: str
    subject: str
    launched_at: datetime | None
    completed_at: datetime | None
    budget: str | None
    timeline: ReportTimeline


class HomeTroubleOut(Schema):
    """Something that needs somebody: `kind` is campaign, segment or system."""

    kind: str
    id: str
    name: str
    message: str


class HomeAwaitingOut(Schema):
    id: str
    name: str
    created_by: str
    requested_at: datetime


class HomeTodayOut(Schema):
    """A campaign that is active or ended today; the states as in ReportProgress, their sum is `planned`."""

    id: str
    name: str
    status: str
    starts_at: datetime | None
    planned: int
    states: dict[str, int]


class HomeCustomersOut(Schema):
    """`visible` to the viewer; `reachable` of them by email (null: a role may hide addresses)."""

    visible: int
    reachable: int | None
    owned_only: bool


class HomeRecentOut(Schema):
    """A campaign launched lately; `orders` and `revenue` (text) are null while the warehouse is being filled."""

    id: str
    name: str
    status: str
    launched_at: datetime
    planned: int
    sent: int
    opened: int
    clicked: int
    orders: int | None
    revenue: str | None
    currency: str


class HomeOut(Schema):
    """The first page. `setup`: settings of the organisation that a launch waits for; null = not to be seen."""

    setup: list[str]
    customers: HomeCustomersOut | None
    segments: int | None
    recent: list[HomeRecentOut]
    awaiting: list[HomeAwaitingOut]
    trouble: list[HomeTroubleOut]
    today: list[HomeTodayOut]
    sent_today: int
