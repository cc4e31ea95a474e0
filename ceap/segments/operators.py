"""The one operator table: (field type, operator) -> the value it takes, its words, its Ibis expression.

Validation, SQL, the sentence, the menus of the page and the documentation all come from it. Every expression is
true, false or null; null counts as false, so a customer whose field is empty matches only "is empty" (S-1).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir

from ceap.core.folding import fold, folded
from ceap.customers.contracts import FieldType
from ceap.segments.context import Setting, day, moment
from ceap.segments.shapes import Shape
from ceap.segments.windows import A_DAY, Span, day_ahead, day_back, present, since, start_of, today, until

T = FieldType


Builder = Callable[[Any, Any, Setting], ir.BooleanValue]


@dataclass(frozen=True)
class Operator:
    """`label` in the menu; `phrase` in a sentence, with {value}; `build(column, value, context)`."""

    key: str
    label: str
    shape: Shape
    phrase: str
    build: Builder


def decimal(value: Decimal) -> ir.DecimalScalar:
    return ibis.literal(value, type="decimal(18, 4)")


Prepare = Callable[[ir.StringValue, str], ir.StringValue]
Match = Callable[[ir.StringValue, str], ir.BooleanValue]


def _as_it_is(column: ir.StringValue, _: str) -> ir.StringValue:
    return column


def _text(negate: bool, match: Match, prepare: Prepare = _as_it_is) -> Builder:
    def build(column: ir.StringValue, value: str, _: Setting) -> ir.BooleanValue:
        wanted = fold(value)
        found = match(folded(prepare(column, wanted), wanted), wanted)
        return ~found & (column != "") if negate else found

    return build


def _equal(column: ir.StringValue, wanted: str) -> ir.BooleanValue:
    return column == wanted


def _contains(column: ir.StringValue, wanted: str) -> ir.BooleanValue:
    return column.contains(wanted)


def _starts(column: ir.StringValue, wanted: str) -> ir.BooleanValue:
    return column.startswith(wanted)


def _ends(column: ir.StringValue, wanted: str) -> ir.BooleanValue:
    return column.endswith(wanted)


def _text_empty(column: ir.StringValue, _: Any, __: Setting) -> ir.BooleanValue:
    return column.isnull() | (column == "")


def _text_present(column: ir.StringValue, _: Any, __: Setting) -> ir.BooleanValue:
    return column.notnull() & (column != "")


def _empty(column: ir.Value, _: Any, __: Setting) -> ir.BooleanValue:
    return column.isnull()


def _present(column: ir.Value, _: Any, __: Setting) -> ir.BooleanValue:
    return column.notnull()


def _text_operators(prepare: Prepare = _as_it_is) -> tuple[Operator, ...]:
    listed = (
        ("is", "is", False, _equal),
        ("is_not", "is not", True, _equal),
        ("contains", "contains", False, _contains),
        ("not_contains", "does not contain", True, _contains),
        ("starts_with", "starts with", False, _starts),
        ("ends_with", "ends with", False, _ends),
    )
    return tuple(
        Operator(key, words, Shape.TEXT, f"{words} {{value}}", _text(negate, match, prepare))
        for key, words, negate, match in listed
    )


def _schemeless(column: ir.StringValue, wanted: str) -> ir.StringValue:
    """A URL without http:// or https://, in whatever case, unless `wanted` states it."""
    if wanted.startswith(("http://", "https://")):
        return column
    scheme = column.substr(0, 8).lower()
    return ibis.cases(
        (scheme == "https://", column.substr(8)),
        (scheme.startswith("http://"), column.substr(7)),
        else_=column,
    )


IS, IS_NOT, CONTAINS, CONTAINS_NOT, STARTS, ENDS = _text_operators()
TEXT_EMPTY = Operator("is_empty", "is empty", Shape.NONE, "is empty", _text_empty)
TEXT_PRESENT = Operator("is_not_empty", "is not empty", Shape.NONE, "is not empty", _text_present)
EMPTY = Operator("is_empty", "is empty", Shape.NONE, "is empty", _empty)
PRESENT = Operator("is_not_empty", "is not empty", Shape.NONE, "is not empty", _present)

