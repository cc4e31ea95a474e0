"""How the model of this installation is: in use, damaged, at work; what its scorings said."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.core.learning import meaning
from ceap.core.learning.versions import Damaged
from ceap.jobs import queries as jobs
from ceap.kit import journal
from ceap.learning.contracts import COMPARE, EVALUATE, LOOK, TRAIN, VIEW
from ceap.learning.queries.versions import folder, scored, versions

SCORINGS = "scorings.jsonl"
PUBLISHING = ("segments.discover", "segments.retrain")  # jobs of the package above that are about the model
WORK = (TRAIN, LOOK, COMPARE, EVALUATE, *PUBLISHING)
SHOWN = 100


def state(actor: Actor) -> dict[str, Any]:
    """What the page says at its head.

    Returns:
        `in_use`: number; `damaged`: a sentence when its file cannot be used; `scored`: the last scored table; `last`:
        the last scoring with its drift; `jobs`: the latest of each kind of work.

    Raises:
        Forbidden: `actor` may not see segments.
    """
    actor.require(VIEW)
    known, last = versions(), scored()
    number = known.in_use()
    damaged = None
    if number is not None:
        try:
            known.check(number)
        except Damaged as problem:
            damaged = f"{problem.detail} Segments keep the members of the last scoring until then."
    found = next(iter(_scorings()), None)
    return {
        "in_use": number, "damaged": damaged, "may_train": actor.may("learning_manage"),
        "may_add": actor.may("learning_manage") and actor.may("customers_import"),
        "scored": last and {"version": last.version, "as_of": last.as_of, "source": last.source, "file": last.file},
        "last": found if found and found["version"] == number else None,
        "jobs": [
            {"id": row.pk, "kind": row.kind, "state": row.state, "done": row.done, "total": row.total,
             "message": row.message, "created_at": row.created_at, "finished_at": row.finished_at}
            for row in jobs.latest(WORK)
        ],
    }  # fmt: skip


def scorings(actor: Actor) -> list[dict[str, Any]]:
    """Each scoring with its drift, newest first.

    Raises:
        Forbidden: `actor` may not see segments.
    """
    actor.require(VIEW)
    return _scorings()[:SHOWN]


def _scorings() -> list[dict[str, Any]]:
    return list(journal.read(folder() / SCORINGS))[::-1]


def comparison(actor: Actor, version: int) -> dict[str, Any] | None:
    """A version beside the one in use, on the same customers; None: they were not compared yet.

    Raises:
        Forbidden: `actor` may not see segments. NotFound, Damaged: the version.
    """
    actor.require(VIEW)
    known = versions()
    number, facts = known.in_use(), known.manifest(version)
    if number is None or number == version:
        return None
    found: dict[str, Any] | None = facts.get("compared")
    if found is None or found.get("with") != number or "verdict" not in found:
        found = None
        with suppress(OSError, ValueError):
            found = json.loads(known.compared(version, number).read_bytes())
    if found is None:
        return None
    return found | {"names": {str(n): _names(n) for n in (version, number)}}


def _names(version: int) -> dict[str, str]:
    return {one["key"]: one["name"] for one in versions().manifest(version)["segments"]}


def recommendations(actor: Actor) -> dict[str, Any]:
    """The table of recommendations, and whether it was edited.

    Raises:
        Forbidden: `actor` may not see segments. Invalid: the edited table cannot be read.
    """
    actor.require(VIEW)
    edited = folder() / meaning.TABLE
    return {"rows": meaning.recommendations(edited), "edited": edited.exists(), "traits": meaning.TRAITS}
