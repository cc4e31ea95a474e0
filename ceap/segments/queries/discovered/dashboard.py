"""The dashboard "Segmentation": every discovered segment as a card, with what the charts show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import Actor
from ceap.jobs import queries as jobs
from ceap.segments.contracts import DISCOVER, Build
from ceap.segments.models import MembershipVersion, Segment
from ceap.segments.queries.discovered import model as models
from ceap.segments.queries.discovered.counted import Counted, count
from ceap.segments.queries.discovered.filters import Filters
from ceap.segments.queries.discovered.model import Model, Usable
from ceap.segments.queries.discovered.shapes import Choices, Portrait, Recommendation, Trait
from ceap.segments.shares import percentages

NO_MATCH = "No matching customers found. Try adjusting filters."
TRAITS = 3


class DashboardState(StrEnum):
    """What stands behind the numbers: nothing yet, a model that is damaged, a scoring under way, or all is well."""

    UNTRAINED = "untrained"
    UNDEPLOYED = "undeployed"
    DAMAGED = "damaged"
    SCORING = "scoring"
    UNSCORED = "unscored"
    READY = "ready"


@dataclass(frozen=True)
class Card:
    """One segment. colour: its place among all discovered segments, which it keeps. size: actual; seen: of those the
    reader may see; share: percent of all who match. ready: its membership is not being calculated.
    """

    segment: UUID
    key: str
    name: str
    colour: int
    size: int
    seen: int
    share: float
    ready: bool
    traits: tuple[Trait, ...]
    recommendation: Recommendation | None
    portrait: Portrait


@dataclass(frozen=True)
class Dashboard:
    """All discovered segments under some filters. total: customers seen in them, whatever the filters; size: actual.

    The portraits of the cards add to `portrait`. problem: why the model cannot be used. message: when nobody matches.
    """

    state: DashboardState
    problem: str
    message: str
    filters: Filters
    choices: Choices
    today: date
    currency: str
    size: int
    total: int
    cards: tuple[Card, ...]
    portrait: Portrait
    model: Model | None
    as_of: datetime | None
    source: str


def dashboard(actor: Actor, filters: Filters) -> Dashboard:
    """The dashboard as `actor` may see it.

    Raises:
        Forbidden: without the permission to see segments.
        Invalid: a filter names what is not there, or what the data or the actor's role do not have.
    """
    counted = count(actor, filters)
    usable, problem, model = models.in_use()
    building = _building(counted)
    whole = counted.portrait()
    total = sum(counted.seen.values())
    return Dashboard(
        state(usable, bool(building) or jobs.on_the_way(DISCOVER), counted),
        problem,
        unmatched(filters, whole.kpis.customers),
        filters,
        counted.choices,
        counted.today,
        accounts.organisation().currency,
        sum(counted.sizes.values()),
        total,
        tuple(_cards(counted, model, building, whole)),
        whole,
        model,
        counted.scored.as_of if counted.scored else None,
        counted.scored.source if counted.scored else "",
    )


def unmatched(filters: Filters, customers: int) -> str:
    """What is said when nobody matches; "" else."""
    return NO_MATCH if filters and not customers else ""


def state(usable: Usable, scoring: bool, counted: Counted) -> DashboardState:
    """The one thing to say first."""
    if usable is not Usable.IN_USE:
        return DashboardState(usable)
    if scoring:
        return DashboardState.SCORING
    return DashboardState.READY if counted.scored and counted.sizes else DashboardState.UNSCORED


def colours() -> dict[UUID, int]:
    """The colour of each discovered segment: its place among all there ever were."""
    rows = Segment.objects.filter(kind="discovered").order_by("created_at", "pk")
    return {key: place for place, key in enumerate(rows.values_list("pk", flat=True))}


def _building(counted: Counted) -> set[UUID]:
    """The segments whose membership is being calculated."""
    rows = MembershipVersion.objects.filter(
        segment__in=[row.pk for row in counted.segments], state__in=[Build.QUEUED, Build.BUILDING]
    )
    return set(rows.values_list("segment_id", flat=True))


def _cards(counted: Counted, model: Model | None, building: set[UUID], average: Portrait) -> list[Card]:
    shown = [
        row
        for row in counted.segments
        if row.pk in counted.sums and (counted.sizes[row.pk] or (model and row.model_key in model.told))
    ]
    shares = percentages([counted.sums[row.pk].customers for row in shown])
    place = colours()
    cards = []
    for row, share in zip(shown, shares, strict=True):
        mine = counted.portrait(row.pk)
        traits = model.traits(row.model_key, mine, average, ages=counted.ages)[:TRAITS] if model else ()
        cards.append(Card(
            row.pk, row.model_key, row.name, place[row.pk], counted.sizes[row.pk], counted.seen[row.pk], share,
            row.pk not in building, traits, model.recommendation(row.model_key) if model else None, mine,
        ))  # fmt: skip
    return cards
