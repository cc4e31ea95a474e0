"""Bringing the rows of one part in, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ceap.accounts.contracts import Actor
from ceap.connectors.contracts import Options, Target
from ceap.connectors.targets import lines
from ceap.connectors.targets.fields import Outcome, Row
from ceap.connectors.targets.items import take_items
from ceap.connectors.targets.names import composed
from ceap.connectors.targets.orders import Seen
from ceap.connectors.targets.rates import take_rates
from ceap.customers.actions import How, Rows, upsert_many
from ceap.customers.contracts import Policy
from ceap.customers.queries import reading


def take(
    actor: Actor,
    target: Target,
    given: pa.Table | Rows,
    options: Options,
    *,
    source: str,
    seen: Seen,
    dry: bool = False,
) -> Outcome:
    """Write the rows of one part, called by their fields; `seen` goes on through all parts of a file."""
    if target is Target.CUSTOMERS or isinstance(given, Rows):
        return _customers(actor, given, options, source, dry)
    if target is Target.ITEMS:
        return take_items(actor, given, options, source, dry)
    if target is Target.RATES:
        return take_rates(actor, given, options, dry)
    return lines.take_lines(actor, target, given, options, source, seen, dry)


def chosen(rows: pa.Table, mapping: Mapping[str, str]) -> pa.Table:
    """The mapped columns, called by their fields."""
    given = rows.select(list(mapping)).rename_columns(list(mapping.values()))
    for place, field in enumerate(given.schema):
        if pa.types.is_string(field.type):  # what an export put in front so that no spreadsheet calculates it
            plain = pc.replace_substring_regex(given.column(place), r"^'([=+\-@]|[0-9]+[A-Za-z]{0,2}$)", r"\1")
            given = given.set_column(place, field, plain)
    return composed(given)


def _customers(actor: Actor, given: pa.Table | Rows, options: Options, source: str, dry: bool) -> Outcome:
    how = How(options.match, Policy(options.policy), options.bad_values == "leave_out", source, dry)
    context = reading(dates=options.dates, numbers=options.numbers)
    told = upsert_many(actor, given, how, context=context)
    said = [Row(p.row, p.field, p.value, p.reason, p.rejected) for p in told.problems]
    return Outcome(told.created, told.updated, told.unchanged, told.rejected, said)
