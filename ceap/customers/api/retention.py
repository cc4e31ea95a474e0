"""Legal holds, erasures that are under way, and what goes by age."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.customers import actions, queries, schemas
from ceap.customers.api.router import router


def _privacy(who: Actor, customer: int) -> dict[str, Any]:
    return {"hold": queries.hold_over(who, customer), "everybody_held": queries.everybody_is_held()}


@router.get("/retention", response=schemas.RetentionOut)
def retention(request: HttpRequest) -> Any:
    """The newest runs, the newest first: how many of each kind went, by setting."""
    return {"runs": queries.retention_runs(actor(request)), "names": queries.kept_names()}


@router.get("/retention/preview", response=dict[str, int])
def retention_preview(request: HttpRequest) -> Any:
    """How many of each kind a run would delete now, by setting."""
    return actions.would_go(actor(request))


@router.post("/retention/run", response={202: schemas.RetentionStarted})
def retention_run(request: HttpRequest) -> Any:
    """Delete now what is past its age; no job when a run is under way."""
    job = actions.start_retention(actor(request))
    return Answer(202, {"job": job.pk if job else None})


@router.get("/{int:customer}/privacy", response=schemas.PrivacyOut)
def privacy(request: HttpRequest, customer: int) -> Any:
    """Whether there is a legal hold over the customer."""
    who = actor(request)
    return _privacy(who, queries.find(who, customer).pk)


@router.put("/{int:customer}/hold", response=schemas.PrivacyOut)
def hold(request: HttpRequest, customer: int, body: schemas.HoldIn) -> Any:
    """Put the customer under a legal hold: neither erased nor shortened by age until it is lifted."""
    who = actor(request)
    actions.hold(who, customer, body.reason)
    return _privacy(who, queries.find(who, customer).pk)


@router.delete("/{int:customer}/hold", response=schemas.PrivacyOut)
def lift(request: HttpRequest, customer: int) -> Any:
    """End the legal hold over the customer."""
    who = actor(request)
    actions.lift(who, customer)
    return _privacy(who, queries.find(who, customer).pk)


@router.get("/erasures", response=list[schemas.ErasureOut])
def erasures(request: HttpRequest, open: bool = False) -> Any:
    """Who was erased, the newest first, and how far the erasing of the last copies is."""
    return [_erasure(row) for row in queries.erasures(actor(request), open_only=open)]


@router.get("/{int:customer}/erasure", response=schemas.ErasureOut)
def erasure(request: HttpRequest, customer: int) -> Any:
    """How far the erasing of the last copies of an erased customer is."""
    return _erasure(queries.erasure(actor(request), customer))


def _erasure(row: Any) -> dict[str, Any]:
    done, steps = queries.progress_of(row)
    state = "done" if row.finished_at else "waiting" if row.problem else "running" if done else "requested"
    return {
        "customer": row.customer, "state": state, "requested_by": row.requested_by, "requested_at": row.requested_at,
        "due_at": row.due_at, "finished_at": row.finished_at, "done": done, "steps": steps, "problem": row.problem,
    }  # fmt: skip
