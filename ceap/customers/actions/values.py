"""From what a person or program gives for fields to what the customer's row holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.customers.contracts import (
    CHANNEL_CONSENT_FIELDS,
    CHANNEL_FIELDS,
    CONSENT_KEYS,
    DEFAULT_FIELDS,
    Field,
    FieldType,
)
from ceap.customers.models import Customer
from ceap.customers.queries.fields import fields, hidden_from, reading
from ceap.customers.rules.values import Context, is_empty, kept, normalise
from ceap.kit.problem import FieldError, Invalid

NULLABLE_TEXT = {"customer_id"}


def writable(actor: Actor | None = None, *, consent: bool = False) -> dict[str, Field]:
    """The fields that may be written (by `actor`: of those the role may see), by key.

    Those of consent only where evidence of it is kept too.
    """
    found = {f.key: f for f in (*fields(), *CHANNEL_FIELDS) if f.editable}
    if consent:
        found |= {f.key: f for f in DEFAULT_FIELDS if f.key in CONSENT_KEYS}
        found |= {f.key: f for f in CHANNEL_CONSENT_FIELDS}
    hidden = hidden_from(actor) if actor else set()
    return {key: field for key, field in found.items() if key not in hidden}


def read(actor: Actor, given: Mapping[str, Any], context: Context | None = None) -> dict[str, Any]:
    """The kept form of each field that `actor` gives.

    Raises:
        Invalid: with one error per field that does not exist, may not be written, or whose value is wrong.
    """
    known, context = writable(actor), context or reading()
    values, errors = {}, []
    for key, value in given.items():
        if key not in known:
            errors.append(FieldError(key, "There is no such field, or it cannot be edited."))
            continue
        try:
            values[key] = normalise(known[key], value, context)
        except ValueError as error:
            errors.append(FieldError(key, f"{known[key].label} {error}."))
    if errors:
        raise Invalid(" ".join(error.message for error in errors), errors=errors)
    return values


def attribute(field: Field) -> str:
    """The row's attribute that holds a default field."""
    return f"{field.key}_id" if field.type is FieldType.USER else field.key


def apply(row: Customer, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put kept values into the row.

    Returns:
        What the changed fields were before and are after, JSON-ready.
    """
    known = writable(consent=True)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for key, value in values.items():
        field = known[key]
        if field.custom:
            old, new = row.custom.get(key), kept(value)
            if is_empty(new) and new is not False:
                new = None
                row.custom = {k: v for k, v in row.custom.items() if k != key}
            else:
                row.custom = row.custom | {key: new}
        else:
            name = attribute(field)
            new = (None if key in NULLABLE_TEXT else "") if value == "" else value
            old = getattr(row, name)
            setattr(row, name, False if key == "chatroom" and new is None else new)
        if old != new:
            before[key], after[key] = kept(old), kept(new)
    return before, after


def search_text(parts: Iterable[str | None]) -> str:
    """What the index page searches: name, email, phone and customer id, each on one line as they are kept."""
    return " ".join(filter(None, parts)).lower()
