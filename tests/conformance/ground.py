"""Customers, conditions and an engine's answer: what every engine is asked, and how."""

# ruff: noqa: E501
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pyarrow as pa
from pyroaring import BitMap

from ceap.core.engine import Engine
from ceap.customers.contracts import FieldType
from ceap.segments import expressions, operators, validation
from ceap.segments.conditions import MEASURES, PROPERTY, Known, narrowed_by
from ceap.segments.context import Context, Parameters
from ceap.segments.shapes import Shape
from tests.segments import lake as made
from tests.segments.lake import EVENTS, FIELDS, PURCHASES, customer_schema, stored
from tests.segments.oracle import Oracle
from tests.segments.test_oracle import PROPS

T = FieldType
USERS = made.USERS
SEGMENTS: dict[str, set[int]] = {
    "00000000-0000-0000-0000-000000000001": {1, 4, 40, 4_000_000_000},
    "00000000-0000-0000-0000-000000000002": set(),
}
# Hundreds of expressions over a hundred rows: making Java code of them would take minutes.
QUICK = "?spark.sql.codegen.wholeStage=false&spark.sql.codegen.factoryMode=NO_CODEGEN"
CODEGEN = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "CODEGEN_ONLY"}  # as by default
# The day clocks go forward and the day they go back, an ordinary day, and one after 2037.
WORLDS = [
    ("America/New_York", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
    ("Asia/Colombo", datetime(2026, 6, 15, 18, 45, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2040, 3, 25, 1, 0, tzinfo=UTC)),
]
TEXTS = [
    *made.TEXTS, "e\u0301tude", "étude", "👩‍👩‍👧", "tab\there", "\\", "\\%", "a\\_b", "''", "``", "\r\n", "İ", "i̇", "ſs", "Σ", "ς", "x" * 1000,
    "http://HTTPS://a", "${x}", "{{x}}", "/* c */", "\u00a0", "𝒜", "𐐀", "𐐨",
]  # fmt: skip
NUMBERS = [
    *made.NUMBERS, Decimal("0.0001"), Decimal("-0.0001"), Decimal("99999999999999.9999"), Decimal("-99999999999999"),
    Decimal("12345678.1234"), Decimal("0.3"),
]  # fmt: skip
LISTS = [*made.LISTS, ["İ"], ["i̇", "x"], ["\\"], ["%"], ["ſ"], ["S"], ["a", "b", "A", "B"]]
FEW = ["whatsapp", "STRASSE", "istanbul", "%", "_", "'", "\\", "a_b", "ſ", "line\nbreak", "😀", "nobody"]
WANTED = [t for t in TEXTS if t]
PLAIN_TEXT = {"full_name": WANTED, "c_my_url": [*FEW, "https://", "example.com/a", "http://example.com"]}
SPANS = [{"count": c, "unit": u} for c in (1, 3) for u in ("hours", "days", "weeks", "months", "years")]


@dataclass(frozen=True)
class World:
    """A moment in a zone, and everybody there."""

    zone: ZoneInfo
    now: datetime
    customers: list[dict[str, Any]]
    purchases: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def days(self) -> list[date]:
        today = self.now.astimezone(self.zone).date()
        return [today + timedelta(days=n) for n in (-366, -31, -1, 0, 1, 30)] + [date(1969, 12, 31), date(2038, 1, 20)]


def columns() -> list[str]:
    """A column for each type of field, and one whose users also go by name."""
    first: dict[FieldType, str] = {}
    for column, field in FIELDS.items():
        if column not in operators.BY_NAME_OF_USER:
            first.setdefault(field.type, column)
    first[T.TEXT] = "full_name"
    return [*first.values(), "created_by", "c_my_number"]


def world(zone: str, now: datetime) -> World:
    """Customers with every awkward value of every type, and what they bought and did."""
    place = ZoneInfo(zone)
    naive = now.replace(tzinfo=None)
    midnight = now.astimezone(place).replace(hour=0, minute=0, second=0).astimezone(UTC).replace(tzinfo=None)
    moments = [
        None, datetime(1900, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2038, 1, 19, 3, 14, 8), datetime(2999, 12, 31),
        *(naive + timedelta(seconds=n) for n in (-86400, -3600, -1, 0, 1, 3600, 86400)),
        *(midnight + timedelta(days=d, hours=h, microseconds=m) for d in (-366, -31, -7, -3, -1, 0, 1, 2, 7) for h in (-1, 0, 1) for m in (-1, 0)),
    ]  # fmt: skip
    today = now.astimezone(place).date()
    days = [None, date(1800, 1, 1), date(1969, 12, 31), date(2038, 1, 20), date(2999, 12, 31), date(2024, 2, 29)]
    days += [today + timedelta(days=n) for n in (-366, -365, -31, -30, -8, -7, -3, -2, -1, 0, 1, 2, 3, 7, 30, 31)]
    seen: dict[FieldType, list[Any]] = {
        T.NUMBER: NUMBERS, T.DATE: days, T.DATETIME: moments, T.BOOLEAN: [None, True, False], T.USER: [None, 1, 2, 3],
        T.MULTIPLE: LISTS, T.FILE: [None, "", '["a.pdf"]'], T.SIGNATURE: [None, "", "data:x"],
    }  # fmt: skip
    asked = columns()
    longest = max(len(seen.get(FIELDS[c].type, TEXTS)) for c in asked)
    customers = []
    for n in range(longest):
        row = {"id": n * 3 + 1}
        for column in asked:
            values = seen.get(FIELDS[column].type, TEXTS)
            row[column] = values[n % len(values)]
        customers.append(stored(row, customer_schema()))
    names = [None, "A", "a", "straße", "STRASSE", "7", "%"]
    times = [m for m in moments if m]
    purchases = [
        {
            "key": f"p{n}", "order_id": f"o{n % 31}", "customer": None if n % 11 == 0 else n % 13 * 3 + 1,
            "item": names[n % 7], "item_name": names[n % 5], "category": names[n % 6], "outlet": names[n % 4],
            "quantity": Decimal(["1", "0", "-2", "0.5", "3"][n % 5]), "unit_price": Decimal("0.1"),
            "amount": Decimal(["0.1", "10.0001", "-5", "99999999.9999"][n % 4]), "at": times[n % len(times)],
            "props": PROPS[n % len(PROPS)],
        }
        for n in range(200)
    ]  # fmt: skip
    events = [
        {
            "seq": n, "key": f"e{n}", "customer": n % 17 * 3 + 1, "name": made.NAMES[n % 4], "at": times[n % len(times)],
            "item": names[n % 7], "campaign": [None, "A", "7"][n % 3], "amount": [None, Decimal("0.1"), Decimal(5)][n % 3],
            "props": PROPS[n % len(PROPS)],
        }
        for n in range(200)
    ]  # fmt: skip
    return World(
        place, now, customers,
        [stored(p, PURCHASES) for p in purchases], [stored(e, EVENTS) for e in events],
    )  # fmt: skip


def values(column: str, shape: Shape, of: World) -> list[Any]:
    """What an operator of this shape is asked with. A shape without values here fails the suite."""
    days = [day.isoformat() for day in of.days]
    listed: dict[Shape, list[Any]] = {
        Shape.NONE: [None],
        Shape.TEXT: PLAIN_TEXT.get(column, FEW),
        Shape.OPTION: FEW,
        Shape.OPTIONS: [["a"], ["B", "a"], ["strasse"], ["A", "a"], ["100%"], ["'"], ["x,y", "100%"], ["nobody"], ["i̇"], ["s"], ["\\"]],
        Shape.NUMBER: [0, 0.1, -1.5, 100, 99999999999.9999, 0.0001, 12345678.1234],
        Shape.NUMBERS: [[0, 100], [-1.5, 0.1], [5, 5], [0.0001, 0.3]],
        Shape.DATE: days,
        Shape.DATES: [[days[1], days[3]], [days[3], days[3]], ["1800-01-01", "2999-12-31"]],
        Shape.SPAN: SPANS,
        Shape.USER: [1, 2, 99],
    }  # fmt: skip
    return listed[shape]


def conditions(of: World) -> Iterator[dict[str, Any]]:
    """Every operator of every type of field, and every other kind of condition."""
    for column in columns():
        for operator in operators.operators(column, FIELDS[column].type).values():
            for value in values(column, operator.shape, of):
                yield {"kind": "field", "field": column, "operator": operator.key, "value": value}
    yield from counted(of)
    yield from narrowed()
    yield from moments(of)
    for key in SEGMENTS:
        yield from ({"kind": "segment", "segment": key, "operator": operator} for operator in ("in", "not_in"))
    for campaign in ("any", "A", "7"):
        for became in ("was_sent", "was_not_sent", "opened", "not_opened"):
            for window in (None, {"count": 3, "unit": "days"}):
                yield {"kind": "campaign", "campaign": campaign, "operator": became, "window": window}


BEHAVIOURS = (("purchased", None), ("did", made.NAMES[0]))


def counted(of: World) -> Iterator[dict[str, Any]]:
    """Every measure with every comparison, in every sort of window."""
    days = [day.isoformat() for day in of.days]
    windows = [
        None, {"count": 3, "unit": "days"}, {"count": 1, "unit": "hours"}, {"count": 1, "unit": "months"},
        {"from": days[2], "to": days[3]}, {"from": None, "to": days[1]}, {"from": days[3], "to": None},
    ]  # fmt: skip
    for behaviour, event in BEHAVIOURS:
        for measure in MEASURES[behaviour]:
            for comparison, wanted in (("at_least", 1), ("at_most", 1), ("exactly", 0), ("between", [1, 3])):
                for window in windows if comparison == "at_least" else windows[:2]:
                    plain = measure == "count" and comparison != "between"
                    yield {
                        "kind": "behaviour", "behaviour": behaviour, "event": event, "measure": str(measure),
                        "comparison": comparison, "times": wanted if plain else None,
                        "value": None if plain else wanted, "window": window,
                        "filters": [{"on": "category", "value": "a"}] if measure == "share" else [],
                    }  # fmt: skip


def narrowed() -> Iterator[dict[str, Any]]:
    """Everything that behaviours are narrowed by, with each of its operators."""
    for behaviour, event in BEHAVIOURS:
        for on, known in narrowed_by(behaviour).items():
            for operator in known.values():
                text = ["STRASSE", "%"] if on == "item" else ["a"]
                asked: dict[Shape, list[Any]] = {
                    Shape.TEXT: text,
                    Shape.NUMBER: [5],
                    Shape.NUMBERS: [[-1.5, 12.5]],
                    Shape.NONE: [None],
                }
                for value in asked[operator.shape]:
                    filters = [{"on": f"{on}a" if on == PROPERTY else on, "operator": operator.key, "value": value}]
                    yield {
                        "kind": "behaviour", "behaviour": behaviour, "event": event, "comparison": "at_least",
                        "times": 1, "filters": filters,
                    }  # fmt: skip


def moments(of: World) -> Iterator[dict[str, Any]]:
    """First and last, with each operator of a date."""
    for behaviour, event in BEHAVIOURS:
        for which in ("first", "last"):
            for operator in operators.DATETIME:
                for value in values("created_at", operator.shape, of)[2:5] or [None]:
                    yield {
                        "kind": "moment", "behaviour": behaviour, "event": event, "which": which,
                        "operator": operator.key, "value": value,
                    }  # fmt: skip


def thinned(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For an engine that takes seconds for a scan: each of the many texts with a third of the operators, and a third
    of what is not about fields."""
    kept: list[dict[str, Any]] = []
    met: Counter[str] = Counter()
    for one in found:
        if one["kind"] != "field":
            met["others"] += 1
            if met["others"] % 3:
                continue
        elif one["field"] == "full_name" and one["value"] is not None:
            met[one["operator"]] = met.get(one["operator"], len(met)) + 1
            if met[one["operator"]] % 3:
                continue
        kept.append(one)
    return kept


def changing(of: World, first: bool) -> list[dict[str, Any]]:
    """The conditions to ask in a world: all in the first one, those that look at a clock in the others."""
    return [one for one in conditions(of) if first or looks_at_a_clock(one)]


def looks_at_a_clock(one: dict[str, Any]) -> bool:
    if one["kind"] == "field":
        return str(FIELDS[one["field"]].type) in ("date", "datetime")
    return one["kind"] == "moment" or bool(one.get("window"))


class Asked:
    """An engine with a world in it."""

    def __init__(self, engine: Engine, of: World):
        self.engine, self.world = engine, of
        with engine.writing() as writer:
            for name, rows, schema in (
                ("customers", of.customers, customer_schema()), ("purchases", of.purchases, PURCHASES),
                ("events", of.events, EVENTS),
            ):  # fmt: skip
                writer.create(name, schema, ["id"] if name == "customers" else ["key"])
                writer.append(name, pa.Table.from_pylist(rows, schema))

    def table(self, name: str) -> ir.Table:
        return self.engine.backend().table(name)

    def disagreements(self, found: list[dict[str, Any]], at_once: int) -> list[tuple[Any, ...]]:
        """(condition, customer's value, what the oracle says) wherever engine and oracle differ.

        The moment and the members of segments are given to the engine beside the expression, as the product does.
        """
        of = self.world
        context = Context(of.now, of.zone, USERS, lambda key: BitMap(SEGMENTS[str(key)]))
        known = Known({UUID(key): key for key in SEGMENTS})
        oracle = Oracle({c: str(f.type) for c, f in FIELDS.items()}, of.now, of.zone, USERS, SEGMENTS)
        wrong: list[tuple[Any, ...]] = []
        for start in range(0, len(found), at_once):
            part = found[start : start + at_once]
            rules = [{"join": "and", "groups": [{"join": "and", "conditions": [one]}]} for one in part]
            checked = [validation.check(rule, FIELDS, None, known) for rule in rules]
            parameters = Parameters(of.zone, USERS)
            found_by = expressions.flags(expressions.scan(self, checked, parameters), {})
            flags = self.engine.run(found_by, parameters.given(context, None))
            row_of = {id: n for n, id in enumerate(flags["id"].to_pylist())}
            assert sorted(row_of) == sorted(c["id"] for c in of.customers)
            for n, one in enumerate(part):
                said = flags[f"m{n}"].to_pylist()
                for customer in of.customers:
                    expected = oracle.condition(one, customer, of.purchases, of.events)
                    if bool(said[row_of[customer["id"]]]) is not expected:
                        wrong.append((one, of.zone.key, customer.get(one.get("field", "id")), expected))
        return wrong
