"""Everything about one discovered segment, and two of them side by side."""

from __future__ import annotations

from uuid import UUID

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import Actor
from ceap.kit.problem import Conflict, NotFound
from ceap.segments.contracts import NOT_READY, SegmentStatus
from ceap.segments.models import Segment
from ceap.segments.queries.discovered import model as models
from ceap.segments.queries.discovered.builder import builder_rule
from ceap.segments.queries.discovered.counted import Counted, count
from ceap.segments.queries.discovered.dashboard import colours, unmatched
from ceap.segments.queries.discovered.filters import Filters
from ceap.segments.queries.discovered.model import Model
from ceap.segments.queries.discovered.shapes import Detail
from ceap.segments.queries.segments import latest, status, unready
from ceap.segments.queries.waterfall import Waterfall, waterfall_of

ABSENT = "There is no such discovered segment; it may be archived."


def detail(actor: Actor, segment_id: UUID | str, filters: Filters, *, reach: bool = True) -> Detail:
    """Everything that is said about one discovered segment, of its members who match.

    Args:
        reach: whether to ask the gate who of them could be emailed now, which takes seconds for a million.

    Raises:
        Forbidden: without the permission to see segments.
        NotFound: there is no such active discovered segment, or `actor` may not see it.
        Conflict: its first membership is still being built.
        Invalid: a filter names what is not there, or what the data or the actor's role do not have.
    """
    counted = count(actor, filters)
    return _detail(actor, segment_id, counted, filters, models.in_use()[2], reach)


def compare(actor: Actor, a: UUID | str, b: UUID | str, filters: Filters) -> tuple[Detail, Detail]:
    """Two segments under the same filters; nobody is in both.

    Raises:
        As `detail`.
    """
    counted = count(actor, filters)
    model = models.in_use()[2]
    return _detail(actor, a, counted, filters, model, False), _detail(actor, b, counted, filters, model, False)


def reach(actor: Actor, segment_id: UUID | str, filters: Filters) -> Waterfall:
    """How many of the members who match could be emailed now, step by step.

    Raises:
        As `detail`.
    """
    counted = count(actor, filters)
    return waterfall_of(counted.who(row_of(segment_id, counted)))


def row_of(segment_id: UUID | str, counted: Counted) -> UUID:
    """The segment's key.

    Raises:
        NotFound, Conflict: as `detail`.
    """
    row = next((row for row in counted.segments if str(row.pk) == str(segment_id)), None)
    if row is None:
        raise NotFound(ABSENT)
    if row.pk not in counted.sums:
        raise Conflict(NOT_READY)
    return row.pk


def _reason(row: Segment) -> str:
    newest = latest(row)
    state = status(newest.state, newest.data_as_of) if newest else SegmentStatus.QUEUED
    return unready(state, newest.error if newest else "", archived=False)


def _detail(
    actor: Actor, segment_id: UUID | str, counted: Counted, filters: Filters, model: Model | None, reach: bool
) -> Detail:
    key = row_of(segment_id, counted)
    row = next(row for row in counted.segments if row.pk == key)
    told = model.told.get(row.model_key, {}) if model else {}
    mine, average = counted.portrait(key), counted.portrait()
    return Detail(
        segment=key,
        key=row.model_key,
        name=row.name,
        description=row.description,
        colour=colours()[key],
        filters=filters,
        choices=counted.choices,
        today=counted.today,
        currency=accounts.organisation().currency,
        size=counted.sizes[key],
        seen=counted.seen[key],
        reason=_reason(row),
        message=unmatched(filters, counted.sums[key].customers),
        portrait=mine,
        average=average,
        traits=model.traits(row.model_key, mine, average, ages=counted.ages) if model else (),
        rule=builder_rule(actor, told.get("rule"), model.source if model else None),
        recommendation=model.recommendation(row.model_key) if model else None,
        reach=waterfall_of(counted.who(key)) if reach else None,
        model=model.version if model else None,
        trained_at=model.trained_at if model else None,
        trained_on=model.trained_on if model else None,
        as_of=counted.scored.as_of if counted.scored else None,
        source=counted.scored.source if counted.scored else "",
    )
