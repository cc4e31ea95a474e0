"""Numbers as people and programs write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from ceap.core.values.forms import Detected, detected
from ceap.core.values.text import visible


class NumberForm(StrEnum):
    POINT = "point"
    COMMA = "comma"


LABELS = {NumberForm.POINT: "1,234.50 (decimal point)", NumberForm.COMMA: "1.234,50 (decimal comma)"}
LARGEST = Decimal(10) ** 14
_BLANKS = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_MINUS = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
_WORDS = (
    "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CRC CZK DKK EGP EUR GBP GHS HKD HUF IDR ILS INR ISK JOD JPY KES "
    "KHR KRW KWD KZT LAK LKR MAD MMK MXN MYR NGN NOK NPR NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND "
    "TRY TWD TZS UAH UGX USD UYU UZS VND XAF XOF ZAR Rp Rs kr R$ US$ A$ C$ NZ$ S$ HK$ RM Kč zł Ft lei лв руб"
)
_CURRENCY = "|".join(re.escape(word) for word in sorted(_WORDS.split(), key=len, reverse=True))
_UNIT = re.compile(rf"(?i)^(?:{_CURRENCY})\.?(?=[\d\-+(.,])|(?<=[\d)\-.,])(?:{_CURRENCY})\.?$")
_GROUPED = r"\d{{1,3}}(?:{0}\d{{3}})+|\d{{1,2}}(?:{0}\d{{2}})+{0}\d{{3}}"  # also 1,23,456 as in India
_POWER = re.compile(r"([+-]?\d+(?:\.\d+)?)[eE]([+-]?\d{1,3})")


def number(text: str, form: NumberForm | str = NumberForm.POINT) -> Decimal:
    """The number that `text` says, exactly: "1,234.50", "1 234.50", "€1'234.50", "(12.00)", "12-", "−5", "1.5E+3".

    With `COMMA` point and comma change places.

    Raises:
        ValueError: it says none, or not in this form.
    """
    plain = _plain(text)
    if plain.endswith("%"):
        raise ValueError("is a percentage; write the number without the sign")
    found = Decimal(plain) if _POWER.fullmatch(plain) else _written(plain, form)
    if abs(found) >= LARGEST:
        raise ValueError("is too large a number (14 digits before the point at most)")
    return found


def detect(values: Iterable[str]) -> Detected:
    """Which form the numbers of a column have."""
    return detected(values, {str(form): label for form, label in LABELS.items()}, number)


def _plain(text: str) -> str:
    """ASCII digits and signs, without currency, "(12)" as "-12", blanks between digits as "_"."""
    text = visible(text)
    if not text.isascii():
        text = _MINUS.sub("-", text).replace("\u066b", ".").replace("\u066c", "_").replace("\u2019", "'")
        text = "".join(str(unicodedata.decimal(c)) if not c.isascii() and c.isdecimal() else c for c in text)
    text = "".join(c for c in text if c == "$" or unicodedata.category(c) != "Sc")
    text = re.sub(rf"(?<=\d){_BLANKS.pattern}(?=\d)", "_", text)
    text = _BLANKS.sub("", text)
    sign, bare = ("-", text[1:-1]) if text[:1] == "(" and text[-1:] == ")" else ("", text)
    for _ in range(2):
        bare = _UNIT.sub("", bare).replace("$", "")
        if bare[:1] in "+-" and bare[1:2] and not bare[1:2].isdigit():  # -Rp5, -€5
            bare = bare[0] + _UNIT.sub("", bare[1:])
    if bare[-1:] == "-" and bare[:1].isdigit():
        bare = "-" + bare[:-1]
    return sign + bare


def _written(plain: str, form: NumberForm | str) -> Decimal:
    point, thousands = (",", ".") if form == NumberForm.COMMA else (".", ",")
    found = re.fullmatch(rf"([+-]?)([\d_'{re.escape(thousands)}]*)(?:{re.escape(point)}(\d*))?", plain)
    whole, fraction = (found[2], found[3] or "") if found else ("", "")
    if not found or not (whole + fraction).strip("_'"):
        raise ValueError(_why(plain, form))
    separators = set(whole) - set("0123456789")
    if len(separators) > 1 or (separators and not re.fullmatch(_GROUPED.format(re.escape(separators.pop())), whole)):
        raise ValueError(_why(plain, form))
    try:
        return Decimal(f"{found[1]}{re.sub(r'[^0-9]', '', whole) or '0'}.{fraction or '0'}")
    except InvalidOperation:
        raise ValueError("is not a number") from None


def _why(plain: str, form: NumberForm | str) -> str:
    if re.fullmatch(r"[+-]?[\d_'.,]*\d[.,]?", plain):
        told = "a decimal comma" if form == NumberForm.COMMA else "a decimal point"
        return f"is not a number written with {told}; write it so, or choose the other form of numbers"
    return "is not a number"
