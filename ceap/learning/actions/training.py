"""Train a version of the model."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.core.learning import lifecycle
from ceap.core.learning.lifecycle import Told
from ceap.core.learning.network import Beat, silent
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.learning import queries
from ceap.learning.contracts import MANAGE, TRAIN


def start_training(actor: Actor, *, seed: int = 1, segments: int | None = None) -> Any:
    """Queue a training on all purchases; the job.

    Raises:
        Forbidden: `actor` may not train models.
    """
    actor.require(MANAGE)
    with transaction.atomic():
        row = jobs.enqueue(TRAIN, actor, subject="learning", by=actor.name, seed=seed, segments=segments)
        audit(actor, "learning.train", "model", row.pk, after={"seed": seed, "segments": segments})
    return row


def train(by: str, *, seed: int, segments: int | None, beat: Beat = silent) -> dict[str, Any]:
    """Train on all purchases and keep the model as a new version; returns its manifest.

    Raises:
        Conflict: there are no purchases. NotEnough: they are too few or too alike.
    """
    beat(0.0, "reading purchases")
    source = queries.of_purchases()
    return lifecycle.train_on(
        source.data, source.name, queries.versions(), Told(by, now(), seed), segments=segments, beat=beat
    )
