"""How the API reads requests: JSON and queries, text composed (NFC), refusing what no store can keep."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from ceap.core.values.text import composed
from ceap.kit.problem import FieldError, Invalid, Problem

DEEPEST = 100
LONGEST_NUMBER = 400  # digits
INTEGERS = range(-(2**63), 2**63)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotJson(Problem):
    """The body is no JSON."""

    status = 400
    title = "The body is no JSON"


class StrictReader(Parser):
    """Parses bodies and queries.

    Raises:
        NotJson: the body is no JSON text in UTF-8.
        Invalid: a value holds a zero character, half a surrogate pair, NaN, or a number or depth beyond all limits.
    """

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            value = json.loads(request.body, parse_constant=_no_number, parse_int=_whole)
        except RecursionError:
            raise NotJson(f"The JSON is nested more than {DEEPEST} deep.") from None
        except ValueError as error:
            raise NotJson(f"The body is no JSON: {error}.") from None
        if errors := _unstorable(value):
            raise Invalid(" ".join(f"{e.field}: {e.message}" for e in errors), errors=errors)
        return value if request.body.isascii() and b"\\u" not in request.body else composed(value)

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> Any:
        for name in data:
            if any(_UNSTORABLE.search(value) for value in data.getlist(name) if isinstance(value, str)):
                raise Invalid(f"{name}: {WORDS}", errors=[FieldError(name, WORDS)])
        return composed(super().parse_querydict(data, list_fields, request))


WORDS = "This text holds a character that cannot be kept (a zero character or half of a surrogate pair)."


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"a number has more than {LONGEST_NUMBER} digits")
    return int(digits)


def _unstorable(value: Any) -> list[FieldError]:
    """What of a body cannot be kept, by its place."""
    errors: list[FieldError] = []
    open_: list[tuple[str, Any, int]] = [("", value, 0)]
    while open_ and len(errors) < 20:
        place, inner, depth = open_.pop()
        if depth > DEEPEST:
            raise NotJson(f"The JSON is nested more than {DEEPEST} deep.")
        if isinstance(inner, str) and _UNSTORABLE.search(inner):
            errors.append(FieldError(place or "body", WORDS))
        elif isinstance(inner, int) and inner not in INTEGERS:
            errors.append(FieldError(place or "body", "This number is too large."))
        elif isinstance(inner, list):
            open_ += [(f"{place}.{n}" if place else str(n), each, depth + 1) for n, each in enumerate(inner)]
        elif isinstance(inner, dict):
            errors += [FieldError(place or "body", WORDS) for key in inner if _UNSTORABLE.search(key)]
            open_ += [(f"{place}.{key}" if place else key, each, depth + 1) for key, each in inner.items()]
    return errors
