"""For whom a condition holds, kept between questions: changing one condition of a rule scans for that one alone.

What is kept is about all customers, whoever asked; whom the asker may see is cut out at each answer. It is brought up
to the warehouse by looking again at the customers whom the change log names since; after a file of bulk data, changed
fields, or a warehouse made anew the condition is scanned again. So an answer is as fresh as the warehouse. Two limits:
nothing is kept for more than `OLDEST` seconds, and what changes with time alone ("in the last …") for `SHORT`.
"""

from __future__ import annotations

import functools
import operator as op
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import ibis
import ibis.expr.types as ir
from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.core import bitmaps
from ceap.customers.contracts import FieldType
from ceap.events import queries as events
from ceap.segments import expressions, sources, turns
from ceap.segments.changes import EVERYBODY, Changes, follow_merges, patched
from ceap.segments.conditions import (
    Checked,
    CheckedGroup,
    CheckedRule,
    OnBehaviour,
    OnCampaign,
    OnField,
    OnMoment,
    OnSegment,
)
from ceap.segments.context import Context
from ceap.segments.counting import TABLES, columns_of
from ceap.segments.queries.questions import Asking, Unwanted
from ceap.segments.rules import Join, Rule
from ceap.segments.shapes import Shape

MOST = 64 << 20  # bytes kept
OLDEST = 600.0
SHORT = 60.0
ENTRIES = 5_000  # of the change log, from which on a scan of everybody is cheaper
LOOK = 0.05  # seconds between two looks whether a scan is still wanted
NOWHERE = Rule(groups=())  # where a rule comes from that nobody wrote
TIMES = 3  # that an answer is brought up to what was loaded while it was worked out


@dataclass(frozen=True)
class Everyone:
    """Who is a customer."""


@dataclass(frozen=True)
class Owned:
    """Whose owner is this user."""

    user: int


Unit = Checked | Everyone | Owned
Place = tuple[int, int]


@dataclass(frozen=True)
class Held:
    """Whom a unit holds for as of `place`, a position of the warehouse; `begun`, `context`: of the scan."""

    members: BitMap
    place: Place
    fillings: int
    begun: float
    context: Context

    def serves(self, unit: Unit, warehouse: sources.Warehouse, context: Context) -> bool:
        """Whether it can be brought up to the warehouse."""
        return (
            self.fillings == warehouse.fillings
            and self.place <= warehouse.position()
            and time.monotonic() - self.begun < OLDEST
            and (not _moves(unit) or self._still(context))
        )

    def _still(self, context: Context) -> bool:
        passed = context.now - self.context.now
        return context.today == self.context.today and timedelta() <= passed < timedelta(seconds=SHORT)


def key_of(unit: Unit, context: Context) -> Hashable:
    """What is the same for whoever asks about `unit`."""
    named = isinstance(unit, OnField) and unit.field.type is FieldType.USER  # which may be meant by a part of it
    return unit, str(context.zone), frozenset(context.users.items()) if named else None


class Known:
    """What is kept of each warehouse; the least used is forgotten for it."""

    def __init__(self, most: int = MOST):
        self.most = most
        self._all: WeakKeyDictionary[sources.Warehouse, OrderedDict[Hashable, Held]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, warehouse: sources.Warehouse, key: Hashable) -> Held | None:
        with self._lock:
            known = self._all.setdefault(warehouse, OrderedDict())
            if key in known:
                known.move_to_end(key)
            return known.get(key)

    def keep(self, warehouse: sources.Warehouse, key: Hashable, held: Held) -> None:
        with self._lock:
            known = self._all.setdefault(warehouse, OrderedDict())
            known[key] = held
            known.move_to_end(key)
            total = sum(_size(one.members) for one in known.values())
            while total > self.most and len(known) > 1:
                total -= _size(known.popitem(last=False)[1].members)


known = Known()


@dataclass(frozen=True)
class Counted:
    """What a rule selects of the customers that somebody may see. `conditions`: of each by itself."""

    as_of: datetime
    total: int
    conditions: list[int]
    matched: BitMap


def counted(asking: Asking, warehouse: sources.Warehouse, actor: Actor, rule: CheckedRule, context: Context) -> Counted:
    """Whom `rule` selects of the customers that `actor` may see, exactly, as the warehouse says now."""
    as_of = warehouse.as_of  # fills it here, should it be empty, not in a thread of the queue
    flat, seen = rule.flat(), _seen(actor)
    asked = {one for one in flat if not isinstance(one, OnSegment)}
    units: set[Unit] = {*asked, *([seen] if seen else []), *([Everyone()] if len(asked) < len(flat) else [])}
    found = _Finder(asking, warehouse, context).members(units)
    mine = found[seen] if seen else BitMap()

    def holds(one: Checked) -> BitMap:
        if not isinstance(one, OnSegment):
            return found[one] & mine
        inside = context.members(one.segment)
        return mine - inside if one.negated else mine & inside

    sets = [holds(one) for one in flat]
    return Counted(as_of, len(mine), [len(one) for one in sets], _joined(rule, sets))


def _seen(actor: Actor) -> Everyone | Owned | None:
    """Whose customers `actor` may see; None: nobody's."""
    match actor.customers_seen:
        case "all":
            return Everyone()
        case "owned" if actor.user_id:
            return Owned(actor.user_id)
    return None


_JOIN: Mapping[Join, Callable[[BitMap, BitMap], BitMap]] = {Join.AND: op.and_, Join.OR: op.or_}


def _joined(rule: CheckedRule, sets: Sequence[BitMap]) -> BitMap:
    left = iter(sets)
    groups = [functools.reduce(_JOIN[group.join], [next(left) for _ in group.conditions]) for group in rule.groups]
    return functools.reduce(_JOIN[rule.join], groups)


