"""Values that exist, to be offered while a rule is written (S-2): of fields, and of what behaviours are narrowed by.

Whoever sees all customers is answered from a list of the values and how often each occurs, which is kept (`answers`):
it is exact, and at most ten minutes old where there are many rows. A field with more than `LISTED` different values
(an email address) has no list; there some of the values that fit are offered, uncounted.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import ibis
import ibis.expr.types as ir

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import Actor, Level
from ceap.core.folding import fold, folded
from ceap.customers.contracts import Field, FieldType
from ceap.kit.problem import NotFound, invalid
from ceap.segments import sources
from ceap.segments.queries import unlisted
from ceap.segments.queries.answers import Answers
from ceap.segments.queries.preview import seen_by
from ceap.segments.queries.segments import KEY

MOST = 20
LISTED = 20_000  # different values of a field that are listed and counted
TRIED = 60_000  # rows in which more than so many may show already, before all are counted
SOME = 200  # rows looked at for a field that has more of them
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
    wanted = fold(search)
    if actor.level("customers_view") is Level.ALL:
        listed = _listed(field, on, wanted)
    else:
        listed = _counted(_top(_matching(_values(actor, field, on), wanted), MOST))
    if field and field.options:  # fixed choices are offered even when nobody has them yet
        known = {one.value for one in listed}
        listed += [Suggestion(o, o, 0) for o in field.options if o not in known and wanted in o.casefold()]
    return listed[:MOST]


def _values(actor: Actor | None, field: Field | None, on: str) -> ir.Table:
    """The values, a row each time one occurs, in column "value"; those that `actor` may see, or all."""
    warehouse = sources.warehouse()
    customers = warehouse.table("customers")
    try:
        own = seen_by(actor, customers) if actor else None
    except NotFound:
        own = ibis.literal(False)
    if field:
        rows = customers if own is None else customers.filter(own)
        column = rows[field.column].unnest() if field.type is FieldType.MULTIPLE else rows[field.column]
        values = rows.select(value=column)
    else:
        name, behaviour = BEHAVIOURS[on]
        table = warehouse.table(name)
        if own is not None:
            table = table.semi_join(customers.filter(own), table.customer == customers.id)
        values = table.select(value=table[behaviour].cast("string"))
    return values.filter(values.value.notnull(), values.value != "")


def _matching(values: ir.Table, wanted: str) -> ir.Table:
    return values.filter(folded(values.value, wanted).contains(wanted)) if wanted else values


def _top(values: ir.Table, most: int) -> ir.Table:
    counted = values.group_by("value").agg(n=values.count())
    return counted.order_by(ibis.desc("n"), "value").limit(most)


def _counted(found: ir.Table) -> list[Suggestion]:
    rows = sources.warehouse().run(found).to_pylist()
    return [Suggestion(row["value"], row["value"], row["n"]) for row in rows]


def _unlisted(field: Field | None, on: str, wanted: str) -> ir.Table:
    """The values among which those that contain `wanted` are, in column "value"; they may be "" or null."""
    if field is None or field.type is FieldType.MULTIPLE:
        return _values(None, field, on)
    rows = unlisted.narrowed(sources.warehouse().table("customers"), field.column, wanted)
    return rows.select(value=rows[field.column]) if wanted else _values(None, field, on)


Lines = list[tuple[str, Suggestion]]  # folded, value
_lists: Answers[Lines | None] = Answers(32)


def _listed(field: Field | None, on: str, wanted: str) -> list[Suggestion]:
    """What fits, of all values."""

    def ask() -> tuple[Lines | None, int]:
        values = _values(None, field, on)
        first = values.limit(TRIED)
        [tried] = (
            sources.warehouse().run(first.aggregate(rows=first.count(), different=first.value.nunique())).to_pylist()
        )
        if tried["different"] > LISTED:
            return None, tried["rows"]
        listed = _counted(_top(values, LISTED + 1))
        rows = sum(one.count or 0 for one in listed)
        return (None if len(listed) > LISTED else [(fold(str(one.value)), one) for one in listed]), rows

    lines = _lists.get(field.column if field else on, ask)
    if lines is not None:
        return list(islice((one for folded, one in lines if wanted in folded), MOST))
    some = _matching(_unlisted(field, on, wanted), wanted).limit(SOME)
    values = dict.fromkeys(sources.warehouse().run(some).column("value").to_pylist())
    return [Suggestion(value, value, None) for value in sorted(values)[:MOST]]
