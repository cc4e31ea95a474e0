"""The segment of one customer, by the version in use, at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ceap.accounts.contracts import Actor
from ceap.core.learning import lifecycle
from ceap.core.learning.frame import Frame
from ceap.core.learning.model import Model
from ceap.core.learning.scored import AMOUNT, NUMBER
from ceap.core.learning.versions import MODEL
from ceap.customers import queries as customers
from ceap.kit.problem import Conflict, NotFound, invalid
from ceap.learning.contracts import VIEW, OneScored
from ceap.learning.queries.sources import of_purchases
from ceap.learning.queries.versions import scored, scored_file, versions


def one(actor: Actor, customer: int | None = None, *, kind: str = "", value: str = "") -> OneScored:
    """Which segment a customer belongs to, by what is known now; named by the key, or by an identity.

    By the customer's purchases, or, when the version in use scores a file, by the row of that file.

    Raises:
        Forbidden: `actor` may not see segments. NotFound: there is no such customer, `actor` may not see it, or nothing
            is known of what it buys. Conflict: no version is in use, or its file is damaged.
    """
    actor.require(VIEW)
    actor.require("customers_view")
    key = customer if customer is not None else customers.resolve(kind, value)
    if key is None:
        raise NotFound("There is no such customer.")
    who = customers.find(actor, key).pk
    model, facts, number = _in_use()
    if scored_file(number, facts):
        return _told(model, facts, number, _of_file(model, number, who), ())
    try:
        source = of_purchases(model.roles, who)
    except Conflict:
        raise NotFound("This customer bought nothing yet: there is nothing to tell a segment by.") from None
    cleaned = lifecycle.known(source.data, model)
    return _told(model, facts, number, cleaned.frame, tuple(f"{f.column} {f.what}" for f in cleaned.findings))


def one_of_values(
    actor: Actor, amounts: Mapping[str, float], outlet: str | None, numbers: Mapping[str, float]
) -> OneScored:
    """Which segment somebody with these values belongs to.

    Args:
        amounts: category → money spent, every category of the version. numbers: "recency", "age", …; as far as known.

    Raises:
        Forbidden: `actor` may not see segments. Conflict: no version is in use, or its file is damaged.
        Invalid: a category is missing, unknown, negative or infinite.
    """
    actor.require(VIEW)
    model, facts, number = _in_use()
    wanted = model.features.categories
    for name in wanted:
        if name not in amounts:
            raise invalid(f"amounts.{name}", f"The amount of {name} is missing; the model needs {', '.join(wanted)}.")
    for name, value in amounts.items():
        if name not in wanted:
            raise invalid(f"amounts.{name}", f"The model knows no {name}; it needs {', '.join(wanted)}.")
        if not np.isfinite(value) or value < 0:
            raise invalid(f"amounts.{name}", f"The amount of {name} must be a number from 0 on.")
    known = sorted({*model.roles.numbers, *model.features.numbers})
    for name, value in numbers.items():
        if name not in known or not np.isfinite(value) or value < 0:
            allowed = f"one of {', '.join(known)}, from 0 on" if known else "left out: the model uses no numbers"
            raise invalid(f"numbers.{name}", f"{name} must be {allowed}.")
    place = model.places.read(outlet) if model.places is not None and outlet is not None else outlet
    problems = (f"{outlet} is an outlet that was not in training",) if _new(model, outlet, place) else ()
    frame = Frame(
        {name: np.array([float(amounts[name])]) for name in wanted},
        np.array([place], object) if model.features.outlets else None,
        {name: np.array([float(value)]) for name, value in numbers.items()},
    )
    return _told(model, facts, number, frame, problems)


def _new(model: Model, outlet: str | None, place: str | None) -> bool:
    return outlet is not None and bool(model.features.outlets) and place not in model.features.outlets


def _in_use() -> tuple[Model, dict[str, Any], int]:
    found = versions()
    number = found.in_use()
    if number is None:
        raise Conflict("No version of the model is in use: deploy one first.")
    try:
        changed = (found.folder / f"{number:06}" / MODEL).stat().st_mtime_ns
    except OSError:
        changed = 0
    model, facts = _loaded(str(found.folder), number, changed)
    return model, facts, number


@lru_cache(maxsize=2)
def _loaded(folder: str, number: int, changed: int) -> tuple[Model, dict[str, Any]]:
    return versions().load(number)


def _told(model: Model, facts: dict[str, Any], number: int, frame: Frame, problems: tuple[str, ...]) -> OneScored:
    found = model.probabilities(frame)[0]
    best = int(found.argmax())
    names = {told["key"]: told["name"] for told in facts["segments"]}
    chances = {key: round(float(p), 6) for key, p in zip(model.segments, found, strict=True)}
    key = model.segments[best]
    return OneScored(key, names[key], chances[key], chances, number, problems)


def _of_file(model: Model, number: int, customer: int) -> Frame:
    """What the scored table knows of a customer."""
    head = scored()
    if head is None or head.version != number:
        raise Conflict(f"Version {number} has scored nobody yet: the deployment is still at work, or it failed.")
    table, known = _table(str(head.path), head.path.stat().st_mtime_ns)
    at = int(np.searchsorted(known, np.uint32(customer)))
    if at == len(known) or known[at] != customer:
        raise NotFound(
            f"This customer has no row in “{head.source}” that could be read: there is nothing to tell a segment by."
        )
    row = table.slice(at, 1).to_pylist()[0]
    numbers = {name: row.get(f"{NUMBER}{name}") for name in model.features.numbers}
    return Frame(
        {name: np.array([row[f"{AMOUNT}{name}"]]) for name in model.features.categories},
        np.array([row["outlet"]], object),
        {name: np.array([float(value)]) for name, value in numbers.items() if value is not None},
    )


@lru_cache(maxsize=1)
def _table(path: str, changed: int) -> tuple[pa.Table, NDArray[np.uint32]]:
    """A scored table, and its customers in order."""
    table = pq.read_table(path, memory_map=True)
    return table, table["customer"].drop_null().to_numpy()
