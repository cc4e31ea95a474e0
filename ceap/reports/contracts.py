"""What a report holds, whoever gathers it: numbers that add up, ready to be laid out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

FORMATS = ("pdf", "xlsx")
SUBJECTS = ("segment", "campaign")
FAILED = "Export failed. Please try again later or contact support."
EXISTS = "Would you like to overwrite or create a new version?"


@dataclass(frozen=True)
class Heading:
    """What stands at the top of every report. Times are in the organisation's zone."""

    organisation: str
    zone: str
    synthetic: bool
    title: str
    description: str
    made_at: datetime
    made_by: str
    data_as_of: datetime | None
    number: int


@dataclass(frozen=True)
class Share:
    """One bar: how many, and how many per cent (one decimal; the shares of a chart add to 100.0)."""

    label: str
    count: int
    percent: float


@dataclass(frozen=True)
class Chart:
    title: str
    shares: list[Share]


@dataclass(frozen=True)
class Point:
    """A value on a day or at a moment (the organisation's zone)."""

    at: date | datetime
    value: int


@dataclass(frozen=True)
class WaterfallStep:
    label: str
    count: int


@dataclass(frozen=True)
class Member:
    """One customer of a segment, as the maker of the report may see it."""

    id: int
    customer_id: str
    name: str
    email: str
    phone: str
    city: str
    province: str
    source: str
    status: str
    sex: str
    date_of_birth: date | None
    last_activity_at: datetime | None
    added_by: str


@dataclass(frozen=True)
class SegmentReport:
    """`size` is the actual size; the members of the workbook may be fewer, which `members_note` says."""

    heading: Heading
    rule: str
    size: int
    total: int
    reach: list[WaterfallStep]
    history: list[Point]
    charts: list[Chart]
    members_note: str


@dataclass(frozen=True)
class CampaignReport:
    """A campaign's numbers. `states` add up to `planned`; money is in `currency`; `roi` is None without cost."""

    heading: Heading
    status: str
    segment: str
    waterfall: list[WaterfallStep]
    planned: int
    states: list[tuple[str, int]]
    opened: int
    clicked: int
    unsubscribed: int
    converted: int
    revenue: Decimal
    cost: Decimal
    roi: float | None
    currency: str
    timeline: dict[str, list[Point]] = field(default_factory=dict)  # "Sent", "Opened", …
