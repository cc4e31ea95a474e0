"""The versions of the model of this installation, and what the one in use says about its customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.core.learning import lifecycle, purchases
from ceap.core.learning.lifecycle import Data
from ceap.core.learning.roles import Roles
from ceap.core.learning.table import Sheet
from ceap.core.learning.versions import Versions
from ceap.events import queries as events
from ceap.kit.home import Home
from ceap.kit.problem import Conflict

LINES = {name: name for name in ("customer", "category", "amount", "at")} | {"order": "order_id"}
VIEW = "customers_segment_view"


@dataclass(frozen=True)
class Discovered:
    """One segment of the version in use: who belongs to it, by the purchases as of a moment."""

    key: str
    name: str
    words: str
    members: BitMap
    version: int
    as_of: datetime


def versions() -> Versions:
    """The versions in the home, whoever may see them."""
    return Versions(Home.load().path / "models" / "discover")


def listed(actor: Actor) -> list[dict[str, Any]]:
    """What is known about each version, newest first; `in_use` marks the one that was deployed last.

    Raises:
        Forbidden: `actor` may not see segments. Damaged: a manifest cannot be read.
    """
    actor.require(VIEW)
    found = versions()
    used = found.in_use()
    return [found.manifest(number) | {"in_use": number == used} for number in reversed(found.numbers())]


def deployments(actor: Actor) -> list[dict[str, Any]]:
    """Who put which version to use, and when; newest first.

    Raises:
        Forbidden: `actor` may not see segments.
    """
    actor.require(VIEW)
    return versions().deployments()[::-1]


def customers(before: Roles | None = None) -> Data:
    """Every customer with purchases, as models see them; with the categories of a training, where there was one.

    Raises:
        Conflict: there are no purchases.
    """
    warehouse = events.warehouse()
    warehouse.sync()
    bought = warehouse.table("purchases")
    bought = bought.filter(bought.customer.notnull(), bought.amount > 0)
    lines = warehouse.run(bought.select(*LINES.values(), "outlet").order_by("customer", "at", "order_id", "category"))
    if not lines.num_rows:
        raise Conflict("There are no purchases to learn from: import purchases first.")
    return lifecycle.bought(Sheet(lines), LINES, before)


def discovered() -> list[Discovered]:
    """The segments of the version in use, and who belongs to each by today's purchases.

    Raises:
        Conflict: no version is in use, it does not tell segments of purchases apart, or its file is damaged.
    """
    found = versions()
    number = found.in_use()
    if number is None:
        raise Conflict("No version of the model is in use: deploy one first.")
    model, facts = found.load(number)
    if model.roles.source != purchases.SOURCE:
        raise Conflict(
            f"Version {number} of the model was trained on a file, not on the purchases of this installation."
        )
    as_of = events.warehouse().as_of
    data = customers(model.roles)
    cleaned = lifecycle.known(data, model)
    index, _ = model.score(cleaned.frame)
    ids = data.sheet.table["customer"].to_numpy()[cleaned.rows].astype(np.uint32)
    told = {one["key"]: one for one in facts["segments"]}
    return [
        Discovered(key, told[key]["name"], _words(told[key]), BitMap(ids[index == n]), number, as_of)
        for n, key in enumerate(model.segments)
    ]


def _words(told: dict[str, Any]) -> str:
    return "; ".join(trait["words"] for trait in told["traits"][:3]) or "Much as all customers"
