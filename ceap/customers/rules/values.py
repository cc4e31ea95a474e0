"""What a value of each field type may be, and the one form in which it is kept.

Kept forms: text, dropdown, URL → str ("" is empty); number → Decimal; date → date; datetime → aware, in UTC;
boolean → bool; multiple → list of str; user → int; GPS → "latitude,longitude"; file → list of {"name", "file"};
signature → {"file", "signed_at" (UTC)}, never a part of it; everything but text is None when empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from ceap.customers.contracts import Field, FieldType

TEXTUAL = {FieldType.TEXT, FieldType.MULTILINE, FieldType.DROPDOWN, FieldType.URL, FieldType.GPS}
LIMITS = {
    "customer_id": 120, "full_name": 250, "email": 254, "usernames": 250, "job_title": 120, "street": 250, "city": 120,
    "province": 120, "postal_code": 20, "country": 80, "time_zone": 64, "language": 16, "source": 80, "status": 80,
    "sex": 20, "marketing_opt_in_business": 120, "current_tier": 80, "reward_name": 120, "reward_status": 80,
    "bsuid": 80,
}  # fmt: skip
CUSTOM_LIMITS = {FieldType.TEXT: 1_000, FieldType.DROPDOWN: 250, FieldType.URL: 2_000, FieldType.MULTILINE: 20_000}
TRUE = {"true", "yes", "y", "1", "t", "on"}
FALSE = {"false", "no", "n", "0", "f", "off"}
SEX = {"f": "Female", "female": "Female", "woman": "Female", "m": "Male", "male": "Male", "man": "Male"}
FIRST_DAY = date(1, 1, 1)
LARGEST = Decimal(10) ** 14


@dataclass(frozen=True)
class Context:
    """What reading a value depends on.

    `region` is the country of phone numbers without a prefix ("GB"; "" = none); `zone` that of times without an offset;
    `day_first` says how 03/04/2026 is read (None = such dates are refused); `decimal_comma` how 1,5 is;
    `users` names users by id, email and name in lower case.
    """

    region: str = ""
    zone: str = "UTC"
    day_first: bool | None = None
    decimal_comma: bool = False
    users: Mapping[str, int] = field(default_factory=dict)


def empty(kind: FieldType) -> Any:
    """The kept form of nothing."""
    return "" if kind in TEXTUAL else None


def is_empty(value: Any) -> bool:
    """Whether an input says nothing: null, blank text, an empty list."""
    return (
        value is None
        or (isinstance(value, str) and not value.strip())
        or (isinstance(value, (list, dict)) and not value)
    )


def normalise(of: Field, value: Any, context: Context) -> Any:
    """`value` in the form in which field `of` keeps it.

    Raises:
        ValueError: it is not such a value; the message says why, in words for the person who typed it.
    """
    if is_empty(value):
        return empty(of.type)
    if of.key == "email" and not of.custom:
        return email(str(value))
    if of.key == "phone" and not of.custom:
        return phone(str(value), context.region)
    if of.key == "sex" and not of.custom:
        return sex(str(value))
    if of.key == "time_zone" and not of.custom:
        return time_zone(str(value))
    result = READERS[of.type](of, value, context)
    limit = CUSTOM_LIMITS.get(of.type) if of.custom else LIMITS.get(of.key)
    if limit and isinstance(result, str) and len(result) > limit:
        raise ValueError(f"is longer than {limit} characters")
    return result


def email(value: str) -> str:
    """An address that can exist, its domain in lower case (the mail server itself is not asked)."""
    value = value.strip()
    try:
        # ".test" is let through: no mail leaves for it, and made-up customers have nothing else.
        found = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"is not an email address: {str(error).rstrip('.')}") from None
    if "." not in found.ascii_domain:
        raise ValueError("is not an email address: its domain has no dot")
    if len(found.normalized) > 254:
        raise ValueError("is longer than 254 characters")
    return found.normalized


def phone(value: str, region: str = "") -> str:
    """The number in E.164; `region` is used when it has no country prefix."""
    value = value.strip()
    if value.startswith("00") and not region:
        value = "+" + value[2:]
    try:
        number = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException:
        hint = (
            "" if region or value.startswith("+") else "; without a country prefix (+…) a default country must be set"
        )
        raise ValueError(f"is not a phone number{hint}") from None
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise ValueError("is not a phone number: too short, too long, or with an extension")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def sex(value: str) -> str:
    found = SEX.get(value.strip().lower())
    if found is None:
        raise ValueError("is not one of Female, Male")
    return found


def time_zone(value: str) -> str:
    value = value.strip()
    if value not in _zones():
        raise ValueError("is not a time zone such as Europe/London")
    return value


@cache
def _zones() -> set[str]:
    return available_timezones()


def _text(of: Field, value: Any, context: Context) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal, date)):
        raise ValueError("is not text")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().replace("\x00", "")


def _one_line(of: Field, value: Any, context: Context) -> str:
    return " ".join(_text(of, value, context).split())


def _dropdown(of: Field, value: Any, context: Context) -> str:
    text = _one_line(of, value, context)
    if not of.options:
        return text
    for option in of.options:
        if option.lower() == text.lower():
            return option
    raise ValueError(f"is not one of {', '.join(of.options)}")


def _multiple(of: Field, value: Any, context: Context) -> list[str] | None:
    parts = value if isinstance(value, list) else re.split(r"[;|\n]", str(value))
    found = [_dropdown(of, part, context) for part in parts if not is_empty(part)]
    return sorted(set(found), key=of.options.index if of.options else None) or None


def _number(of: Field, value: Any, context: Context) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("is not a number")
    text = str(value).strip().replace("\u00a0", "").replace(" ", "")
    if isinstance(value, str):
        text = _separators(text, context.decimal_comma)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("is not a number") from None
    if not number.is_finite():
        raise ValueError("is not a number")
    if abs(number) >= LARGEST:
        raise ValueError("is too large a number (14 digits before the point at most)")
    return number.quantize(Decimal("0.0001")).normalize() + 0


def _separators(text: str, decimal_comma: bool) -> str:
    point, thousands = (",", ".") if decimal_comma else (".", ",")
    if thousands in text:
        if not re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+(\{point}\d*)?", text):
            raise ValueError("is not a number")
        text = text.replace(thousands, "")
    return text.replace(point, ".")


def _date(of: Field, value: Any, context: Context) -> date:
    if isinstance(value, datetime):
        return (value.astimezone(ZoneInfo(context.zone)) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if match := re.fullmatch(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", text):
        year, month, day = match.groups()
        if not re.fullmatch(r"\d{8}|\d{4}([-/.])\d{1,2}\1\d{1,2}.*", text):
            raise ValueError("is not a date such as 2026-11-20")
    elif match := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text):
        first, second, year = match.groups()
        if context.day_first is None and first != second and int(first) <= 12 and int(second) <= 12:
            raise ValueError("could be two dates (day or month first?); say which comes first, or write 2026-11-20")
        day_first = context.day_first if context.day_first is not None else int(first) > 12
        day, month = (first, second) if day_first else (second, first)
    else:
        raise ValueError("is not a date such as 2026-11-20")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


def _datetime(of: Field, value: Any, context: Context) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    else:
        moment = _read_moment(of, str(value).strip(), context)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(context.zone))
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise ValueError("is not a moment of the calendar") from None


def _read_moment(of: Field, text: str, context: Context) -> datetime:
    try:
        return datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        pass
    day, _, time = text.partition(" ")
    known = _date(of, day, context)
    try:
        return datetime.combine(
            known, datetime.strptime(time or "00:00", "%H:%M:%S" if time.count(":") > 1 else "%H:%M").time()
        )
    except ValueError:
        raise ValueError("is not a date and time such as 2026-11-20 14:30") from None


def _url(of: Field, value: Any, context: Context) -> str:
    text = str(value).strip()
    whole = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(whole)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise ValueError("is not a web address") from None
    if parts.scheme not in ("http", "https") or "." not in host or re.search(r"\s", text):
        raise ValueError("is not a web address such as https://example.com")
    return text


def _boolean(of: Field, value: Any, context: Context) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise ValueError("is not yes or no")


def _user(of: Field, value: Any, context: Context) -> int:
    found = context.users.get(str(value).strip().lower())
    if found is None:
        raise ValueError("is not a user (give the id, email or name of one)")
    return found


def _gps(of: Field, value: Any, context: Context) -> str:
    if isinstance(value, dict):
        value = f"{value.get('lat', value.get('latitude'))},{value.get('lon', value.get('longitude'))}"
    match = re.fullmatch(r"\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*", str(value))
    if not match or abs(float(match[1])) > 90 or abs(float(match[2])) > 180:
        raise ValueError("is not a point such as 6.9271,79.8612 (latitude, longitude)")
    return f"{float(match[1])},{float(match[2])}"


def _file(of: Field, value: Any, context: Context) -> list[dict[str, str]]:
    files = value if isinstance(value, list) else [value]
    found = []
    for each in files:
        entry = {"name": str(each).rsplit("/", 1)[-1], "file": str(each)} if isinstance(each, str) else each
        if not isinstance(entry, dict) or not entry.get("name") or not entry.get("file"):
            raise ValueError("is not a file reference with a name and a file")
        found.append({"name": str(entry["name"])[:250], "file": str(entry["file"])[:500]})
    return found


def _signature(of: Field, value: Any, context: Context) -> dict[str, str]:
    try:
        entry = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        entry = None
    if not isinstance(entry, dict) or is_empty(entry.get("file")) or is_empty(entry.get("signed_at")):
        raise ValueError('is not a complete signature such as {"file": "ann.png", "signed_at": "2026-11-20 14:30"}')
    return {"file": str(entry["file"])[:500], "signed_at": kept(_datetime(of, entry["signed_at"], context))}


READERS = {
    FieldType.TEXT: _one_line, FieldType.MULTILINE: _text, FieldType.DROPDOWN: _dropdown, FieldType.MULTIPLE: _multiple,
    FieldType.NUMBER: _number, FieldType.DATE: _date, FieldType.DATETIME: _datetime, FieldType.URL: _url,
    FieldType.FILE: _file, FieldType.SIGNATURE: _signature, FieldType.GPS: _gps, FieldType.BOOLEAN: _boolean,
    FieldType.USER: _user,
}  # fmt: skip


def kept(value: Any) -> Any:
    """The JSON form of a kept value, as custom fields are stored: numbers as numbers, dates as ISO text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value
