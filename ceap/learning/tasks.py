"""The jobs of learning."""

from __future__ import annotations

from typing import Any

from ceap.core.learning.network import Beat
from ceap.jobs.actions import Progress, job
from ceap.learning import actions
from ceap.learning.contracts import COMPARE, EVALUATE, LOOK, TRAIN, Training


def beat_of(progress: Progress) -> Beat:
    """A job's progress as learning reports it: the part that is done, and what is being done."""
    return lambda done, what: progress.step(int(100 * done), 100, what[:1].upper() + what[1:])


@job(TRAIN)
def train(
    progress: Progress, by: str, seed: int, segments: int | None = None, file: str | None = None
) -> dict[str, Any]:
    """Train on a file or all purchases; ends with the number of the new version, its metrics and warnings."""
    known = actions.train(by, Training(file, segments, seed), beat=beat_of(progress))
    return {"version": known["version"], "metrics": known["metrics"], "warnings": known["warnings"]}


@job(LOOK)
def look(progress: Progress, file: str) -> dict[str, Any]:
    """Look into a kept file; what was found is kept with it."""
    return actions.look(file, beat_of(progress))


@job(COMPARE)
def compare(progress: Progress, version: int) -> dict[str, Any]:
    """Compare a version with the one in use."""
    return actions.compare(version, beat_of(progress))


@job(EVALUATE)
def evaluate(progress: Progress, version: int, file: str) -> dict[str, Any]:
    """Evaluate a version on a kept file; ends with the metrics."""
    return actions.evaluate(version, file, beat_of(progress))