TEXT = (IS, IS_NOT, CONTAINS, CONTAINS_NOT, STARTS, ENDS, TEXT_EMPTY, TEXT_PRESENT)
MULTILINE = (IS, IS_NOT, CONTAINS, CONTAINS_NOT, TEXT_EMPTY, TEXT_PRESENT)
DROPDOWN = (
    Operator("is", "is", Shape.OPTION, "is {value}", IS.build),
    Operator("is_not", "is not", Shape.OPTION, "is not {value}", IS_NOT.build),
    TEXT_EMPTY,
    TEXT_PRESENT,
)
PRESENCE = (TEXT_EMPTY, TEXT_PRESENT)


URL = (*_text_operators(_schemeless), TEXT_EMPTY, TEXT_PRESENT)


def _fold_list(column: ir.ArrayValue, values: tuple[str, ...]) -> tuple[ir.ArrayValue, list[str]]:
    wanted = list(dict.fromkeys(fold(value) for value in values))
    letters = "".join(sorted({letter for text in wanted for letter in text}))
    return column.map(lambda one: folded(one, letters)), wanted


def _all_of(column: ir.ArrayValue, values: tuple[str, ...], _: Setting) -> ir.BooleanValue:
    items, wanted = _fold_list(column, values)
    found = items.contains(wanted[0])
    for text in wanted[1:]:
        found = found & items.contains(text)
    return found


def _any_of(column: ir.ArrayValue, values: tuple[str, ...], _: Setting) -> ir.BooleanValue:
    items, wanted = _fold_list(column, values)
    found = items.contains(wanted[0])
    for text in wanted[1:]:
        found = found | items.contains(text)
    return found


def _same_set(column: ir.ArrayValue, values: tuple[str, ...], context: Setting) -> ir.BooleanValue:
    items, wanted = _fold_list(column, values)
    return _all_of(column, values, context) & (items.unique().length() == len(wanted))


def _other_set(column: ir.ArrayValue, values: tuple[str, ...], context: Setting) -> ir.BooleanValue:
    return ~_same_set(column, values, context) & (column.length() > 0)


MULTIPLE = (
    Operator("is", "is exactly", Shape.OPTIONS, "is exactly {value}", _same_set),
    Operator("is_not", "is not exactly", Shape.OPTIONS, "is not exactly {value}", _other_set),
    Operator("contains_any", "contains any of", Shape.OPTIONS, "contains any of {value}", _any_of),
    Operator("contains_all", "contains all of", Shape.OPTIONS, "contains all of {value}", _all_of),
    Operator(
        "is_empty", "is empty", Shape.NONE, "is empty", lambda column, _, __: column.isnull() | (column.length() == 0)
    ),
    Operator("is_not_empty", "is not empty", Shape.NONE, "is not empty", lambda column, _, __: column.length() > 0),
)

NUMBER = (
    Operator("equals", "equals", Shape.NUMBER, "equals {value}", lambda c, v, _: c == decimal(v)),
    Operator("not_equals", "does not equal", Shape.NUMBER, "does not equal {value}", lambda c, v, _: c != decimal(v)),
    Operator("greater", "is greater than", Shape.NUMBER, "is greater than {value}", lambda c, v, _: c > decimal(v)),
    Operator("less", "is less than", Shape.NUMBER, "is less than {value}", lambda c, v, _: c < decimal(v)),
    Operator(
        "between", "is between", Shape.NUMBERS, "is between {value}",
        lambda c, v, _: (c >= decimal(v[0])) & (c <= decimal(v[1])),
    ),
    EMPTY,
    PRESENT,
)  # fmt: skip


def _on(column: Any, value: date, context: Setting) -> ir.BooleanValue:
    return _between_moments(column, (value, value), context)


def _not_on(column: Any, value: date, context: Setting) -> ir.BooleanValue:
    start, end = start_of(value, context.zone), start_of(value + A_DAY, context.zone)
    return (column < moment(start)) | (column >= moment(end))


def _between_moments(column: Any, value: tuple[date, date], context: Setting) -> ir.BooleanValue:
    start, end = start_of(value[0], context.zone), start_of(value[1] + A_DAY, context.zone)
    return (column >= moment(start)) & (column < moment(end))


def _last_moments(column: Any, value: Span, context: Setting) -> ir.BooleanValue:
    return (column >= context.moment(since, value)) & (column <= context.moment(present))


def _next_moments(column: Any, value: Span, context: Setting) -> ir.BooleanValue:
    return (column > context.moment(present)) & (column < context.moment(until, value))


