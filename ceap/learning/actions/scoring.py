"""Say which segment each customer belongs to, by the version in use."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from ceap.core.learning import cleaning, drift, lifecycle, purchases, scored
from ceap.core.learning.model import Model
from ceap.core.learning.network import Beat, silent
from ceap.core.learning.versions import Versions
from ceap.kit import journal
from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.learning import queries
from ceap.learning.actions.adding import with_everybody
from ceap.learning.contracts import Discovered
from ceap.learning.queries import Source
from ceap.learning.queries.state import SCORINGS


def score(file: str | None = None, beat: Beat = silent) -> list[Discovered]:
    """Score all customers by the version in use, keep what is known of each (`queries.scored`), and tell its segments.

    A version that was trained on purchases scores purchases; one that was trained on a file scores the last file that
    it was given (`file`, when that is given now), and adds the customers that it names when that was decided.

    Raises:
        Conflict: no version is in use, its file is damaged, or the data that it scores are not here.
        NotFound, Unreadable, Invalid: the file. The last scored table stays in all these cases.
    """
    versions = queries.versions()
    number, model, facts = _in_use(versions)
    beat(0.0, "reading customers")
    id = file or queries.scored_file(number, facts)
    source = _source(id, number, model, facts, beat)
    beat(0.6, "scoring")
    cleaned = lifecycle.known(source.data, model)
    if id and source.data.roles.id:
        cleaned = cleaning.once(cleaned, source.data.sheet.table[source.data.roles.id])
    index, sure = model.score(cleaned.frame)
    made = scored.rows(model, cleaned, index, source.known)
    told = drift.compare(facts.get("reference"), model, cleaned.frame, index, sure)
    beat(0.9, "keeping what is known of each")
    scored.write(made, queries.folder() / scored.FILE, version=number, as_of=source.as_of, source=source.name, file=id)
    about = {"version": number, "at": now().isoformat(), "as_of": source.as_of.isoformat(), "source": source.name}
    receipt = cleaned.json()
    counts = {name: receipt[name] for name in ("rows", "usable", "refused")}
    counts["findings"] = [{k: one[k] for k in ("column", "what", "done", "rows")} for one in receipt["findings"]]
    journal.append(queries.folder() / SCORINGS, about | counts | told)
    names = {one["key"]: one for one in facts["segments"]}
    customers = made["customer"].combine_chunks()
    segment = made["segment"].combine_chunks()
    members = {key: _members(customers, segment, key) for key in model.segments}
    return [
        Discovered(key, names[key]["name"], _words(names[key]), members[key], number, source.as_of)
        for key in model.segments
    ]


def check_file(file: str) -> None:
    """Make sure that the version in use can score a kept file, before it is queued.

    Raises:
        Conflict: no version is in use, its file is damaged, or it scores purchases. NotFound, Unreadable: the file.
        Invalid: a column that the model needs is missing.
    """
    number, model, facts = _in_use(queries.versions())
    if not queries.scored_file(number, facts) and _of_purchases(model, facts):
        raise Conflict(
            f"Version {number} scores the purchases of this installation, with every daily run. To score a file, train "
            "and deploy a version on a file of that shape."
        )
    queries.files().like(file, model.roles)


def _in_use(versions: Versions) -> tuple[int, Model, dict[str, Any]]:
    number = versions.in_use()
    if number is None:
        raise Conflict("No version of the model is in use: deploy one first.")
    model, facts = versions.load(number)
    return number, model, facts


def _of_purchases(model: Model, facts: dict[str, Any]) -> bool:
    return model.roles.source == purchases.SOURCE and facts["data"]["file"] == purchases.SOURCE


def _source(id: str | None, number: int, model: Model, facts: dict[str, Any], beat: Beat) -> Source:
    if id:
        return with_everybody(id, queries.of_file(id, model.roles), beat)
    if _of_purchases(model, facts):
        return queries.of_purchases(model.roles)
    raise Conflict(
        f"Version {number} of the model was trained on the file “{facts['data']['file']}”, which is not kept here: "
        "upload it under Segmentation → Models and choose “Score a new file”."
    )


def _members(customers: Any, segment: Any, key: str) -> BitMap:
    import pyarrow.compute as pc

    mine: NDArray[np.uint32] = customers.filter(pc.equal(segment, key)).drop_null().to_numpy()
    return BitMap(mine)


def _words(told: dict[str, Any]) -> str:
    return "; ".join(trait["words"] for trait in told["traits"][:3]) or "Much as all customers"
