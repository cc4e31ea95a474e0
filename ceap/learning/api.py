"""The wire of the model: its versions, who put them to use, and training."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from ninja import Status as Answer
from pydantic import Field

from ceap.accounts.authentication import actor
from ceap.learning import actions, queries

router = Router(tags=["learning"])


class ModelVersionOut(Schema):
    """One version. `data`: rows, usable ones, findings, roles of columns. `compared`: who moved since the one before.

    `metrics`: the neural model's and the simple ones', and a verdict. `segments`: name, traits, rule, recommendation.
    """

    version: int
    in_use: bool
    mode: Literal["discovery", "labels"]
    trained_at: datetime
    trained_by: str
    seed: int
    sha256: str
    features: list[str]
    data: dict[str, Any]
    warnings: list[str]
    metrics: dict[str, Any]
    segments: list[dict[str, Any]]
    compared: dict[str, Any] | None = None


class ModelVersionsOut(Schema):
    items: list[ModelVersionOut]
    next: None = None
    total: int


class ModelDeploymentOut(Schema):
    version: int
    by: str
    at: datetime


class ModelDeploymentsOut(Schema):
    items: list[ModelDeploymentOut]
    next: None = None
    total: int


class ModelTrainIn(Schema):
    """`segments`: how many; chosen when left out."""

    seed: int = Field(1, ge=0, lt=2**32)
    segments: int | None = Field(None, ge=2, le=50)


class TrainingOut(Schema):
    job: UUID


@router.get("/versions", response=ModelVersionsOut)
def versions(request: HttpRequest) -> Any:
    """Every version, newest first."""
    found = queries.listed(actor(request))
    return {"items": found, "total": len(found)}


@router.get("/deployments", response=ModelDeploymentsOut)
def deployments(request: HttpRequest) -> Any:
    """Who put which version to use, newest first."""
    found = queries.deployments(actor(request))
    return {"items": found, "total": len(found)}


@router.post("/train", response={202: TrainingOut})
def train(request: HttpRequest, body: ModelTrainIn) -> Any:
    """Train a new version on all purchases; the job tells how far it is."""
    job = actions.start_training(actor(request), seed=body.seed, segments=body.segments)
    return Answer(202, {"job": job.pk})
