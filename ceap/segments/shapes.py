"""What a condition's value looks like: read from JSON, refused with a sentence, said in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ceap.core.values.text import composed
from ceap.segments.rules import LONGEST_TEXT
from ceap.segments.windows import LONGEST, Dates, Span, Unit

FIRST_YEAR, LAST_YEAR = 1800, 2999
LARGEST_NUMBER = Decimal(10) ** 14
MOST_OPTIONS = 50


class Shape(StrEnum):
    """The kinds of value; the page has one editor for each."""

    NONE = "none"
    TEXT = "text"
    OPTION = "option"
    OPTIONS = "options"
    NUMBER = "number"
    NUMBERS = "numbers"
    DATE = "date"
    DATES = "dates"
    SPAN = "span"
    USER = "user"


class Refused(ValueError):
    """A value does not fit its shape. `at` is where inside the value, e.g. "0" or "count"."""

    def __init__(self, message: str, at: str = ""):
        super().__init__(message)
        self.message, self.at = message, at


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("Give a text.")
    if not value:
        raise Refused("Fill in a value, or choose “is empty”.")
    if len(value) > LONGEST_TEXT:
        raise Refused(f"Use at most {LONGEST_TEXT:,} characters; these are {len(value):,}.")
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise Refused("This text holds a character that cannot be stored.")
    return str(composed(value))


def _options(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Refused("Choose at least one value.")
    if len(value) > MOST_OPTIONS:
        raise Refused(f"Choose at most {MOST_OPTIONS} values.")
    return tuple(dict.fromkeys(_inside(n, one, _text) for n, one in enumerate(value)))


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("Give a number, not text.")
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused("Give a finite number.")
    number = Decimal(str(value))
    if abs(number) >= LARGEST_NUMBER:
        raise Refused("This number is too large.")
    if number != round(number, 4):
        raise Refused("Use at most four decimals.")
    return round(number, 4)


def _date(value: Any) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise Refused("Give a date as YYYY-MM-DD.")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(f"Give a date between {FIRST_YEAR} and {LAST_YEAR}.")
    return day


def _inside(n: int, value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except Refused as refused:
        raise Refused(refused.message, str(n)) from None


def _pair(read: Callable[[Any], Any], names: str) -> Callable[[Any], tuple[Any, Any]]:
    def both(value: Any) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise Refused(f"Give two {names}: from and to.")
        first, last = _inside(0, value[0], read), _inside(1, value[1], read)
        if first > last:
            raise Refused(f"The two {names} are the wrong way round: give the smaller one first.")
        return first, last

    return both


def span(value: Any) -> Span:
    """A `Span` of {"count", "unit"}.

    Raises:
        Refused: it is none, or too long.
    """
    if not isinstance(value, dict) or set(value) != {"count", "unit"}:
        raise Refused("Give a number of days, weeks, months or years.")
    try:
        unit = Unit(value["unit"])
    except ValueError:
        raise Refused(f"Choose one of {', '.join(Unit)}.", "unit") from None
    count = value["count"]
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise Refused("Give a whole number of at least 1.", "count")
    if count > LONGEST[unit]:
        raise Refused(f"Use at most {LONGEST[unit]:,} {unit}.", "count")
    return Span(count, unit)


def dates(first: Any, last: Any) -> Dates:
    """The window from one date to another, or open on one side.

    Raises:
        Refused: neither is given, one is no date, or they are the wrong way round.
    """
    if first is None and last is None:
        raise Refused("Give a date, or two: from and to.")
    found = []
    for at, value in (("from", first), ("to", last)):
        try:
            found.append(None if value is None else _date(value))
        except Refused as refused:
            raise Refused(refused.message, at) from None
    if found[0] and found[1] and found[0] > found[1]:
        raise Refused("The two dates are the wrong way round: give the earlier one first.")
    return Dates(*found)


def _none(value: Any) -> None:
    if value is not None:
        raise Refused("This condition takes no value.")


def _user(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("Choose a user.")
    return value


_READ: Mapping[Shape, Callable[[Any], Any]] = {
    Shape.NONE: _none,
    Shape.TEXT: _text,
    Shape.OPTION: _text,
    Shape.OPTIONS: _options,
    Shape.NUMBER: _number,
    Shape.NUMBERS: _pair(_number, "numbers"),
    Shape.DATE: _date,
    Shape.DATES: _pair(_date, "dates"),
    Shape.SPAN: span,
    Shape.USER: _user,
}


def read(shape: Shape, value: Any) -> Any:
    """The Python value of JSON `value`.

    Raises:
        Refused: it does not fit, with a sentence for the person who typed it.
    """
    return _READ[shape](value)


@dataclass(frozen=True)
class Spoken:
    """How values are said. `users` maps user ids to names."""

    users: Mapping[int, str]

    def __call__(self, shape: Shape, value: Any) -> str:
        """The read `value` in words; "" when there is none."""
        match shape:
            case Shape.NONE:
                return ""
            case Shape.TEXT | Shape.OPTION:
                return f"“{value}”"
            case Shape.OPTIONS:
                return ", ".join(f"“{one}”" for one in value)
            case Shape.NUMBER:
                return number_words(value)
            case Shape.NUMBERS:
                return " and ".join(number_words(one) for one in value)
            case Shape.DATE:
                return date_words(value)
            case Shape.DATES:
                return " and ".join(date_words(one) for one in value)
            case Shape.SPAN:
                return str(value.words())
            case Shape.USER:
                return self.users.get(value, f"user {value}")


def number_words(value: Decimal) -> str:
    """ "1,234.5" """
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def date_words(value: date) -> str:
    """ "5 Nov 2026" """
    return f"{value.day} {value:%b %Y}"
