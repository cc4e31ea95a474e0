"""How a version does on the customers of a file."""

from __future__ import annotations

from typing import Any

from ceap.accounts.contracts import Actor
from ceap.core.learning import lifecycle
from ceap.core.learning.lifecycle import Told
from ceap.core.learning.network import Beat, silent
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.learning import queries
from ceap.learning.contracts import EVALUATE, MANAGE


def start_evaluation(actor: Actor, version: int, file: str) -> Any:
    """Queue the evaluation of a version on a kept file; the job, whose result has the metrics.

    Raises:
        Forbidden: `actor` may not train models. NotFound, Damaged, Unreadable: the version or the file.
        Invalid: a column that the model needs is missing.
    """
    actor.require(MANAGE)
    model, _ = queries.versions().load(version)
    queries.files().like(file, model.roles)
    return jobs.enqueue(EVALUATE, actor, subject=str(version), version=version, file=file)


def evaluate(version: int, file: str, beat: Beat = silent) -> dict[str, Any]:
    """Metrics of a version on a file: separation, certainty; with labels accuracy and F1 or, of discovery, agreement.

    Raises:
        NotFound, Damaged, Unreadable, Invalid: the version or the file.
    """
    beat(0.1, "reading")
    found = queries.versions()
    model, facts = found.load(version)
    about = queries.files().about(file)
    data = queries.files().like(file, model.roles)
    label = next((name for name, role in about.columns.items() if role == "label"), None)
    data = data.labelled(label)
    beat(0.4, "scoring")
    told = lifecycle.evaluate_on(data, about.name, found, Told("", now(), int(facts["seed"])), version)
    metrics = {name: value for name, value in told["metrics"].items() if isinstance(value, (int, float))}
    return {"version": version, "file": about.name, "metrics": metrics, "segments": told["metrics"]["segments"]}
