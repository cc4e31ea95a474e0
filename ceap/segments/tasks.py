"""The job of segments, and what runs now and then."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ceap.accounts.queries import actor_by
from ceap.core.learning.network import Beat
from ceap.jobs import queries
from ceap.jobs.actions import Progress, job
from ceap.jobs.schedule import every
from ceap.segments import actions
from ceap.segments.contracts import DISCOVER, RETRAIN, Selection


@job("segments.recalculate")
def recalculate(progress: Progress, segment: str | None = None) -> dict[str, Any]:
    """Build every waiting membership version, of one segment or of all."""

    def cancelled() -> bool:
        return queries.cancel_requested(progress.job_id)

    return actions.build_pending(
        segment, lambda done, total, message: progress.step(done, total, message), cancelled=cancelled
    )


@job(DISCOVER)
def discover(progress: Progress, file: str | None = None) -> dict[str, Any]:
    """Score all customers by the model in use and publish its segments; sizes by name."""
    return actions.discover(file, _beat(progress))


@job(RETRAIN)
def retrain(progress: Progress) -> dict[str, Any]:
    """Train the model again; ends with the number of the new version and what became of it."""
    return actions.retrain(_beat(progress))


def _beat(progress: Progress) -> Beat:
    return lambda done, what: progress.step(int(100 * done), 100, what[:1].upper() + what[1:])


@job("segments.export")
def export(
    progress: Progress, inside: list[str], outside: list[str], join: str, format: str, actor_kind: str, actor_id: str
) -> dict[str, Any]:
    """Write members to a file; with the rights that who asked for it has now."""
    selection = Selection(tuple(map(UUID, inside)), tuple(map(UUID, outside)), join)
    name = f"{progress.job_id}.{format}"
    actor = actor_by(actor_kind, actor_id)
    return actions.write_members(actor, selection, format, name, lambda done, total: progress.step(done, total))


@job("segments.match")
def match(progress: Progress, list_id: str, actor_kind: str, actor_id: str) -> dict[str, Any]:
    """Match a long list of ids with the customers."""
    progress.step(0, message="Matching ids with customers")
    return actions.match_long(actor_by(actor_kind, actor_id), list_id, progress.job_id, progress.step)


every(20, role="app", name="segments: daily recalculation")(actions.run_if_due)
every(20, role="app", name="segments: re-training")(actions.retrain_if_due)
every(1, role="app", name="segments: changes")(actions.follow)
every(3600, role="app", name="segments: old lists")(actions.sweep_lists)
every(15, role="app", name="segments: waiting recalculations")(actions.rescue)
