"""Segments that a model discovered: one for each of its segments, with members that the model names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from django.db import transaction
from pyroaring import BitMap

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM, Actor
from ceap.core.learning.network import Beat, silent
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.learning import actions as learning
from ceap.learning.contracts import MANAGE, Discovered
from ceap.segments.actions.define import DESCRIPTION, NAME, noted
from ceap.segments.actions.membership import KIND, queue
from ceap.segments.contracts import DISCOVER, Cause, Kind
from ceap.segments.models import Segment


def deploy_model(actor: Actor, version: int) -> Any:
    """Put a version of the model to use; its segments get their members right after, by the job.

    Raises:
        Forbidden, NotFound, Damaged: as `learning.actions.deploy`; nothing changed.
    """
    with transaction.atomic():
        job = jobs.enqueue(DISCOVER, actor, subject="segments")
        learning.deploy(actor, version)
    return job


def score_file(actor: Actor, file: str) -> Any:
    """Queue the scoring of a kept file by the version in use: its customers become the members; the job.

    Raises:
        Forbidden, Conflict, NotFound, Unreadable, Invalid: as `learning.actions.check_file`; nothing changed.
    """
    actor.require(MANAGE)
    learning.check_file(file)
    with transaction.atomic():
        audit(actor, "learning.score", "model file", file)
        return jobs.enqueue(DISCOVER, actor, subject="segments", file=file)


def discover(file: str | None = None, beat: Beat = silent) -> dict[str, int]:
    """Score all customers by the version in use and let its segments hold who belongs to them; sizes by name.

    A segment is made when its key comes for the first time. One whose key the version does not know any more is
    emptied. Archived ones are left alone.

    Args:
        file: the kept file to score from now on, when the version scores files.

    Raises:
        Conflict: no version is in use, or it cannot be used. NotFound, Unreadable, Invalid: the file. The segments keep
            the members they have.
    """
    found = learning.score(file, beat)
    members = {one.key: one.members for one in found}
    with transaction.atomic():
        segments = _segments(found)
        for segment in segments:
            queue(segment, cause=Cause.MODEL, listed=members.get(segment.model_key, BitMap()))
        jobs.enqueue(KIND, subject="segments")
    return {segment.name: len(members.get(segment.model_key, BitMap())) for segment in segments}


def _segments(found: Sequence[Discovered]) -> list[Segment]:
    """The active segments of the model, locked; those that are missing are made."""
    rows = {
        row.model_key: row for row in Segment.objects.select_for_update().filter(kind=Kind.DISCOVERED).order_by("pk")
    }
    for one in found:
        if one.key not in rows:
            rows[one.key] = _made(one)
    return [row for row in rows.values() if row.archived_at is None]


def _made(one: Discovered) -> Segment:
    segment = Segment.objects.create(
        name=_free(one.name), description=one.words[:DESCRIPTION], kind=Kind.DISCOVERED, model_key=one.key,
        created_at=now(), updated_at=now(),
    )  # fmt: skip
    after = {"name": segment.name, "model": one.version, "key": one.key}
    audit(SYSTEM, "segments.create", "segment", segment.pk, segment.name, after=after)
    noted(SYSTEM, segment)
    return segment


def _free(name: str) -> str:
    """The name, with a number when a segment that is not archived has it already."""
    taken = set(
        Segment.objects.filter(archived_at=None, name__startswith=name[: NAME - 4]).values_list("name", flat=True)
    )
    names = (name[:NAME] if n == 1 else f"{name[: NAME - 4]} {n}" for n in count(1))
    return next(one for one in names if one not in taken)
