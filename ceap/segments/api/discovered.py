"""Discovered segments: the dashboard, one of them, two of them, and putting a version of the model to use."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Schema
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.segments import actions, schemas
from ceap.segments.api import rows
from ceap.segments.api.router import router
from ceap.segments.queries import discovered
from ceap.segments.queries.discovered import Filters
from ceap.segments.schemas.discovered import (
    DiscoveredComparisonOut,
    DiscoveredDashboardOut,
    DiscoveredDetailOut,
    DiscoveredFiltersIn,
)


@router.get("/discovered/dashboard", response=DiscoveredDashboardOut)
def dashboard(request: HttpRequest, filters: Query[DiscoveredFiltersIn]) -> Any:
    """Every discovered segment as a card with its numbers, of the customers one may see and who match the filters."""
    return _told(discovered.dashboard(actor(request), _read(filters)))


@router.get("/discovered/compare", response=DiscoveredComparisonOut)
def compare(request: HttpRequest, a: UUID, b: UUID, filters: Query[DiscoveredFiltersIn]) -> Any:
    """Two discovered segments side by side, under the same filters."""
    one, other = discovered.compare(actor(request), a, b, _read(filters))
    return {"a": _told(one), "b": _told(other)}


class ScoreFileIn(Schema):
    """`file`: the id of a kept file."""

    file: UUID


class ScoreFileOut(Schema):
    job: UUID


@router.post("/discovered/score", response={202: ScoreFileOut})
def score(request: HttpRequest, body: ScoreFileIn) -> Any:
    """Score a kept file by the version in use: the customers that it names become the members."""
    job = actions.score_file(actor(request), str(body.file))
    return Answer(202, {"job": job.pk})


@router.get("/discovered/{segment_id}", response=DiscoveredDetailOut)
def detail(request: HttpRequest, segment_id: UUID, filters: Query[DiscoveredFiltersIn]) -> Any:
    """Everything about one discovered segment, of those of its customers whom one may see and who match the filters."""
    return _told(discovered.detail(actor(request), segment_id, _read(filters), reach=False))


@router.get("/discovered/{segment_id}/reach", response=schemas.SegmentWaterfallOut)
def reach(request: HttpRequest, segment_id: UUID, filters: Query[DiscoveredFiltersIn]) -> Any:
    """How many of them could be emailed now, step by step. Seconds for a million."""
    return rows.waterfall(discovered.reach(actor(request), segment_id, _read(filters)))


@router.post("/discovered/versions/{version}/deploy", response={204: None})
def deploy(request: HttpRequest, version: int) -> Any:
    """Put a version of the model to use, a newer or an older one; its segments get their members right after."""
    actions.deploy_model(actor(request), version)


def _read(filters: DiscoveredFiltersIn) -> Filters:
    return Filters.read(filters.dict())


def _told(found: discovered.Dashboard | discovered.Detail) -> dict[str, Any]:
    return asdict(found) | {"filters": found.filters.json() | {"words": found.filters.words()}}
