"""Say which segment each customer belongs to, by the version in use."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from ceap.core.learning import lifecycle, purchases, scored
from ceap.core.learning.model import Model
from ceap.kit.problem import Conflict
from ceap.learning import queries
from ceap.learning.contracts import Discovered


def score() -> list[Discovered]:
    """Score all customers by the version in use, keep what is known of each (`queries.scored`), and tell its segments.

    Raises:
        Conflict: no version is in use, it does not tell segments of purchases apart, or its file is damaged; the last
            scored table stays.
    """
    versions = queries.versions()
    number = versions.in_use()
    if number is None:
        raise Conflict("No version of the model is in use: deploy one first.")
    model, facts = versions.load(number)
    if model.roles.source != purchases.SOURCE:
        raise Conflict(
            f"Version {number} of the model was trained on a file, not on the purchases of this installation."
        )
    source = queries.of_purchases(model.roles)
    cleaned = lifecycle.known(source.data, model)
    index, _ = model.score(cleaned.frame)
    made = scored.rows(model, cleaned, index, source.known)
    scored.write(made, queries.folder() / scored.FILE, version=number, as_of=source.as_of, source=source.name)
    told = {one["key"]: one for one in facts["segments"]}
    members = _members(model, source.known.customers.to_numpy(zero_copy_only=False)[cleaned.rows], index)
    return [
        Discovered(key, told[key]["name"], _words(told[key]), members[key], number, source.as_of)
        for key in model.segments
    ]


def _members(model: Model, customers: NDArray[Any], index: NDArray[np.int64]) -> dict[str, BitMap]:
    return {key: BitMap(customers[index == n].astype(np.uint32)) for n, key in enumerate(model.segments)}


def _words(told: dict[str, Any]) -> str:
    return "; ".join(trait["words"] for trait in told["traits"][:3]) or "Much as all customers"
