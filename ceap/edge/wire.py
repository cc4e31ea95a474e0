"""The shapes of the events API, and the checks that need no store."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from ceap.core.happenings import name_fault, properties_fault, property_fault, time_fault
from ceap.core.values import identities, text
from ceap.core.values.identities import DEFAULT, Reading
from ceap.edge.problems import NotJson
from ceap.kit.problem import FieldError, Invalid, Problem

MAX_EVENTS = 1_000
MAX_ERRORS = 20

Text120 = Annotated[str, Meta(min_length=1, max_length=120, description="1 to 120 characters")]
Text250 = Annotated[str, Meta(max_length=250)]
Who = tuple[str, str]  # the kind and value of an identity
Moment = Annotated[datetime, Meta(tz=True, description="ISO 8601 with a zone, e.g. 2026-03-01T09:30:00+07:00")]


class Line(Struct, forbid_unknown_fields=True):
    """One line of an order."""

    item: Text120
    unit_price: Annotated[Decimal, Meta(description="number or text, at most 4 decimal places")]
    quantity: Annotated[Decimal, Meta(description="number or text, at most 3 decimal places")] = Decimal(1)
    amount: Annotated[Decimal, Meta(description="default: quantity × unit price")] | None = None
    item_name: Text250 = ""
    category: Text120 | Literal[""] = ""


class Event(Struct, forbid_unknown_fields=True):
    """What one customer did."""

    customer: (
        Annotated[
            dict[str, str | int],
            Meta(
                min_length=1, max_length=1, description='{kind: value}, e.g. {"email": "ada@example.org"} or {"id": 7}'
            ),
        ]
        | None
    ) = None
    kind: Literal["event", "purchase"] = "event"
    event: Annotated[Text120, Meta(description="the event's name; not of purchases")] | None = None
    event_id: (
        Annotated[str, Meta(min_length=1, max_length=100, description="the sender's own id: the same one counts once")]
        | None
    ) = None
    at: Moment | None = None
    item: Text120 | None = None
    amount: Annotated[Decimal, Meta(description="number or text, at most 4 decimal places")] | None = None
    properties: dict[str, Any] = {}
    order_id: Annotated[Text120, Meta(description="of a purchase")] | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")] | None = None
    outlet: Text120 | None = None
    lines: Annotated[list[Line], Meta(max_length=500, description="of a purchase")] = []


class Accepted(Struct):
    """How many events are stored from now on, and how many were known already (by event_id or order_id)."""

    accepted: int
    duplicates: int


_one = msgspec.json.Decoder(Event)
_many = msgspec.json.Decoder(list[Event])
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_AT = re.compile(r"^(?P<message>.*?)(?: - at `(?P<where>(?:key in )?\$.*)`)?$", re.DOTALL)


def parse(body: bytes) -> list[Event]:
    """The events in a body: one object, or a list of at most `MAX_EVENTS`.

    Raises:
        NotJson: it cannot be read at all.
        Invalid: something in it has the wrong shape; `errors` names the index and the field.
    """
    try:
        events = _many.decode(body) if body.lstrip()[:1] == b"[" else [_one.decode(body)]
    except msgspec.ValidationError as error:
        raise _misshapen(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(body, error) from None
    if not 0 < len(events) <= MAX_EVENTS:
        raise Invalid(f"Send 1 to {MAX_EVENTS} events in one request; this one has {len(events)}.")
    if not body.isascii() or b"\\u" in body:
        for event in events:
            _compose(event)
    return events


def unreadable(body: bytes, error: Exception) -> Problem:
    """The refusal of a body that is no JSON, or in which half a character stands: then with its index and field."""
    try:
        where = text.half_at(json.loads(body.decode("utf-8", "surrogatepass")))
    except (ValueError, RecursionError):
        where = None
    if where is None:
        return NotJson(f"The body cannot be read: {error}.")
    return refused([FieldError((where if where.startswith("[") else f"[0].{where}")[:200], f"The text {text.HALF}.")])


def _compose(one: Event | Line) -> None:
    """Have every text in NFC, the form in which rules compare it."""
    for name in one.__struct_fields__:
        value = getattr(one, name)
        if name == "lines":
            for line in value:
                _compose(line)
        elif isinstance(value, (str, dict)):
            setattr(one, name, text.composed(value))


def check(events: list[Event], now: datetime, reading: Reading = DEFAULT) -> list[Who | None]:
    """Refuse events that say something impossible; `reading` is how the organisation's identities are read.

    Returns:
        Whose each event is; None: nobody's.

    Raises:
        Invalid: `errors` names the index and the field of each fault (the first 20).
    """
    errors: list[FieldError] = []
    who: list[Who | None] = []
    for index, event in enumerate(events):
        one, faults = _judged(event, now, reading)
        who.append(one)
        errors += [FieldError(f"[{index}].{field}", message) for field, message in faults]
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise refused(errors)
    return who


def refused(errors: list[FieldError]) -> Invalid:
    """The refusal of a whole request because of these faults."""
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    found = re.match(r"\[(\d+)\]", first.field)
    return Invalid(
        f"{first.field}: {first.message}{more} Nothing was stored.",
        errors=errors,
        index=int(found.group(1)) if found else 0,
    )


def identity(customer: dict[str, str | int], reading: Reading = DEFAULT) -> Who:
    """The (kind, value) a customer object names, the way identities are stored.

    Raises:
        ValueError: in words, why it names nobody.
    """
    kind, raw = next(iter(customer.items()))
    if not _KIND.fullmatch(kind):
        raise ValueError("The kind of an identity is lower-case letters, digits and _, e.g. email.")
    if kind == "id":
        value = str(raw).strip()
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            raise ValueError("id is CEAP's own number of the customer, e.g. 7.")
        return kind, value
    try:
        return kind, identities.identity(kind, str(raw), reading)
    except ValueError as error:
        raise ValueError(f"The {kind} {error}.") from None


def _judged(event: Event, now: datetime, reading: Reading) -> tuple[Who | None, list[tuple[str, str]]]:
    """Whose event it is, and what is wrong with it."""
    if event.customer is None:
        nobody = [("customer", 'Say whose event it is, e.g. {"email": "ada@example.org"}.')]
        return None, _faults(event, now) if event.kind == "purchase" else nobody + _faults(event, now)
    try:
        return identity(event.customer, reading), _faults(event, now)
    except ValueError as error:
        return None, [(f"customer.{next(iter(event.customer))}"[:80], str(error)), *_faults(event, now)]


def _faults(event: Event, now: datetime) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if event.kind == "event":
        if fault := name_fault(event.event):
            found.append(("event", fault))
        found += [
            (name, "Only a purchase has this; set kind to purchase.") for name in _PURCHASE if getattr(event, name)
        ]
    else:
        if not event.order_id or not event.order_id.isprintable():
            found.append(("order_id", "A purchase needs the order's id."))
        if not event.lines:
            found.append(("lines", "A purchase needs at least one line."))
        found += [(name, "Purchases have this in their lines.") for name in _EVENT if getattr(event, name) is not None]
        for number, line in enumerate(event.lines):
            found += [(f"lines[{number}].{name}", text) for name, text in _line_faults(line)]
    if event.amount is not None and (fault := _number_fault(event.amount, 4)):
        found.append(("amount", fault))
    if event.at is not None and (fault := time_fault(event.at, now)):
        found.append(("at", fault))
    for name in event.properties:
        if fault := property_fault(name):
            found.append((f"properties.{name}"[:80], fault))
            break
    if event.properties and (fault := properties_fault(len(msgspec.json.encode(event.properties)))):
        found.append(("properties", fault))
    return found


_PURCHASE = ("order_id", "currency", "outlet", "lines")
_EVENT = ("event", "item", "amount")


def _line_faults(line: Line) -> list[tuple[str, str]]:
    values = [("unit_price", line.unit_price, 4), ("quantity", line.quantity, 3), ("amount", line.amount, 4)]
    return [
        (name, fault) for name, value, places in values if value is not None and (fault := _number_fault(value, places))
    ]


def _number_fault(value: Decimal, places: int) -> str:
    if not value.is_finite() or abs(value) >= Decimal(10) ** 14:
        return "The number is too large; it must stay below 100,000,000,000,000."
    if value != round(value, places):
        return f"At most {places} decimal places."
    return ""


def _misshapen(message: str) -> Invalid:
    """msgspec's message "Expected `str`, got `int` - at `$[3].event`", with the index and field brought forward."""
    found = _AT.match(message)
    where = (found.group("where") if found else None) or "$"
    words = found.group("message") if found else message
    path = where.removeprefix("key in ").removeprefix("$").replace("[...]", "")
    if unknown := re.match(r"Object contains unknown field `(.*)`$", words):
        path, words = f"{path}.{unknown.group(1)}", "There is no such field; see /v1/openapi.json for those there are"
    elif missing := re.match(r"Object missing required field `(.*)`$", words):
        path, words = f"{path}.{missing.group(1)}", "This field is required"
    if not path.startswith("["):
        path = f"[0]{path if path.startswith('.') else ''}"
    return refused([FieldError(path[:200], f"{words.rstrip('.')}.")])