def _last_dates(column: Any, value: Span, context: Setting) -> ir.BooleanValue:
    return (column >= context.day(day_back, value)) & (column <= context.day(today))


def _next_dates(column: Any, value: Span, context: Setting) -> ir.BooleanValue:
    return (column > context.day(today)) & (column <= context.day(day_ahead, value))


# key, label, shape, phrase, on a date, on a timestamp
_CALENDAR: tuple[tuple[str, str, Shape, str, Builder, Builder], ...] = (
    ("on", "is on", Shape.DATE, "is on {value}", lambda c, v, _: c == day(v), _on),
    ("not_on", "is not on", Shape.DATE, "is not on {value}", lambda c, v, _: c != day(v), _not_on),
    (
        "before", "is before", Shape.DATE, "is before {value}",
        lambda c, v, _: c < day(v), lambda c, v, x: c < moment(start_of(v, x.zone)),
    ),
    (
        "after", "is after", Shape.DATE, "is after {value}",
        lambda c, v, _: c > day(v), lambda c, v, x: c >= moment(start_of(v + A_DAY, x.zone)),
    ),
    (
        "between", "is between", Shape.DATES, "is between {value}",
        lambda c, v, _: (c >= day(v[0])) & (c <= day(v[1])), _between_moments,
    ),
    ("in_last", "is in the last", Shape.SPAN, "is in the last {value}", _last_dates, _last_moments),
    (
        "before_last", "is more than … ago", Shape.SPAN, "is more than {value} ago",
        lambda c, v, x: c < x.day(day_back, v),
        lambda c, v, x: c < x.moment(since, v),
    ),
    ("in_next", "is in the next", Shape.SPAN, "is in the next {value}", _next_dates, _next_moments),
)  # fmt: skip
DATE = (*(Operator(k, name, s, p, on_date) for k, name, s, p, on_date, _ in _CALENDAR), EMPTY, PRESENT)
DATETIME = (*(Operator(k, name, s, p, on_moment) for k, name, s, p, _, on_moment in _CALENDAR), EMPTY, PRESENT)

BOOLEAN = (
    Operator("is_true", "is true", Shape.NONE, "is true", lambda c, _, __: c),
    Operator("is_false", "is false", Shape.NONE, "is false", lambda c, _, __: ~c),
    EMPTY,
    PRESENT,
)


def _named(context: Setting, part: str) -> list[int]:
    wanted = fold(part)
    return [key for key, name in context.users.items() if wanted in name.casefold()]


USER = (
    Operator("is", "is", Shape.USER, "is {value}", lambda c, v, _: c == v),
    Operator("is_not", "is not", Shape.USER, "is not {value}", lambda c, v, _: c != v),
    EMPTY,
    PRESENT,
)
BASIC_USER = (
    *USER[:2],
    Operator("contains", "contains", Shape.TEXT, "contains {value}", lambda c, v, x: c.isin(_named(x, v))),
    Operator(
        "not_contains", "does not contain", Shape.TEXT, "does not contain {value}",
        lambda c, v, x: c.notnull() & c.notin(_named(x, v)),
    ),
    *USER[2:],
)  # fmt: skip

BY_TYPE: Mapping[FieldType, tuple[Operator, ...]] = {
    T.TEXT: TEXT,
    T.MULTILINE: MULTILINE,
    T.DROPDOWN: DROPDOWN,
    T.MULTIPLE: MULTIPLE,
    T.NUMBER: NUMBER,
    T.DATE: DATE,
    T.DATETIME: DATETIME,
    T.URL: URL,
    T.FILE: PRESENCE,
    T.SIGNATURE: PRESENCE,
    T.GPS: TEXT,
    T.BOOLEAN: BOOLEAN,
    T.USER: USER,
}
BY_NAME_OF_USER = frozenset({"created_by", "updated_by"})  # user fields that also match parts of the name


def operators(column: str, type: FieldType) -> Mapping[str, Operator]:
    """The operators of the field in `column`, by key, in the order of the menu."""
    found = BASIC_USER if column in BY_NAME_OF_USER else BY_TYPE[type]
    return {operator.key: operator for operator in found}


def seen(value: Any) -> Any:
    """A value of the warehouse as it is shown: JSON-ready, instants marked as UTC."""
    match value:
        case datetime():
            return value.isoformat() + ("Z" if value.tzinfo is None else "")
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case list() | dict():
            return json.loads(json.dumps(value, default=str))
    return value
