"""Random rules over random customers mean the same in the warehouse and in plain Python."""

from __future__ import annotations

import operator as op
import warnings
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning
from pyroaring import BitMap

from ceap.segments import expressions, operators, sentences, validation
from ceap.segments.conditions import MEASURES, PROPERTY, Known, OnSegment, narrowed_by
from ceap.segments.context import Context
from ceap.segments.rules import Comparison, Join
from ceap.segments.shapes import Shape
from tests.counts import often
from tests.segments import lake as made
from tests.segments.lake import FIELDS, Lake
from tests.segments.oracle import Oracle

TYPES = {column: str(field.type) for column, field in FIELDS.items()}
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Colombo",
    "America/New_York",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Beirut",
]
COLUMNS = [
    "full_name", "source", "balance_available", "date_of_birth", "created_at", "marketing_opt_in", "owner",
    "created_by", *(column for column in FIELDS if column.startswith("c_")),
]  # fmt: skip
SEEN: dict[str, list[Any]] = {
    "number": made.NUMBERS, "date": made.DAYS, "datetime": made.MOMENTS, "boolean": [None, True, False],
    "user": [None, 1, 2, 3], "multiple": made.LISTS, "file": [None, "", '["a.pdf"]'], "signature": [None, "", "data:x"],
}  # fmt: skip

SEGMENTS = {
    "00000000-0000-0000-0000-000000000001": {1, 8, 15, 4_000_000_000},
    "00000000-0000-0000-0000-000000000002": set(),
}
PROPS = [
    None, "{}", '{"a":"A"}', '{"a":"Straße","my size":5}', '{"a":7}', '{"a":-1.5,"my size":"12.5"}', '{"a":"12.5x"}',
    '{"a":true,"my size":null}', '{"a":"","verdict":"machine"}', '{"verdict":"person","my size":123456789012345678901}',
    '{"a":"100%\'","my size":"-0.1"}',
]  # fmt: skip

texts = st.sampled_from([t for t in made.TEXTS if t]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=4
)
numbers = st.sampled_from([0, 0.1, -1.5, 100, 99999999999.9999, 5]) | st.integers(-200, 200)
days = st.sampled_from([d.isoformat() for d in made.DAYS if d]) | st.dates(
    min_value=datetime(2025, 1, 1).date(), max_value=datetime(2027, 1, 1).date()
).map(str)
spans = st.builds(
    lambda count, unit: {"count": count, "unit": unit},
    st.sampled_from([1, 2, 7, 12, 24, 30, 31, 100]),
    st.sampled_from(["hours", "days", "weeks", "months", "years"]),
).filter(lambda s: s["unit"] != "years" or s["count"] <= 100)
VALUES: dict[Shape, st.SearchStrategy[Any]] = {
    Shape.NONE: st.none(),
    Shape.TEXT: texts,
    Shape.OPTION: texts,
    Shape.OPTIONS: st.lists(
        st.sampled_from(["a", "A", "b", "c", "strasse", "100%", "'", "x,y"]), min_size=1, max_size=3
    ),
    Shape.NUMBER: numbers,
    Shape.NUMBERS: st.tuples(numbers, numbers).map(lambda p: sorted(p)),
    Shape.DATE: days,
    Shape.DATES: st.tuples(days, days).map(lambda p: sorted(p)),
    Shape.SPAN: spans,
    Shape.USER: st.sampled_from([1, 2, 3, 99]),
}


@st.composite
def field_conditions(draw: st.DrawFn) -> dict[str, Any]:
    column = draw(st.sampled_from(COLUMNS))
    known = operators.operators(column, FIELDS[column].type)
    operator = known[draw(st.sampled_from(sorted(known)))]
    value = draw(VALUES[operator.shape])
    return {"kind": "field", "field": column, "operator": operator.key, "value": value}


texts_of = {"is", "is_not", "contains", "not_contains", "starts_with", "ends_with"}
words_of = st.sampled_from(["A", "b", "straße", "7", "SS", "true", "%", "12.5"])


