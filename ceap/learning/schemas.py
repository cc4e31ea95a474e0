"""The wire of the model: what comes in and what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from ceap.learning.contracts import Deploy, Every

Role = Literal["id", "outlet", "label", "sales", "recency", "frequency", "basket", "age", "unused"]
Match = Literal["customer_id", "email", "phone"]


class ModelVersionOut(Schema):
    """One version. `data`: rows, usable ones, findings, roles of columns. `compared`: who moved since the one before.

    `metrics`: the neural model's and the simple ones', and a verdict. `segments`: name, traits, rule, recommendation.
    `damaged`: why it cannot be used; what is not known then is empty. `upload`: the kept file that it was trained on.
    """

    version: int
    in_use: bool
    damaged: str | None
    source: Literal["purchases", "file"]
    upload: UUID | None
    scheduled: bool = False
    mode: Literal["discovery", "labels"] | None = None
    trained_at: datetime | None = None
    trained_by: str = ""
    seed: int = 0
    sha256: str = ""
    features: list[str] = []
    data: dict[str, Any] = {}
    warnings: list[str] = []
    metrics: dict[str, Any] = {}
    segments: list[dict[str, Any]] = []
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
    """`file`: a kept file, else all purchases. `segments`: how many; chosen when left out."""

    file: UUID | None = None
    seed: int = Field(1, ge=0, lt=2**32)
    segments: int | None = Field(None, ge=2, le=50)


class TrainingOut(Schema):
    job: UUID


class ModelEvaluateIn(Schema):
    """`file`: the id of a kept file."""

    file: UUID


class ModelFileOut(Schema):
    """A kept file. `names`: its columns; `columns`: column → role, {} for a table of purchases.

    `look`: what was found in it, null while it is being looked at; `receipt`: what the last scoring did with its rows;
    `used_by`: the versions that need it.
    """

    id: UUID
    name: str
    size: int
    rows: int
    by: str
    at: datetime
    names: list[str]
    columns: dict[str, Role]
    match: Match
    add: bool
    look: dict[str, Any] | None
    receipt: dict[str, Any] | None
    used_by: list[int]


class ModelFilesOut(Schema):
    items: list[ModelFileOut]
    next: None = None
    total: int


class ModelFileKeptOut(Schema):
    file: ModelFileOut
    job: UUID


class ModelFileIn(Schema):
    """What columns are (column → role; left out: as they are), and how rows are customers."""

    columns: dict[str, Role] | None = None
    match: Match = "customer_id"
    add: bool = False


class ModelJobOut(Schema):
    """The latest job of one kind."""

    id: UUID
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    message: str
    created_at: datetime
    finished_at: datetime | None


class ModelScoredOut(Schema):
    version: int
    as_of: datetime
    source: str
    file: UUID | None


class ModelDriftOut(Schema):
    """Population stability index of one feature: stable below 0.1, watch below 0.25, else shifted."""

    psi: float
    verdict: Literal["stable", "watch", "shifted"]


class ModelFindingOut(Schema):
    """What was dirty in a column, in how many rows, and what was done about it."""

    column: str
    what: str
    done: str
    rows: int


class ModelScoringOut(Schema):
    """One scoring beside its training: shares of segments, mean certainty, drift of each feature."""

    version: int
    at: datetime
    as_of: datetime
    source: str
    rows: int
    usable: int
    refused: int
    findings: list[ModelFindingOut] = []
    customers: int
    certainty: float
    certainty_before: float | None
    segments: dict[str, float]
    segments_before: dict[str, float]
    features: dict[str, ModelDriftOut]
    verdict: Literal["stable", "watch", "shifted", "unknown"]
    words: str


class ModelScoringsOut(Schema):
    items: list[ModelScoringOut]
    next: None = None
    total: int


class ModelStateOut(Schema):
    """How the model is. `damaged`: the version in use cannot be used, and what to do; `last`: its last scoring."""

    in_use: int | None
    damaged: str | None
    may_train: bool
    may_add: bool
    scored: ModelScoredOut | None
    last: ModelScoringOut | None
    jobs: list[ModelJobOut]


class ModelComparisonOut(Schema):
    """A version beside the one in use (`with`). `moved`: old segment → new segment → customers; `names`: by version."""

    with_: int = Field(alias="with")
    before: dict[str, float]
    after: dict[str, float]
    stayed: float
    worse: bool
    verdict: str
    moved: dict[str, dict[str, int]]
    names: dict[str, dict[str, str]]


class ModelComparedOut(Schema):
    """`comparison`: null when the two were not compared yet."""

    comparison: ModelComparisonOut | None


class ModelPlanIn(Schema):
    """When the model is trained again: `weekday` (0 = Monday) or `day` of the month, at `at` (HH:MM)."""

    every: Every
    weekday: int = 0
    day: int = 1
    at: str = "03:00"
    deploy: Deploy = Deploy.PERSON
    segments: int | None = None
    seed: int = Field(1, ge=0, lt=2**32)


class ModelPlanOut(ModelPlanIn):
    """With the organisation's zone, when it is due next, and who set it.

    `missed_at`: the time at which nothing ran and that the last training made up for; null when it was on time.
    """

    time_zone: str
    next: datetime | None
    set_by: str
    set_at: datetime | None
    missed_at: datetime | None


class RecommendationRow(Schema):
    """`when`: trait → least size of effect (below zero: at most). {top} in a text is the category that stands out."""

    when: dict[str, float]
    type: str
    channel: str
    offer: str
    timing: str
    reason: str


class RecommendationsIn(Schema):
    rows: list[RecommendationRow]


class RecommendationsOut(Schema):
    rows: list[RecommendationRow]
    edited: bool
    traits: list[str]


class CustomerValuesIn(Schema):
    """What is known of somebody: money by category, and further numbers (recency in days, age, …) as far as known."""

    amounts: dict[str, float]
    outlet: str | None = None
    numbers: dict[str, float] = {}


class CustomerScoreOut(Schema):
    """The segment of one customer, by the version in use. `segments`: key → probability."""

    segment: str
    name: str
    probability: float
    segments: dict[str, float]
    version: int
    problems: list[str]
