"""A version beside the one in use, on the same customers."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from ceap.accounts.contracts import Actor
from ceap.core.learning import lifecycle, training
from ceap.core.learning.network import Beat, silent
from ceap.jobs import actions as jobs
from ceap.kit.problem import Conflict
from ceap.learning import queries
from ceap.learning.contracts import COMPARE, MANAGE


def start_comparison(actor: Actor, version: int) -> Any:
    """Queue a comparison with the version in use; the job.

    Raises:
        Forbidden: `actor` may not train models. NotFound: there is no such version.
        Conflict: none is in use, or it is that one.
    """
    actor.require(MANAGE)
    found = queries.versions()
    found.manifest(version)
    if found.in_use() in (None, version):
        raise Conflict("There is no other version in use to compare with: deploy one first.")
    return jobs.enqueue(COMPARE, actor, subject=str(version), version=version)


def compare(version: int, beat: Beat = silent) -> dict[str, Any]:
    """Compare a version with the one in use on the customers of its training; kept beside it.

    Raises:
        Conflict: they cannot be compared, or a file is damaged.
    """
    found = queries.versions()
    used = found.in_use()
    if used is None:
        raise Conflict("There is no version in use to compare with: deploy one first.")
    (after, facts), (before, _) = found.load(version), found.load(used)
    if not lifecycle.comparable(before, after):
        raise Conflict(
            f"Versions {used} and {version} cannot be compared: one learnt labels and the other discovered segments, "
            "or they were trained on other categories."
        )
    beat(0.1, "reading customers")
    upload = facts.get("upload")
    source = queries.of_file(upload, after.roles, people=False) if upload else queries.of_purchases(after.roles)
    cleaned = lifecycle.known(source.data, after)
    beat(0.5, "scoring by both")
    labelled = np.arange(len(cleaned.rows))
    if cleaned.labels is not None:
        labelled = np.flatnonzero(np.isin(cleaned.labels.astype(str), after.segments))
    told = {"with": used} | training.beside(before, after, cleaned, labelled, int(facts["seed"]))
    path = found.compared(version, used)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(told))
    draft.replace(path)
    return {"version": version, "with": used, "verdict": told["verdict"]}