class _Finder:
    """Finds whom units hold for: what is kept is brought up to the warehouse, the rest is scanned."""

    def __init__(self, asking: Asking, warehouse: sources.Warehouse, context: Context):
        self.asking, self.warehouse, self.context = asking, warehouse, context

    def members(self, units: Iterable[Unit]) -> dict[Unit, BitMap]:
        """All as of one position, unless the warehouse is loaded faster than they are looked at."""
        wanted = list(units)
        found = self._scanned(wanted)
        for _ in range(TIMES):
            place = self.warehouse.position()
            late = [unit for unit in wanted if found[unit].place < place]
            if not late:
                break
            found |= self._brought_up(late, found, place)
        return {unit: held.members for unit, held in found.items()}

    def _scanned(self, units: Iterable[Unit], anew: bool = False) -> dict[Unit, Held]:
        found, missing = {}, []
        for unit in units:
            held = None if anew else known.get(self.warehouse, key_of(unit, self.context))
            if held and held.serves(unit, self.warehouse, self.context):
                found[unit] = held
            else:
                missing.append(unit)
        asked: dict[Hashable, Callable[[Unwanted], Held]] = {
            ("scan", self.warehouse, key_of(unit, self.context)): functools.partial(self._scan, unit)
            for unit in missing
        }
        answers = self.asking.answers(asked)
        return found | dict(zip(missing, answers.values(), strict=True))

    def _scan(self, unit: Unit, unwanted: Unwanted) -> Held:
        started = time.monotonic()
        fillings, place = self.warehouse.fillings, self.warehouse.position()
        if isinstance(unit, Everyone | Owned):
            table = self.warehouse.table("customers")
            ids = table.filter(_of(unit, table)).select("id") if isinstance(unit, Owned) else table.select("id")
        else:
            ids = expressions.matched(expressions.scan(self.warehouse, [_rule([unit])], self.context))
        members = bitmaps.of(self.warehouse.run(ids, unwanted, LOOK).column("id"))
        return self._keep(unit, Held(members, place, fillings, started, self.context))

    def _brought_up(self, late: list[Unit], found: dict[Unit, Held], place: Place) -> dict[Unit, Held]:
        """What changed since the oldest of them, for all of them."""
        oldest = min(found[unit].place for unit in late)
        tables = {name for unit in late for name in _tables(unit)}
        look = self._changed(oldest, tables)
        if look is EVERYBODY:
            return self._scanned(late, anew=True)
        if look:
            ask = functools.partial(self._look, late, look)
            key = "look", self.warehouse, oldest, place, frozenset(key_of(unit, self.context) for unit in late)
            [matched] = self.asking.answers({key: ask}).values()
        else:
            matched = {unit: BitMap() for unit in late}
        return {
            unit: self._keep(
                unit, replace(found[unit], members=patched(found[unit].members, look, matched[unit]), place=place)
            )
            for unit in late
        }

    def _changed(self, since: Place, tables: set[str]) -> BitMap | None:
        """Who may have changed since, in what these tables count; None: anybody."""
        without = [kind for kind, table in (("event", "events"), ("purchase", "purchases")) if table not in tables]
        entries = events.after(since, ENTRIES, without)
        if len(entries) == ENTRIES or any(_everything(entry.kind, tables) for entry in entries):
            return EVERYBODY
        changes = Changes()
        changes.add(entries)
        follow_merges(changes)
        return changes.of(tables)

    def _look(self, units: list[Unit], look: BitMap, unwanted: Unwanted) -> dict[Unit, BitMap]:
        conditions = [unit for unit in units if not isinstance(unit, Everyone | Owned)]
        scan = expressions.scan(self.warehouse, [_rule([one]) for one in conditions], self.context, look)
        extra = {f"o{unit.user}": _of(unit, scan.table) for unit in units if isinstance(unit, Owned)}
        table = self.warehouse.run(expressions.flags(scan, extra), unwanted, LOOK)
        rows = bitmaps.Rows(table.column("id").to_numpy())
        found: dict[Unit, BitMap] = {one: rows.where(table.column(f"m{n}")) for n, one in enumerate(conditions)}
        for unit in units:
            if isinstance(unit, Everyone):
                found[unit] = rows.everyone
            elif isinstance(unit, Owned):
                found[unit] = rows.where(table.column(f"o{unit.user}"))
        return found

    def _keep(self, unit: Unit, held: Held) -> Held:
        known.keep(self.warehouse, key_of(unit, self.context), held)
        return held


def _rule(conditions: Sequence[Checked]) -> CheckedRule:
    return CheckedRule(Join.AND, (CheckedGroup(Join.AND, tuple(conditions)),), NOWHERE)


def _of(unit: Owned, table: ir.Table) -> ir.BooleanValue:
    return (table.owner == unit.user).fill_null(ibis.literal(False))


def _tables(unit: Unit) -> set[str]:
    """Which of "events" and "purchases" a unit counts."""
    if isinstance(unit, Everyone | Owned):
        return set()
    return {TABLES[column.what.behaviour] for column in columns_of(unit)}


def _everything(kind: str, tables: set[str]) -> bool:
    """Whether an entry of the change log says something about customers whom it does not name."""
    return kind == "fields" or (kind in ("items", "rates") and "purchases" in tables)


def _moves(unit: Unit) -> bool:
    """Whether time alone changes whom a unit holds for."""
    match unit:
        case OnField() | OnMoment():
            return unit.operator.shape is Shape.SPAN
        case OnBehaviour() | OnCampaign():
            return turns.looks_at(unit) is not None
    return False


def _size(members: BitMap) -> int:
    known = members.get_statistics()
    return int(known["n_bytes_array_containers"] + known["n_bytes_run_containers"] + known["n_bytes_bitset_containers"])
