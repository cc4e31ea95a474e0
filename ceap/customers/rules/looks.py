"""What kind of values these seem to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ceap.core.values import answers, contacts
from ceap.core.values.dates import DateForm
from ceap.core.values.numbers import NumberForm
from ceap.customers.contracts import Field, FieldType
from ceap.customers.rules import values
from ceap.customers.rules.values import Context

MOST = 0.9  # of the values must be of the kind
_ANY = Context(dates=DateForm.DAY_FIRST)
_OTHER = Context(dates=DateForm.MONTH_FIRST, numbers=NumberForm.COMMA)
_F = {t: Field("any", "Any", t, "Custom", custom=True) for t in FieldType}


def looks_like(given: Sequence[Any]) -> str:
    """The field type that nine tenths of the values fit, or "email" or "phone"; "text" when nothing narrower does."""
    if not given:
        return FieldType.TEXT
    if all(isinstance(v, bool) for v in given):
        return FieldType.BOOLEAN
    if all(isinstance(v, (int, float, Decimal)) for v in given):
        return FieldType.NUMBER
    if all(isinstance(v, datetime) for v in given):
        return FieldType.DATETIME
    if all(isinstance(v, date) for v in given):
        return FieldType.DATE
    texts = [str(v) for v in given]
    tests: list[tuple[str, Callable[[str], Any]]] = [
        ("email", contacts.email),
        (FieldType.BOOLEAN, _boolean),
        (FieldType.DATE, lambda v: values.normalise(_F[FieldType.DATE], v, _ANY)),
        (FieldType.DATE, lambda v: values.normalise(_F[FieldType.DATE], v, _OTHER)),
        (FieldType.DATETIME, lambda v: values.normalise(_F[FieldType.DATETIME], v, _ANY)),
        (FieldType.DATETIME, lambda v: values.normalise(_F[FieldType.DATETIME], v, _OTHER)),
        ("phone", _phone),
        (FieldType.NUMBER, lambda v: values.normalise(_F[FieldType.NUMBER], v, _ANY)),
        (FieldType.NUMBER, lambda v: values.normalise(_F[FieldType.NUMBER], v, _OTHER)),
        (FieldType.GPS, lambda v: values.normalise(_F[FieldType.GPS], v, _ANY)),
        (FieldType.URL, lambda v: values.normalise(_F[FieldType.URL], v, _ANY) if "/" in v else _no()),
    ]
    for kind, test in tests:
        if sum(_passes(test, text) for text in texts) >= MOST * len(texts):
            return kind
    return FieldType.MULTILINE if any("\n" in text or len(text) > 300 for text in texts) else FieldType.TEXT


def _passes(test: Callable[[str], Any], text: str) -> bool:
    try:
        test(text)
    except ValueError:
        return False
    return True


def _no() -> None:
    raise ValueError


def _boolean(text: str) -> None:
    if text.strip().lower() not in (answers.TRUE | answers.FALSE) - {"0", "1"}:
        raise ValueError


def _phone(text: str) -> None:
    if not text.strip().startswith(("+", "00")):
        raise ValueError
    contacts.phone("+" + text.strip().removeprefix("00").lstrip("+"))
