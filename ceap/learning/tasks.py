"""The job of training."""

from __future__ import annotations

from typing import Any

from ceap.jobs.actions import Progress, job
from ceap.learning import actions, contracts


@job(contracts.TRAIN)
def train(progress: Progress, by: str, seed: int, segments: int | None = None) -> dict[str, Any]:
    """Train on all purchases; ends with the number of the new version, its metrics and warnings."""
    progress.step(0, 100, "Reading purchases")
    known = actions.train(
        by, seed=seed, segments=segments, beat=lambda done, what: progress.step(int(100 * done), 100, what.capitalize())
    )
    return {"version": known["version"], "metrics": known["metrics"], "warnings": known["warnings"]}
