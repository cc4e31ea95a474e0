"""The wire of the model: parse, call, return."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Router
from ninja import Status as Answer
from ninja.files import UploadedFile

from ceap.accounts.authentication import actor
from ceap.learning import actions, queries, schemas
from ceap.learning.contracts import Plan, Training

router = Router(tags=["learning"])


def _list(found: list[Any]) -> dict[str, Any]:
    return {"items": found, "next": None, "total": len(found)}


@router.get("/state", response=schemas.ModelStateOut)
def state(request: HttpRequest) -> Any:
    """Which version is in use and whether it can be, the last scoring, and what is at work."""
    return queries.state(actor(request))


@router.get("/versions", response=schemas.ModelVersionsOut)
def versions(request: HttpRequest) -> Any:
    """Every version, newest first."""
    return _list(queries.listed(actor(request)))


@router.get("/versions/{version}", response=schemas.ModelVersionOut)
def version(request: HttpRequest, version: int) -> Any:
    """One version."""
    return queries.version(actor(request), version)


@router.get("/versions/{version}/comparison", response=schemas.ModelComparedOut, by_alias=True)
def comparison(request: HttpRequest, version: int) -> Any:
    """A version beside the one in use on the same customers, when they were compared."""
    return {"comparison": queries.comparison(actor(request), version)}


@router.post("/versions/{version}/comparison", response={202: schemas.TrainingOut})
def compare(request: HttpRequest, version: int) -> Any:
    """Compare a version with the one in use; the job tells how far it is."""
    return Answer(202, {"job": actions.start_comparison(actor(request), version).pk})


@router.post("/versions/{version}/evaluation", response={202: schemas.TrainingOut})
def evaluate(request: HttpRequest, version: int, body: schemas.ModelEvaluateIn) -> Any:
    """Evaluate a version on a kept file; the result of the job has the metrics."""
    return Answer(202, {"job": actions.start_evaluation(actor(request), version, str(body.file)).pk})


@router.get("/deployments", response=schemas.ModelDeploymentsOut)
def deployments(request: HttpRequest) -> Any:
    """Who put which version to use, newest first."""
    return _list(queries.deployments(actor(request)))


@router.get("/scorings", response=schemas.ModelScoringsOut)
def scorings(request: HttpRequest) -> Any:
    """The last hundred scorings with their drift, newest first."""
    return _list(queries.scorings(actor(request)))


@router.post("/train", response={202: schemas.TrainingOut})
def train(request: HttpRequest, body: schemas.ModelTrainIn) -> Any:
    """Train a new version on a kept file or on all purchases; the job tells how far it is."""
    what = Training(str(body.file) if body.file else None, body.segments, body.seed)
    return Answer(202, {"job": actions.start_training(actor(request), what).pk})


@router.get("/files", response=schemas.ModelFilesOut)
def files(request: HttpRequest) -> Any:
    """The kept files, newest first."""
    return _list(queries.file_list(actor(request)))


@router.post("/files", response={201: schemas.ModelFileKeptOut})
def upload(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Keep a CSV or Parquet file with one row a customer (or lines of purchases); the job looks into it."""
    me = actor(request)
    about, job = actions.upload(me, file.name or "file", file.chunks())
    return Answer(201, {"file": queries.file(me, about.id), "job": job.pk})


@router.get("/files/{file_id}", response=schemas.ModelFileOut)
def file(request: HttpRequest, file_id: UUID) -> Any:
    """One kept file, and what was found in it."""
    return queries.file(actor(request), str(file_id))


@router.put("/files/{file_id}", response={202: schemas.TrainingOut})
def decide(request: HttpRequest, file_id: UUID, body: schemas.ModelFileIn) -> Any:
    """Say what its columns are and how its rows are customers; it is looked at again."""
    job = actions.decide(actor(request), str(file_id), columns=body.columns, match=body.match, add=body.add)
    return Answer(202, {"job": job.pk})


@router.delete("/files/{file_id}", response={204: None})
def delete_file(request: HttpRequest, file_id: UUID) -> Any:
    """Forget a file that no version needs."""
    actions.delete_file(actor(request), str(file_id))
    return Answer(204, None)


@router.get("/schedule", response=schemas.ModelPlanOut)
def schedule(request: HttpRequest) -> Any:
    """When the model is trained again."""
    return queries.schedule_of(actor(request))


@router.put("/schedule", response=schemas.ModelPlanOut)
def set_schedule(request: HttpRequest, body: schemas.ModelPlanIn) -> Any:
    """Say when the model is trained again."""
    me = actor(request)
    actions.set_schedule(me, Plan(**body.dict()))
    return queries.schedule_of(me)


@router.get("/recommendations", response=schemas.RecommendationsOut)
def recommendations(request: HttpRequest) -> Any:
    """The table by which a segment's campaign is recommended: the first row whose traits all hold."""
    return queries.recommendations(actor(request))


@router.put("/recommendations", response=schemas.RecommendationsOut)
def set_recommendations(request: HttpRequest, body: schemas.RecommendationsIn) -> Any:
    """Edit the table of recommendations; trainings from now on use it."""
    me = actor(request)
    actions.set_recommendations(me, body.dict()["rows"])
    return queries.recommendations(me)


@router.delete("/recommendations", response=schemas.RecommendationsOut)
def restore_recommendations(request: HttpRequest) -> Any:
    """Go back to the table that comes along."""
    me = actor(request)
    actions.restore_recommendations(me)
    return queries.recommendations(me)


@router.post("/score", response=schemas.CustomerScoreOut)
def score(request: HttpRequest, body: schemas.CustomerValuesIn) -> Any:
    """Which segment somebody with these values belongs to."""
    return queries.one_of_values(actor(request), body.amounts, body.outlet, body.numbers)


@router.get("/customers/{customer}", response=schemas.CustomerScoreOut)
def score_customer(request: HttpRequest, customer: int) -> Any:
    """Which segment a customer belongs to, by what is known now."""
    return queries.one(actor(request), customer)


@router.get("/customers/{kind}/{value}", response=schemas.CustomerScoreOut)
def score_customer_named(request: HttpRequest, kind: str, value: str) -> Any:
    """Which segment the customer with an identity belongs to, e.g. /customers/email/ann@example.com."""
    return queries.one(actor(request), kind=kind, value=value)
