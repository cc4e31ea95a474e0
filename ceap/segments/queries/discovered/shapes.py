"""What is said about discovered segments: the same numbers on the dashboard, in a detail, a comparison and a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ceap.segments.queries.discovered.filters import Filters
from ceap.segments.queries.waterfall import Waterfall

AGE = "age"  # the feature


@dataclass(frozen=True)
class Kpis:
    """Of some customers; money in the currency of the purchases, nothing where the data do not say it.

    sales: money spent in all. each: per customer. basket: per order. orders: in all. frequency: orders per customer.
    recency: mean days since the last purchase.
    """

    customers: int
    sales: float
    each: float | None
    basket: float | None
    orders: int | None
    frequency: float | None
    recency: float | None


@dataclass(frozen=True)
class CategoryPart:
    """What was spent on one category. share: percent of all spend on categories; customers: who bought of it."""

    name: str
    spend: float
    share: float
    customers: int


@dataclass(frozen=True)
class OutletPart:
    """The customers whose main outlet it is ("": not known). share: percent of the customers."""

    name: str
    customers: int
    share: float
    spend: float


@dataclass(frozen=True)
class Band:
    """Customers in a band of age, or of days since the last purchase. `known` is False in the line "Unknown"."""

    label: str
    customers: int
    share: float
    known: bool = True


@dataclass(frozen=True)
class Trait:
    """What the segment is like. effect: Cohen's d against all others in training; size: its word."""

    feature: str
    value: float
    average: float
    effect: float
    size: str
    words: str


@dataclass(frozen=True)
class BuilderRule:
    """The readable rule of a segment, and what of it the rule builder can say.

    words: of the rule. fidelity: F1 against the segment, 0…1; precision, recall: 0…1. rule: JSON for the builder, or
    None when nothing of it can be said there. said, unsaid: the conditions in words, each unsaid one with the reason.
    """

    words: str
    fidelity: float
    precision: float
    recall: float
    rule: dict[str, Any] | None
    said: tuple[str, ...]
    unsaid: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Recommendation:
    """The campaign that the table of recommendations gives the segment."""

    type: str
    channel: str
    offer: str
    timing: str
    reason: str


@dataclass(frozen=True)
class Portrait:
    """The numbers of some customers. Parts that the data cannot give are None: no ages, no dates, no outlets.

    Each distribution adds to `kpis.customers` (categories: their spend adds to what was spent on categories).
    """

    kpis: Kpis
    categories: tuple[CategoryPart, ...]
    outlets: tuple[OutletPart, ...] | None
    recency: tuple[Band, ...] | None
    ages: tuple[Band, ...] | None


@dataclass(frozen=True)
class Choices:
    """What can be filtered by. `no_…`: why it cannot, in a sentence; "" when it can."""

    age_from: int | None
    age_to: int | None
    outlets: tuple[str, ...]
    categories: tuple[str, ...]
    no_age: str
    no_outlet: str
    no_last: str


@dataclass(frozen=True)
class Detail:
    """Everything a page or a report says about one discovered segment, of customers whom the reader may see.

    colour: its place among all discovered segments there ever were. size: the segment's actual size; seen: how many of
    them the reader may see; `portrait` and `reach` are of those of them that match `filters`. average: the same numbers
    of all discovered segments under the same filters. model, trained_at, trained_on: the version of the model in use,
    when and on how many customers it was trained. reason: why the segment cannot be used now; "" when it can. message:
    when nobody matches. as_of: up to when the purchases are known; source: "purchases", or the name of the file. reach:
    who of them could be emailed now; None where it was not asked for.
    """

    segment: UUID
    key: str
    name: str
    description: str
    colour: int
    filters: Filters
    choices: Choices
    today: date
    currency: str
    size: int
    seen: int
    reason: str
    message: str
    portrait: Portrait
    average: Portrait
    traits: tuple[Trait, ...]
    rule: BuilderRule | None
    recommendation: Recommendation | None
    reach: Waterfall | None
    model: int | None
    trained_at: datetime | None
    trained_on: int | None
    as_of: datetime | None
    source: str
