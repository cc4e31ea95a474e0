"""Which customers rules select and who can be reached, in one scan whose expression is composed once and kept.

An expression is kept for its rules, the zone, the names of users, the columns of the warehouse, and whether it looks
at everybody; the moment and the customers to look at are given anew each time (`Parameters`). The engine keeps its SQL
as long as it is kept here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import ibis.expr.types as ir
import pyarrow as pa
from pyroaring import BitMap

from ceap.segments import expressions, sources
from ceap.segments.conditions import CheckedRule
from ceap.segments.context import Context, Parameters
from ceap.segments.counting import TABLES, columns_of

MOST = 8  # expressions kept of a warehouse


@dataclass(frozen=True)
class Composed:
    """`flags` of some rules; what `parameters` give belongs to it."""

    flags: ir.Table
    parameters: Parameters


_kept: WeakKeyDictionary[sources.Warehouse, OrderedDict[Hashable, Composed]] = WeakKeyDictionary()
_lock = threading.Lock()


def flags(
    warehouse: sources.Warehouse,
    rules: Sequence[CheckedRule],
    context: Context,
    look: BitMap | None,
    unwanted: Callable[[], bool] | None = None,
) -> pa.Table:
    """id, m0, m1 … (whether each rule selects the customer), email_ok and whatsapp_ok of the customers `look`; of all
    when None. `unwanted` as in the warehouse's `run`."""
    found = composed(warehouse, rules, context, everybody=look is None)
    return warehouse.run(found.flags, unwanted, given=found.parameters.given(context, look))


def composed(
    warehouse: sources.Warehouse, rules: Sequence[CheckedRule], context: Context, *, everybody: bool
) -> Composed:
    """The expression of these rules, as it is kept or else composed."""
    key = key_of(warehouse, rules, context, everybody)
    with _lock:
        known = _kept.setdefault(warehouse, OrderedDict())
        if key in known:
            known.move_to_end(key)
            return known[key]
    parameters = Parameters(context.zone, dict(context.users))
    scan = expressions.scan(warehouse, rules, parameters, None if everybody else ())
    made = Composed(expressions.flags(scan, expressions.reachable(scan.table)), parameters)
    with _lock:
        known[key] = made
        while len(known) > MOST:
            known.popitem(last=False)
    return made


def key_of(
    warehouse: sources.Warehouse, rules: Sequence[CheckedRule], context: Context, everybody: bool
) -> tuple[Hashable, ...]:  # fmt: skip
    """All that an expression depends on but what is given at each run."""
    behaviours = {column.what.behaviour for rule in rules for one in rule.flat() for column in columns_of(one)}
    tables = ["customers", *sorted(TABLES[behaviour] for behaviour in behaviours)]
    schemas = tuple((name, warehouse.table(name).schema()) for name in tables)
    said = tuple((rule.join, rule.groups) for rule in rules)
    return said, str(context.zone), frozenset(context.users.items()), schemas, everybody
