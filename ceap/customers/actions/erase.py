"""Erasing a customer's personal data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.core.changelog import customers_changed
from ceap.customers.actions.files import give_up
from ceap.customers.contracts import CHANNEL_FIELDS, DEFAULT_FIELDS, FieldType
from ceap.customers.models import Customer, CustomerFile, Identity, SearchText
from ceap.customers.queries.customers import visible_to
from ceap.kit.clock import now
from ceap.kit.problem import NotFound

Hook = Callable[[Any, str, int, list[tuple[str, str]]], None]
_hooks: list[Hook] = []


def before_erasure(hook: Hook) -> Hook:
    """Register what packages above must do in the transaction of an erasure, before the data goes.

    The hook is called with a cursor, its vendor, the customer's key and every address known of the customer as
    (identity kind, value): consent keeps what it needs so that nothing is ever sent there again.
    """
    _hooks.append(hook)
    return hook


def erase(actor: Actor, customer: int) -> None:
    """Wipe a customer's personal data for good; the key stays, so that sums of the past still add up.

    Customers merged into this one are wiped too, and their files. Suppressions and consent records stay; identities go.

    Raises:
        Forbidden: the actor may not erase.
        NotFound: there is no such customer for the actor.
    """
    actor.require("customers_erase")
    with transaction.atomic():
        row = visible_to(actor).select_for_update().filter(pk=customer).first()
        if row is None:
            raise NotFound("There is no such customer.")
        addresses = {(i.kind, i.value) for i in Identity.objects.filter(customer=row)}
        addresses |= {("email", row.email.lower())} if row.email else set()
        addresses |= {("phone", row.phone)} if row.phone else set()
        everyone = [row, *Customer.objects.filter(merged_into=row)]
        with connection.cursor() as cursor:
            for hook in _hooks:
                hook(cursor, connection.vendor, row.pk, sorted(addresses))
            for each in everyone:
                _wipe(each, actor)
            Identity.objects.filter(customer__in=everyone).delete()
            give_up(CustomerFile.objects.filter(customer__in=everyone))
            SearchText.objects.filter(customer__in=everyone).delete()
            customers_changed(cursor, [each.pk for each in everyone], connection.vendor)
        audit(actor, "customers.erase", "customer", row.pk, f"#{row.pk}")


def _wipe(row: Customer, actor: Actor) -> None:
    for field in (*DEFAULT_FIELDS, *CHANNEL_FIELDS):
        if field.group == "Basic events" or field.key == "marketing_opt_in":
            continue
        if field.type is FieldType.USER:
            setattr(row, f"{field.key}_id", None)
        elif field.key == "chatroom":
            row.chatroom = False
        else:
            nullable = Customer._meta.get_field(field.key).null
            setattr(row, field.key, None if nullable else "")
    row.custom, row.added_by, row.marketing_opt_in = {}, "", False
    row.erased_at = row.updated_at = now()
    row.updated_by_id, row.version = actor.user_id, row.version + 1
    row.save()
