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

from ceap.core.values import answers, contacts, dates, numbers, text
from ceap.core.values.dates import DateForm
from ceap.core.values.identities import PLACEHOLDERS, Reading, identity
from ceap.core.values.numbers import NumberForm
from ceap.customers.contracts import CHANNEL_CONSENT, IDENTITY_FIELDS, Field, FieldType

TEXTUAL = {FieldType.TEXT, FieldType.MULTILINE, FieldType.DROPDOWN, FieldType.URL, FieldType.GPS}
LIMITS = {
    "customer_id": 120, "full_name": 250, "email": 254, "usernames": 250, "job_title": 120, "street": 250, "city": 120,
    "province": 120, "postal_code": 20, "country": 80, "time_zone": 64, "language": 16, "source": 80, "status": 80,
    "sex": 20, "marketing_opt_in_business": 120, "current_tier": 80, "reward_name": 120, "reward_status": 80,
    "bsuid": 80,
}  # fmt: skip
CUSTOM_LIMITS = {FieldType.TEXT: 1_000, FieldType.DROPDOWN: 250, FieldType.URL: 2_000, FieldType.MULTILINE: 20_000}
SEX = {"f": "Female", "female": "Female", "woman": "Female", "m": "Male", "male": "Male", "man": "Male"}


@dataclass(frozen=True)
class Context:
    """What reading a value depends on.

    `region` is the country of phone numbers without a prefix ("GB"; "" = none); `zone` that of times without an offset;
    `dates` is the form of dates in digits ("" = those that could be two are refused), `numbers` that of numbers;
    `users` names users by id, email and name in lower case.
    """

    region: str = ""
    zone: str = "UTC"
    dates: DateForm | str = ""
    numbers: NumberForm | str = NumberForm.POINT
    users: Mapping[str, int] = field(default_factory=dict)
    placeholders: tuple[str, ...] = PLACEHOLDERS

    @property
    def identities(self) -> Reading:
        """What reading an identity depends on."""
        return Reading(self.region, self.placeholders)


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
    if of.key in IDENTITY_FIELDS and not of.custom:
        known = identity(of.key, _plain(value), context.identities)
        if of.key != "email":
            return known
        return contacts.email(str(value))
    if of.key == "sex" and not of.custom:
        return sex(str(value))
    if of.key == "time_zone" and not of.custom:
        return time_zone(str(value))
    result = READERS[of.type](of, value, context)
    limit = CUSTOM_LIMITS.get(of.type) if of.custom else LIMITS.get(of.key)
    if limit and isinstance(result, str) and len(result) > limit:
        raise ValueError(f"is longer than {limit} characters")
    return result


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
    return text.clean(_plain(value)).strip()


def _plain(value: Any) -> str:
    """A value as text; a whole number of a spreadsheet without ".0"."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _one_line(of: Field, value: Any, context: Context) -> str:
    return " ".join(_text(of, value, context).split())


def option(of: Field, value: Any, context: Context) -> str:
    """One choice of a field that has options; any text where it has none."""
    chosen = _one_line(of, value, context)
    if not of.options:
        return chosen
    for option in of.options:
        if option.lower() == chosen.lower():
            return option
    raise ValueError(f"is not one of {', '.join(of.options)}")


def _multiple(of: Field, value: Any, context: Context) -> list[str] | None:
    parts = value if isinstance(value, list) else re.split(r"[;|\n]", str(value))
    found = [option(of, part, context) for part in parts if not is_empty(part)]
    return sorted(set(found), key=of.options.index if of.options else None) or None


def _number(of: Field, value: Any, context: Context) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("is not a number")
    try:
        found = numbers.number(value, context.numbers) if isinstance(value, str) else Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("is not a number") from None
    if not found.is_finite():
        raise ValueError("is not a number")
    if abs(found) >= numbers.LARGEST:
        raise ValueError("is too large a number (14 digits before the point at most)")
    return found.quantize(Decimal("0.0001")).normalize() + 0


def _date(of: Field, value: Any, context: Context) -> date:
    if isinstance(value, datetime):
        return (value.astimezone(ZoneInfo(context.zone)) if value.tzinfo else value).date()
    return value if isinstance(value, date) else dates.day(str(value), context.dates)


def _datetime(of: Field, value: Any, context: Context) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    else:
        moment = dates.moment(str(value), context.dates)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(context.zone))
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise ValueError("is not a moment of the calendar") from None


def _url(of: Field, value: Any, context: Context) -> str:
    written = text.clean(str(value)).strip()
    whole = written if "://" in written else f"https://{written}"
    try:
        parts = urlsplit(whole)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise ValueError("is not a web address") from None
    if parts.scheme not in ("http", "https") or "." not in host or re.search(r"\s", written):
        raise ValueError("is not a web address such as https://example.com")
    return written


def _boolean(of: Field, value: Any, context: Context) -> bool:
    if isinstance(value, bool):
        return value
    own = of.key in CONSENT and not of.custom
    return answers.consents(str(value)) if own else answers.yes_or_no(str(value))


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
    if isinstance(value, str) and value.lstrip()[:1] == "[":  # as exports and pages write several
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("is not a file reference with a name and a file") from None
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


CONSENT = {"marketing_opt_in", *(key for key, one in CHANNEL_CONSENT.items() if not one.opts_out)}
READERS = {
    FieldType.TEXT: _one_line, FieldType.MULTILINE: _text, FieldType.DROPDOWN: option, FieldType.MULTIPLE: _multiple,
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
