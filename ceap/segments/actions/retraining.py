"""The model is trained again as its schedule says, once per local date; put to use by itself only when chosen."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ceap.accounts.contracts import SYSTEM
from ceap.core.learning.network import Beat, silent
from ceap.jobs import actions as jobs
from ceap.learning import actions as learning
from ceap.learning import queries as models
from ceap.learning.contracts import Deploy
from ceap.segments.actions.discovered import deploy_model
from ceap.segments.contracts import RETRAIN


def retrain_if_due() -> Any:
    """Queue today's training when its time has come and nobody queued it: the job, or None. Safe to call often."""
    with transaction.atomic():
        row = learning.claim()
        return row and jobs.enqueue(RETRAIN, subject="learning")


def retrain(beat: Beat = silent) -> dict[str, Any]:
    """Train again; the new version stands as candidate, or is put to use when that was chosen and it is not worse.

    Returns:
        The number of the new version, whether it was deployed, and why (not).

    Raises:
        Conflict, NotEnough, Unreadable, Invalid: as `learning.actions.retrain`.
    """
    known = learning.retrain(beat)
    compared = known.get("compared")
    verdict = compared["verdict"] if compared else "The new version cannot be compared with the one in use."
    deployed = models.plan().deploy is Deploy.AUTOMATIC and compared is not None and not compared["worse"]
    if deployed:
        deploy_model(SYSTEM, known["version"])
    return {"version": known["version"], "deployed": deployed, "verdict": verdict}