@st.composite
def narrowings(draw: st.DrawFn, behaviour: str) -> dict[str, Any]:
    known = narrowed_by(behaviour)
    on = draw(st.sampled_from(sorted(known)))
    operator = known[on][draw(st.sampled_from(sorted(known[on])))]
    value = draw(words_of) if operator.key in texts_of else draw(VALUES[operator.shape])
    return {"on": on + draw(st.sampled_from(["a", "my size"])) if on == PROPERTY else on, "operator": operator.key,
            "value": value}  # fmt: skip


@st.composite
def whats(draw: st.DrawFn) -> dict[str, Any]:
    behaviour = draw(st.sampled_from(["purchased", "did"]))
    event = None if behaviour == "purchased" else draw(st.sampled_from(made.NAMES))
    filters = draw(st.lists(narrowings(behaviour), max_size=2))
    return {"behaviour": behaviour, "event": event, "filters": filters}


periods = st.tuples(days, days).flatmap(
    lambda two: st.sampled_from([{"from": a, "to": b} for a, b in [sorted(two)]] + [{"from": two[0], "to": None}])
)
windows = st.none() | spans | periods


@st.composite
def behaviour_conditions(draw: st.DrawFn) -> dict[str, Any]:
    what = draw(whats())
    measure = draw(st.sampled_from(sorted(MEASURES[what["behaviour"]])))
    comparison = draw(st.sampled_from(["at_least", "at_most", "exactly", "between"]))
    times: int | None = None
    value: Any = None
    if measure == "count" and comparison != "between":
        times = draw(st.integers(1 if comparison == "at_least" else 0, 4))
    elif measure == "share":
        value = draw(st.sampled_from([0, 0.1, 33.3333, 50, 100]))
        value = sorted([value, draw(st.sampled_from([0, 25, 66.6667, 100]))]) if comparison == "between" else value
    elif comparison == "between":
        value = sorted(draw(st.lists(st.integers(0, 9), min_size=2, max_size=2)))
    else:
        value = draw(st.sampled_from([0, 0.1, 3.3333, 5, 10, 6.6667, -2]))
    return {"kind": "behaviour", **what, "measure": str(measure), "comparison": comparison, "times": times,
            "value": value, "window": draw(windows)}  # fmt: skip


@st.composite
def moment_conditions(draw: st.DrawFn) -> dict[str, Any]:
    operator = draw(st.sampled_from(operators.DATETIME))
    which = draw(st.sampled_from(["first", "last"]))
    return {"kind": "moment", **draw(whats()), "which": which, "operator": operator.key,
            "value": draw(VALUES[operator.shape])}  # fmt: skip


segment_conditions = st.builds(
    lambda key, operator: {"kind": "segment", "segment": key, "operator": operator},
    st.sampled_from(sorted(SEGMENTS)),
    st.sampled_from(["in", "not_in"]),
)
campaign_conditions = st.builds(
    lambda campaign, operator, window: {"kind": "campaign", "campaign": campaign, "operator": operator,
                                        "window": window},
    st.sampled_from(["any", "A", "7"]),
    st.sampled_from(["was_sent", "was_not_sent", "opened", "not_opened"]),
    windows,
)  # fmt: skip
joins = st.sampled_from(["and", "or"])
conditions = st.one_of(
    field_conditions(), field_conditions(), behaviour_conditions(), behaviour_conditions(), moment_conditions(),
    segment_conditions, campaign_conditions,
)  # fmt: skip
groups = st.builds(
    lambda join, inside: {"join": join, "conditions": inside}, joins, st.lists(conditions, min_size=1, max_size=3)
)
rules = st.builds(
    lambda join, inside: {"join": join, "groups": inside}, joins, st.lists(groups, min_size=1, max_size=2)
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict], list[dict], list[dict]]:
    random = draw(st.randoms(use_true_random=False))
    moments = [m for m in made.MOMENTS if m]
    names = [None, "", "a", "A", "B", "STRASSE", "7"]
    customers = [
        {"id": n * 7 + 1} | {column: random.choice(SEEN.get(TYPES[column], made.TEXTS)) for column in COLUMNS}
        for n in range(40)
    ]
    ids = [c["id"] for c in customers[:12]] + [None, 10_000]
    purchases = [
        {
            "order_id": f"o{random.randrange(25)}", "customer": random.choice(ids),
            **{name: random.choice(names) or None for name in ("item", "item_name", "category", "outlet")},
            "quantity": Decimal(random.choice(["1", "0", "-2", "0.5"])),
            "amount": random.choice([None, Decimal("0.1"), Decimal(5), Decimal("3.3333"), Decimal("-2"), Decimal(10)]),
            "at": random.choice(moments),
            "props": random.choice(PROPS),
        }
        for _ in range(60)
    ]  # fmt: skip
    events = [
        {
            "seq": n, "customer": random.choice(ids), "name": random.choice(made.NAMES), "at": random.choice(moments),
            "item": random.choice(names) or None, "campaign": random.choice([None, "A", "7"]),
            "amount": random.choice([None, Decimal("0.1"), Decimal(5), Decimal("3.3333")]),
            "props": random.choice(PROPS),
        }
        for n in range(60)
    ]  # fmt: skip
    return customers, purchases, events


