"""The wire of discovered segments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from ceap.segments.queries.discovered import DashboardState


class DiscoveredFiltersIn(Schema):
    """In a query: names come several times. Numbers are checked with the filters, whose errors name them."""

    age_from: str | None = Field(None, description="Years, included.")
    age_to: str | None = Field(None, description="Years, included.")
    outlets: list[str] = Field([], description="The main outlet is one of these.")
    categories: list[str] = Field([], description="Something of one of these was bought.")
    last_within: str | None = Field(None, description="The last purchase was at most so many days ago.")
    last_over: str | None = Field(None, description="The last purchase was more than so many days ago.")


class DiscoveredFiltersOut(Schema):
    age_from: int | None = None
    age_to: int | None = None
    outlets: list[str] = []
    categories: list[str] = []
    last_within: int | None = None
    last_over: int | None = None
    words: str


class DiscoveredChoicesOut(Schema):
    """What can be filtered by. `no_…`: why it cannot; empty when it can."""

    age_from: int | None
    age_to: int | None
    outlets: list[str]
    categories: list[str]
    no_age: str
    no_outlet: str
    no_last: str


class DiscoveredKpisOut(Schema):
    """Money in the organisation's currency; null where the data do not say it."""

    customers: int
    sales: float
    each: float | None = Field(description="Spend per customer.")
    basket: float | None = Field(description="Spend per order.")
    orders: int | None
    frequency: float | None = Field(description="Orders per customer.")
    recency: float | None = Field(description="Mean days since the last purchase.")


class DiscoveredCategoryOut(Schema):
    name: str
    spend: float
    share: float = Field(description="Percent of all spend on categories.")
    customers: int = Field(description="Who bought of it.")


class DiscoveredOutletOut(Schema):
    """Those whose main outlet it is; the last one, without a name: not known."""

    name: str
    customers: int
    share: float
    spend: float


class DiscoveredBandOut(Schema):
    label: str
    customers: int
    share: float
    known: bool


class DiscoveredPortraitOut(Schema):
    """Null is what the data cannot give, or the role may not see."""

    kpis: DiscoveredKpisOut
    categories: list[DiscoveredCategoryOut]
    outlets: list[DiscoveredOutletOut] | None
    recency: list[DiscoveredBandOut] | None
    ages: list[DiscoveredBandOut] | None


class DiscoveredTraitOut(Schema):
    """In the portrait's numbers. effect: Cohen's d against all others in training; size: none, small, medium, large."""

    feature: str
    value: float
    average: float
    effect: float
    size: str
    words: str


class DiscoveredRecommendationOut(Schema):
    type: str
    channel: str
    offer: str
    timing: str
    reason: str


class DiscoveredCardOut(Schema):
    """`size`: actual; `seen`: of those one may see. `share`: percent of all who match. `colour`: place, for ever."""

    segment: UUID
    key: str
    name: str
    colour: int
    size: int
    seen: int
    share: float
    ready: bool
    traits: list[DiscoveredTraitOut]
    recommendation: DiscoveredRecommendationOut | None
    portrait: DiscoveredPortraitOut


class DiscoveredVerdictOut(Schema):
    yardstick: str
    neural: float
    simple: float
    words: str


class DiscoveredModelOut(Schema):
    version: int
    mode: str
    trained_at: datetime
    trained_by: str
    trained_on: int
    verdict: DiscoveredVerdictOut | None


class DiscoveredDashboardOut(Schema):
    """The portraits of the cards add to `portrait`. `total`: customers one may see, whatever the filters."""

    state: DashboardState
    problem: str
    message: str
    filters: DiscoveredFiltersOut
    choices: DiscoveredChoicesOut
    today: date
    currency: str
    size: int
    total: int
    cards: list[DiscoveredCardOut]
    portrait: DiscoveredPortraitOut
    model: DiscoveredModelOut | None
    as_of: datetime | None
    source: str


class DiscoveredRuleOut(Schema):
    """`rule`: for the rule builder; null when nothing of it can be said there. `unsaid`: words and reason of each."""

    words: str
    fidelity: float
    precision: float
    recall: float
    rule: dict[str, Any] | None
    said: list[str]
    unsaid: list[tuple[str, str]]


class DiscoveredDetailOut(Schema):
    """One segment under the filters; `average`: all discovered segments under the same ones."""

    segment: UUID
    key: str
    name: str
    description: str
    colour: int
    filters: DiscoveredFiltersOut
    choices: DiscoveredChoicesOut
    today: date
    currency: str
    size: int
    seen: int
    reason: str = Field(description="Why the segment cannot be used now; empty when it can.")
    message: str
    portrait: DiscoveredPortraitOut
    average: DiscoveredPortraitOut
    traits: list[DiscoveredTraitOut]
    rule: DiscoveredRuleOut | None
    recommendation: DiscoveredRecommendationOut | None
    model: int | None
    trained_at: datetime | None
    trained_on: int | None
    as_of: datetime | None
    source: str


class DiscoveredComparisonOut(Schema):
    """Two segments side by side; nobody is in both."""

    a: DiscoveredDetailOut
    b: DiscoveredDetailOut
