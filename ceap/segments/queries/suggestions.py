"""Values that exist, to be offered while a rule is written (S-2): of fields, and of what behaviours are narrowed by."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import Actor, Level
from ceap.core.folding import fold, folded
from ceap.customers.contracts import Field, FieldType
from ceap.kit.problem import NotFound, invalid
from ceap.segments import sources
from ceap.segments.queries.preview import seen_by
from ceap.segments.queries.segments import KEY

MOST = 20
SUGGESTING = frozenset({FieldType.TEXT, FieldType.DROPDOWN, FieldType.MULTIPLE, FieldType.URL, FieldType.USER})
# what a behaviour is narrowed by -> table and column to suggest from
BEHAVIOURS = {
    "event": ("events", "name"),
    "item": ("purchases", "item"),
    "category": ("purchases", "category"),
    "outlet": ("purchases", "outlet"),
    "campaign": ("events", "campaign"),
}


@dataclass(frozen=True)
class Suggestion:
    """One value that exists: what goes into the rule, how it is shown, how many rows have it."""

    value: str | int
    label: str
    count: int | None


def suggestions(actor: Actor, *, on: str, search: str = "") -> list[Suggestion]:
    """The most frequent values of a field (by column) or of "event", "item", "category", "outlet", "campaign"
    that contain `search`, drawn from the data that `actor` may see.

    Raises:
        Invalid: there is no such field.
    """
    actor.require(KEY)
    field = sources.fields(actor).get(on)
    if field and field.type is FieldType.USER:
        wanted = fold(search)
        people = [(user.pk, user.name) for user in accounts.people()]
        return [Suggestion(key, name, None) for key, name in people if wanted in name.casefold()][:MOST]
    if field is None and on not in BEHAVIOURS:
        raise invalid("on", "There is no such field.")
    if field and field.type not in SUGGESTING:
        return []
    return _frequent(actor, field, on, search)


def _frequent(actor: Actor, field: Field | None, on: str, search: str) -> list[Suggestion]:
    warehouse = sources.warehouse()
    customers = warehouse.table("customers")
    try:
        own = seen_by(actor, customers)
    except NotFound:
        own = ibis.literal(False)
    if field:
        rows = customers if own is None else customers.filter(own)
        column = rows[field.column].unnest() if field.type is FieldType.MULTIPLE else rows[field.column]
        values = rows.select(value=column)
    else:
        name, behaviour = BEHAVIOURS[on]
        table = warehouse.table(name)
        if actor.level("customers_view") is not Level.ALL and own is not None:
            table = table.semi_join(customers.filter(own), table.customer == customers.id)
        values = table.select(value=table[behaviour].cast("string"))
    found = warehouse.run(_top(values, search)).to_pylist()
    listed = [Suggestion(row["value"], row["value"], row["n"]) for row in found]
    if field and field.options:  # fixed choices are offered even when nobody has them yet
        known = {one.value for one in listed}
        wanted = fold(search)
        listed += [Suggestion(o, o, 0) for o in field.options if o not in known and wanted in o.casefold()]
    return listed[:MOST]


def _top(values: ir.Table, search: str) -> ir.Table:
    rows = values.filter(values.value.notnull(), values.value != "")
    if wanted := fold(search):
        rows = rows.filter(folded(rows.value, wanted).contains(wanted))
    counted = rows.group_by("value").agg(n=rows.count())
    return counted.order_by(ibis.desc("n"), "value").limit(MOST)
