"""What a report holds, whoever gathers it: numbers that add up, ready to be laid out."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

FORMATS = ("pdf", "xlsx")
SUBJECTS = ("segment", "campaign")
EXISTING = ("overwrite", "new")  # what is done when there is a report of the same already
FAILED = "Export failed. Please try again later or contact support."
EXISTS = "Would you like to overwrite or create a new version?"


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Timing:
    """When a schedule fires, by the organisation's clock.

    day: 1 = Monday … 7 = Sunday of a week; 1 … 31 of a month, in a shorter one its last day; None of every day.
    """

    every: Every
    at: time
    day: int | None = None

    def words(self) -> str:
        """ "Every week on Monday at 08:00"."""
        on = {
            Every.DAY: "",
            Every.WEEK: f" on {calendar.day_name[(self.day or 1) - 1]}",
            Every.MONTH: f" on day {self.day}" + (" (or its last day)" if (self.day or 1) > 28 else ""),
        }[self.every]
        return f"Every {self.every}{on} at {self.at:%H:%M}"


@dataclass(frozen=True)
class About:
    """What a report is about. Reports that are about the same are versions of each other.

    filters: as `segments.queries.discovered.Filters.json` gives them; words: the same in words; both empty without any.
    """

    subject_kind: str
    subject_id: UUID
    format: str
    name: str
    filters: dict[str, Any] = field(default_factory=dict)
    words: str = ""
    discovered: bool = False

    def same(self) -> dict[str, Any]:
        """What all versions have in common."""
        names = ("subject_kind", "subject_id", "format", "filters")
        return {name: getattr(self, name) for name in names}


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
class Fact:
    """One number about the customers, beside the same of all segments. unit: "count", "money", "number" or "days"."""

    label: str
    value: float | None
    average: float | None
    unit: str


@dataclass(frozen=True)
class Part:
    """One line of a distribution. percent: of the segment; average: of all segments; money: spent, where it counts."""

    label: str
    count: int
    percent: float
    average: float
    money: float | None = None


@dataclass(frozen=True)
class Campaign:
    """What the table of recommendations suggests for the segment."""

    type: str
    channel: str
    offer: str
    timing: str
    reason: str


@dataclass(frozen=True)
class DiscoveredReport:
    """A discovered segment, narrowed by filters.

    words: the filters. size: actual; seen: those the maker may see; matched: those of them that match; everyone: the
    same of all segments. Distributions are None where the data do not have them. traits: words with the size of effect.
    fidelity: 0…1 of `rule`; both empty without a rule. model: version, training; message: why there is nothing to see.
    """

    heading: Heading
    words: str
    size: int
    seen: int
    matched: int
    everyone: int
    currency: str
    facts: list[Fact]
    categories: list[Part]
    outlets: list[Part] | None
    recency: list[Part] | None
    ages: list[Part] | None
    traits: list[tuple[str, str]]
    rule: str
    fidelity: float | None
    campaign: Campaign | None
    reach: list[WaterfallStep]
    model: str
    source: str
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
    apart: int = 0  # order lines whose currency has no rate: not in the revenue
    timeline: dict[str, list[Point]] = field(default_factory=dict)  # "Sent", "Opened", …