def compare(world: tuple[list[dict], list[dict], list[dict]], found: list[dict[str, Any]], zone: str) -> None:
    customers, purchases, events = world
    lake, context = Lake(*world), Context(made.NOW, ZoneInfo(zone), made.USERS, lambda key: BitMap(SEGMENTS[str(key)]))
    known = Known({UUID(key): key for key in SEGMENTS})
    checked = [validation.check(rule, FIELDS, None, known) for rule in found]
    flags = lake.run(expressions.flags(expressions.scan(lake, checked, context), {})).to_pylist()
    assert sorted(row["id"] for row in flags) == [c["id"] for c in customers]
    by_id = {row["id"]: row for row in flags}
    oracle = Oracle(TYPES, made.NOW, ZoneInfo(zone), made.USERS, SEGMENTS)
    for n, rule in enumerate(found):
        assert sentences.sentence(checked[n], made.USERS)
        for customer in customers:
            expected = oracle.matches(rule, customer, purchases, events)
            assert bool(by_id[customer["id"]][f"m{n}"]) is expected, (rule, customer, zone)
    lake.connection.disconnect()


QUICK = settings(
    max_examples=often(5, 20), deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.req("S-1")
@QUICK
@given(worlds(), st.lists(rules, min_size=8, max_size=12), st.sampled_from(ZONES))
def test_a_rule_selects_the_customers_that_the_oracle_selects(world: Any, found: list[dict], zone: str) -> None:
    compare(world, found, zone)


def an_alternative_is_a_must(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(expressions._JOIN, Join.OR, op.and_)


def at_least_is_more_than(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(expressions._COMPARE, Comparison.AT_LEAST, op.gt)


def not_in_a_segment_is_in_it(patch: pytest.MonkeyPatch) -> None:
    real = expressions.scan

    def scan(tables: Any, rules: Any, *more: Any) -> Any:
        for condition in (one for rule in rules for group in rule.groups for one in group.conditions):
            if isinstance(condition, OnSegment):
                object.__setattr__(condition, "negated", False)
        return real(tables, rules, *more)

    patch.setattr(expressions, "scan", scan)


@pytest.mark.parametrize("defect", [an_alternative_is_a_must, at_least_is_more_than, not_in_a_segment_is_in_it])
def test_planted_defects_are_found_by_few_rules(monkeypatch: pytest.MonkeyPatch, defect: Any) -> None:
    defect(monkeypatch)

    @settings(QUICK, phases=[Phase.generate], max_examples=often(40, 100))  # it ends with the first that tells
    @given(worlds(), st.lists(rules, min_size=8, max_size=12), st.sampled_from(ZONES))
    def holds(world: Any, found: list[dict], zone: str) -> None:
        compare(world, found, zone)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)  # that the rules and customers are long
        with pytest.raises(AssertionError, match=r"is (True|False)"):
            holds()


@pytest.mark.slow
@settings(max_examples=often(3, 40), deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.lists(rules, min_size=10, max_size=40), st.sampled_from(ZONES))
def test_many_more_rules_select_the_customers_that_the_oracle_selects(world: Any, found: list[dict], zone: str) -> None:
    compare(world, found, zone)


@pytest.mark.req("S-1")
@pytest.mark.parametrize("column", COLUMNS)
def test_every_operator_of_every_type_agrees_with_the_oracle_on_every_value(column: str) -> None:
    """Each operator with every awkward value against every awkward content: nothing left to chance."""
    type = TYPES[column]
    seen: list[Any] = SEEN.get(type, made.TEXTS)
    customers = [{"id": n + 1} | dict.fromkeys(COLUMNS) | {column: one} for n, one in enumerate(seen)]
    plain = [v for v in made.TEXTS if v]
    choice: dict[Shape, list[Any]] = {
        Shape.NONE: [None], Shape.TEXT: plain, Shape.OPTION: plain, Shape.NUMBER: [0, 0.1, -1.5, 100, 99999999999.9999],
        Shape.OPTIONS: [["a"], ["B", "a"], ["strasse"], ["A", "a"], ["100%"], ["'"], ["x,y", "100%"], ["nobody"]],
        Shape.NUMBERS: [[0, 100], [-1.5, 0.1], [5, 5]], Shape.DATE: [d.isoformat() for d in made.DAYS if d],
        Shape.DATES: [["2026-03-28", "2026-03-29"], ["2026-03-29", "2026-03-29"], ["1980-02-29", "2030-01-01"]],
        Shape.SPAN: [{"count": c, "unit": u} for c in (1, 12) for u in ("hours", "days", "weeks", "months", "years")],
        Shape.USER: [1, 2, 99],
    }  # fmt: skip
    found = [
        {"join": "and", "groups": [{"join": "and", "conditions": [
            {"kind": "field", "field": column, "operator": operator.key, "value": value}]}]}
        for operator in operators.operators(column, FIELDS[column].type).values()
        for value in choice[operator.shape]
    ]  # fmt: skip
    for zone in ZONES if type == "datetime" else ["Asia/Colombo"]:
        for start in range(0, len(found), 100):
            compare((customers, [], []), found[start : start + 100], zone)


def test_folding_agrees_with_python_for_every_character() -> None:
    """Each character of Unicode, looked for by its own fold and by each letter of its fold."""
    import ibis
    import pyarrow as pa

    from ceap.core.folding import fold, folded

    points = [p for p in range(1, 0x20000) if not 0xD800 <= p <= 0xDFFF and (p < 600 or chr(p).casefold() != chr(p))]
    folds = [(chr(p) + "x").casefold() for p in points]
    awkward = [chr(p) for p in points if chr(p).casefold() != chr(p).lower()] + ["İ", "ß", "ς", "ı"]
    table = pa.table({"text": [chr(p) + "x" for p in points]})
    column = ibis.duckdb.connect().create_table("t", table).text
    wanted = sorted({fold(c) for c in awkward} | {letter for c in awkward for letter in fold(c)})
    for start in range(0, len(wanted), 40):
        part = wanted[start : start + 40]
        counts = column.as_table().aggregate(
            **{f"n{i}": folded(column, w).contains(w).ifelse(1, 0).sum() for i, w in enumerate(part)}
        )
        row = counts.to_pyarrow().to_pylist()[0]
        for i, w in enumerate(part):
            assert row[f"n{i}"] == sum(w in one for one in folds), ascii(w)


@pytest.mark.parametrize("zone", [*ZONES, "America/Sao_Paulo", "America/Havana", "Asia/Kathmandu", "Africa/Cairo"])
def test_a_local_date_is_exactly_its_instants(zone: str) -> None:
    from ceap.segments.windows import start_of

    place, second = ZoneInfo(zone), timedelta(microseconds=1)
    day = datetime(2010, 1, 1).date()
    while day.year < 2019:
        start = start_of(day, place)
        assert start.astimezone(place).date() >= day
        assert (start - second).astimezone(place).date() < day
        day += timedelta(days=1)
