"""Keep files to learn from, say what their columns are, and look into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow.compute as pc
from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.core.learning import looking, roles
from ceap.core.learning.files import About
from ceap.core.learning.network import Beat, silent
from ceap.core.values import text
from ceap.customers import queries as customers
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.kit.problem import Conflict, invalid
from ceap.learning import queries
from ceap.learning.contracts import LOOK, MANAGE, MATCHES


def upload(actor: Actor, name: str, blocks: Iterable[bytes]) -> tuple[About, Any]:
    """Keep a file (CSV or Parquet) and queue a look into it: what is known of it, and the job.

    Raises:
        Forbidden: `actor` may not train models. TooLarge: over the limit. Unreadable: it is no table.
    """
    actor.require(MANAGE)
    name = text.file_name(name)
    found, id = queries.files(), str(uuid7())
    about = found.keep(id, name, blocks, queries.limit(), actor.name, now())
    try:
        with transaction.atomic():
            audit(actor, "learning.upload", "model file", id, name, after={"sha256": about.sha256, "rows": about.rows})
            job = jobs.enqueue(LOOK, actor, subject=id, file=id)
    except BaseException:
        found.delete(id)
        raise
    return about, job


def decide(
    actor: Actor, id: str, *, columns: Mapping[str, str] | None = None, match: str = "customer_id", add: bool = False
) -> Any:
    """Say what the columns of a file are and how its rows are customers; a look into it is queued: the job.

    Args:
        columns: column → role (`core.learning.roles.ROLES`); None: as they are. add: customers that are not there yet
            are added when the file is scored.

    Raises:
        Forbidden: `actor` may not train models, or, with `add`, not import customers. HiddenField: `match` is a field
            that the actor's role may not see. NotFound: there is no such file.
        Invalid: the columns or `match`.
    """
    actor.require(MANAGE)
    if match not in MATCHES:
        raise invalid("match", f"Rows can be matched by {', '.join(MATCHES)}.")
    customers.require_seen(actor, match)
    if add:
        actor.require("customers_import")
    found = queries.files()
    about = found.about(id)
    if columns is None:
        columns = about.columns
    elif columns != about.columns:
        roles.chosen(found.read(id).table, columns)
    if add and columns and "id" not in columns.values():
        raise invalid("add", "Customers can only be added from a file with a column of ids: set one column to id.")
    before = {"columns": about.columns, "match": about.match, "add": about.add}
    after = {"columns": dict(columns), "match": match, "add": add}
    with transaction.atomic():
        if before != after:
            audit(actor, "learning.file", "model file", id, about.name, before=before, after=after)
        job = jobs.enqueue(LOOK, actor, subject=id, file=id)
        found.change(about, **after, adder=[actor.kind, actor.id] if add else [], look=None)
    return job


def look(id: str, beat: Beat = silent) -> dict[str, Any]:
    """Read every cell of a file as training would, and find the customers that its rows name; what was found.

    Raises:
        NotFound, Unreadable, Invalid: the file or its columns.
    """
    beat(0.0, "reading")
    found = queries.files()
    about = found.about(id)
    source = queries.of_file(id)
    beat(0.4, "looking at every cell")
    told = looking.look(source.data)
    people, keys = source.known.customers, source.known.keys
    named = 0 if keys is None else pc.count_distinct(keys).as_py()
    there = len(people) - people.null_count
    told["customers"] = {"named": named, "matched": there, "unmatched": named - there}
    found.change(found.about(id), look=told)
    return {"file": id, "name": about.name, "rows": told["rows"], "usable": told["usable"]}


def delete_file(actor: Actor, id: str) -> None:
    """Forget a file.

    Raises:
        Forbidden: `actor` may not train models. NotFound: there is none. Conflict: a version needs it to score.
    """
    actor.require(MANAGE)
    found = queries.files()
    about = found.about(id)
    if used := queries.used_by(id):
        named = ", ".join(map(str, used))
        raise Conflict(f"“{about.name}” is needed by version {named} of the model to score its customers again.")
    with transaction.atomic():
        audit(actor, "learning.delete_file", "model file", id, about.name, before={"sha256": about.sha256})
        found.delete(id)
