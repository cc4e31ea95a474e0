"""Train a version of the model on the installation's purchases, and put one to use."""

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

TRAIN = "learning.train"
ADD = "customers_segment_add"


def start_training(actor: Actor, *, seed: int = 1, segments: int | None = None) -> Any:
    """Queue a training on all purchases; the job.

    Raises:
        Forbidden: `actor` may not create segments.
    """
    actor.require(ADD)
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
    data = queries.customers()
    return lifecycle.train_on(
        data, "purchases", queries.versions(), Told(by, now(), seed), segments=segments, beat=beat
    )


def deploy(actor: Actor, version: int) -> None:
    """Put a version to use, a newer or an older one.

    Raises:
        Forbidden: `actor` may not create segments. NotFound, Damaged: the version; nothing changed.
    """
    actor.require(ADD)
    found = queries.versions()
    facts, before = found.manifest(version), found.in_use()
    with transaction.atomic():
        audit(
            actor, "learning.deploy", "model", version, f"Version {version}",
            before={"version": before}, after={"version": version, "sha256": facts["sha256"]},
        )  # fmt: skip
        found.deploy(version, actor.name, now())
