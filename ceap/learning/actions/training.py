"""Train a version of the model."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.core.learning import lifecycle
from ceap.core.learning.lifecycle import Told
from ceap.core.learning.network import Beat, silent
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, invalid
from ceap.learning import queries
from ceap.learning.contracts import MANAGE, TRAIN, Training


def start_training(actor: Actor, what: Training | None = None) -> Any:
    """Queue a training; the job.

    With a file whose columns have a label the labels are learnt, else segments are discovered.

    Raises:
        Forbidden: `actor` may not train models. NotFound: there is no such file.
        Invalid: labels are learnt, whose number is given; or the file cannot be learnt from.
    """
    actor.require(MANAGE)
    what = what or Training()
    if what.file:
        about = queries.files().about(what.file)
        if what.segments and "label" in about.columns.values():
            raise invalid("segments", "The labels of the file say how many segments there are: leave the number out.")
        if about.look and about.look["problems"]:
            raise invalid("file", " ".join(about.look["problems"]))
    with transaction.atomic():
        row = jobs.enqueue(TRAIN, actor, subject="learning", by=actor.name, **asdict(what))
        audit(actor, "learning.train", "model", row.pk, after=asdict(what))
    return row


def train(by: str, what: Training, *, beat: Beat = silent, **facts: Any) -> dict[str, Any]:
    """Train on a kept file, or on all purchases, and keep the model as a new version; returns its manifest.

    Raises:
        Conflict: there are no purchases. NotEnough: they are too few or too alike. Unreadable, Invalid: the file.
    """
    beat(0.0, "reading")
    source = queries.of_file(what.file, people=False) if what.file else queries.of_purchases()
    told, known = Told(by, now(), what.seed), queries.versions()
    more = facts | ({"upload": what.file} if what.file else {})
    return lifecycle.train_on(source.data, source.name, known, told, segments=what.segments, beat=beat, facts=more)


def retrain(beat: Beat = silent) -> dict[str, Any]:
    """Train again as the schedule says, on what the version in use scores; returns the new version's manifest.

    Raises:
        Conflict: no version is in use, or there are no purchases. NotEnough, Unreadable, Invalid: the data.
    """
    versions, plan = queries.versions(), queries.plan()
    number = versions.in_use()
    if number is None:
        raise Conflict("No version of the model is in use: train and deploy one first.")
    facts = versions.manifest(number)
    file = queries.scored_file(number, facts)
    segments = None if facts["mode"] == "labels" else plan.segments
    return train("Schedule", Training(file, segments, plan.seed), beat=beat, scheduled=True)
