"""One customer's facts, as the page and a program read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import user_names
from ceap.customers.contracts import CHANNEL_FIELDS, Field, FieldType
from ceap.customers.models import Customer
from ceap.customers.queries.fields import fields
from ceap.customers.rules import values


def facts(row: Customer, of: Sequence[Field] | None = None) -> dict[str, Any]:
    """Every field's value by key (or those `of` some fields), JSON-ready; users by id, empty values null (text: "")."""
    found: dict[str, Any] = {}
    for field in (*fields(), *CHANNEL_FIELDS) if of is None else of:
        if field.custom:
            found[field.key] = row.custom.get(field.key)
        else:
            name = f"{field.key}_id" if field.type is FieldType.USER else field.key
            found[field.key] = values.kept(getattr(row, name))
    return found


def names_of(found: dict[str, Any]) -> dict[str, str]:
    """The names of the users that these facts name, by id."""
    ids = {found[f.key] for f in fields() if f.type is FieldType.USER and found.get(f.key)}
    return {str(i): name for i, name in user_names().items() if i in ids} if ids else {}


def may(actor: Actor, row: Customer) -> dict[str, bool]:
    """What the actor can do with a customer that the actor may see."""
    return {
        "edit": actor.owns("customers_manage", row.owner_id),
        "erase": actor.may("customers_erase"),
        "export": actor.may("customers_export"),
    }


def disclosure(actor: Actor, row: Customer) -> dict[str, Any]:
    """All that this package keeps about a customer, for the customer."""
    actor.require("customers_export")
    found = facts(row)
    names = names_of(found)
    labels = {f.key: f for f in (*fields(), *CHANNEL_FIELDS)}
    said = {
        labels[key].label: names.get(str(value), value) if labels[key].type is FieldType.USER else value
        for key, value in found.items()
        if not values.is_empty(value)
    }
    return {
        "customer": row.pk,
        "fields": said,
        "identities": [{"kind": i.kind, "value": i.value} for i in row.identities.order_by("kind", "value")],
        "merged_from": list(row.merged.values_list("pk", flat=True)),
    }
