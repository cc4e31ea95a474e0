"""One customer's facts, as the page and a program read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import user_names
from ceap.customers.contracts import Field, FieldType
from ceap.customers.models import Customer, Identity
from ceap.customers.queries.fields import channel_fields, fields, fields_for, hidden_from
from ceap.customers.rules import values


def known_to(actor: Actor) -> list[Field]:
    """The fields whose values `actor` may read on a customer: with those that imports and channels write."""
    return [*fields_for(actor), *channel_fields(actor)]


def facts(row: Customer, of: Sequence[Field]) -> dict[str, Any]:
    """The values of the fields `of`, by key, JSON-ready; users by id, empty values null (text: "")."""
    found: dict[str, Any] = {}
    for field in of:
        if field.custom:
            found[field.key] = row.custom.get(field.key)
        else:
            name = f"{field.key}_id" if field.type is FieldType.USER else field.key
            found[field.key] = values.kept(getattr(row, name))
    return found


def identities_of(actor: Actor, row: Customer) -> QuerySet[Identity]:
    """The ways in which the customer is recognised, but for those that hold what `actor` may not see."""
    return row.identities.exclude(kind__in=hidden_from(actor)).order_by("-primary", "kind", "value")


def names_of(found: dict[str, Any]) -> dict[str, str]:
    """The names of the users that these facts name, by id."""
    return user_names_in([found])


def user_names_in(found: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The names of the users that any of these facts name, by id."""
    keys = {f.key for f in fields() if f.type is FieldType.USER}
    ids = {row[key] for row in found for key in keys & row.keys() if row[key]}
    return {str(i): name for i, name in user_names().items() if i in ids} if ids else {}


def may(actor: Actor, row: Customer) -> dict[str, bool]:
    """What the actor can do with a customer that the actor may see."""
    return {
        "edit": actor.owns("customers_manage", row.owner_id),
        "erase": actor.may("customers_erase"),
        "export": actor.may("customers_export"),
    }


def disclosure(actor: Actor, row: Customer) -> dict[str, Any]:
    """All that this package keeps about a customer, for the customer.

    What the actor's role may not see is left out, and `withheld` says how many fields that is.
    """
    actor.require("customers_export")
    known, hidden = known_to(actor), hidden_from(actor)
    found = facts(row, known)
    names = names_of(found)
    labels = {f.key: f for f in known}
    said = {
        labels[key].label: names.get(str(value), value) if labels[key].type is FieldType.USER else value
        for key, value in found.items()
        if not values.is_empty(value)
    }
    return {
        "customer": row.pk,
        "fields": said,
        "withheld": len(hidden - {"username"}),
        "identities": [{"kind": i.kind, "value": i.value} for i in identities_of(actor, row).order_by("kind", "value")],
        "merged_from": list(row.merged.values_list("pk", flat=True)),
    }
