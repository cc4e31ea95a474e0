"""Customers that a file names and that are not there yet."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ceap.accounts.queries import actor_by
from ceap.core.learning.network import Beat
from ceap.customers.actions import How, upsert_many
from ceap.customers.contracts import Policy
from ceap.kit.problem import Forbidden
from ceap.learning import queries
from ceap.learning.queries import Source

CHUNK = 25_000
EXAMPLES = 5


def with_everybody(id: str, source: Source, beat: Beat) -> Source:
    """The source with the customers that its rows name; those that are not there yet are added when that was decided.

    They are added in parts, each whole or not at all; when the job is stopped and run again it goes on with the rest,
    and nobody is added twice. That is done once: who is erased later is not
    added again. The file's receipt says what became of its rows: rows = matched + added + repeated +
    unnamed (without an id) + unmatched.
    """
    kept = queries.files()
    about, keys = kept.about(id), source.known.keys
    people = source.known.customers
    unnamed = len(people) if keys is None else keys.null_count
    repeated = 0 if keys is None else len(people) - unnamed - pc.count_distinct(keys).as_py()
    before = kept.receipt(id) or {}
    receipt: dict[str, Any] = {
        "rows": len(people), "matched": len(people) - people.null_count, "unnamed": unnamed,
        "repeated": repeated, "done": False,
        "added": 0 if before.get("done", True) else before["added"], "rejected": 0, "problems": [],
    }  # fmt: skip
    receipt["matched"] -= receipt["added"]
    if about.add and keys is not None and people.null_count > unnamed + repeated:
        try:
            _add(id, about.match, about.name, about.adder, _missing(source), receipt, beat)
        except Forbidden as problem:
            receipt["problems"].append({"value": "", "reason": problem.detail})
        source = source.of(queries.matched(about.match, keys))
        people = source.known.customers
    receipt["done"] = True
    receipt["unmatched"] = people.null_count - unnamed - repeated
    kept.receive(id, receipt)
    there = len(people) - people.null_count
    seen = {"named": there + receipt["unmatched"], "matched": there, "unmatched": receipt["unmatched"]}
    about = kept.about(id)
    kept.change(about, add=False, adder=[], look=about.look and about.look | {"customers": seen})
    return source


def _missing(source: Source) -> list[str]:
    """The ids that name nobody yet, each once, in their order."""
    people = source.known.customers
    keys = pa.nulls(len(people), pa.string()) if source.known.keys is None else source.known.keys
    there = pc.is_in(keys, keys.filter(people.is_valid()))
    words: list[str] = pc.unique(keys.filter(pc.invert(there)).drop_null()).to_pylist()
    return words


def _add(
    id: str, kind: str, name: str, adder: list[str], missing: list[str], receipt: dict[str, Any], beat: Beat
) -> None:
    actor = actor_by(*adder)
    how = How(match=(kind,), policy=Policy.CREATE, source=f"Model file {name}"[:120])
    for start in range(0, len(missing), CHUNK):
        beat(0.05 + 0.5 * start / len(missing), f"adding customers: {start:,} of {len(missing):,}")
        part = missing[start : start + CHUNK]
        done = upsert_many(actor, pa.table({kind: pa.array(part, pa.string())}), how)
        receipt["added"] += done.created
        receipt["rejected"] += done.rejected
        room = EXAMPLES - len(receipt["problems"])
        receipt["problems"] += [{"value": one.value, "reason": one.reason} for one in done.problems[:room]]
        queries.files().receive(id, receipt)
