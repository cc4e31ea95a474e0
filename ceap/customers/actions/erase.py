"""Erasing a customer's personal data: from the product at once, from every copy within a day (see `erasing`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.accounts.queries import values_in_trail
from ceap.core import addresses as normal
from ceap.core.changelog import customers_changed
from ceap.customers.actions.files import give_up
from ceap.customers.actions.holds import refuse_held
from ceap.customers.contracts import CHANNEL_FIELDS, DEFAULT_FIELDS, FieldType
from ceap.customers.models import Customer, CustomerFile, Erasure, Hold, Identity, SearchText
from ceap.customers.queries.customers import visible_to
from ceap.customers.queries.erasures import discover
from ceap.customers.queries.persons import addresses_of, recognised_by
from ceap.kit import journal
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import NotFound
from ceap.kit.seal import seal

Hook = Callable[[Any, str, int, list[tuple[str, str]]], None]
WITHIN = timedelta(hours=24)  # the last copy is gone
JOURNAL = "erasures.jsonl"  # in the home, beside the store: a restored store hears of them again
_hooks: list[Hook] = []


def before_erasure(hook: Hook) -> Hook:
    """Register what packages above must do in the transaction of an erasure, before the data goes.

    The hook is called with a cursor, its vendor, the customer's key and every address known of the customer as
    (identity kind, value): consent keeps what it needs so that nothing is ever sent there again.
    """
    _hooks.append(hook)
    return hook


def _all_hooks() -> list[Hook]:
    """Those registered, and those that the apps' configs name as `before_erasure` (imported only now)."""
    named = [config.before_erasure for config in apps.get_app_configs() if hasattr(config, "before_erasure")]
    return [*_hooks, *map(import_string, named)]


def erase(actor: Actor, customer: int, *, again: bool = False) -> Erasure:
    """Wipe a customer's personal data for good; the key stays, so that sums of the past still add up.

    Customers merged into this one are wiped too, and their files. The product knows nothing of the person when this
    returns; every other copy (`ceap.core.copies`) is gone within `WITHIN`.

    Args:
        again: of a person who was erased already, and whom a backup brought back: a hold in it is older than that.

    Raises:
        Forbidden: the actor may not erase.
        NotFound: there is no such customer for the actor.
        Conflict: there is a legal hold.
    """
    actor.require("customers_erase")
    discover()
    with transaction.atomic():
        row = visible_to(actor).select_for_update().filter(pk=customer).first()
        if row is None:
            raise NotFound("There is no such customer.")
        addresses = addresses_of(row)
        everyone = [row, *Customer.objects.filter(merged_into=row)]
        if again:
            Hold.objects.filter(customer__in=everyone).delete()
        else:
            refuse_held(everyone)
        request = _requested(actor, everyone, addresses)
        addresses |= _former(everyone)
        with connection.cursor() as cursor:
            for hook in _all_hooks():
                hook(cursor, connection.vendor, row.pk, sorted(addresses))
            for each in everyone:
                _wipe(each, actor)
            Identity.objects.filter(customer__in=everyone).delete()
            give_up(CustomerFile.objects.filter(customer__in=everyone))
            SearchText.objects.filter(customer__in=everyone).delete()
            customers_changed(cursor, [each.pk for each in everyone], connection.vendor)
        audit(actor, "customers.erase", "customer", row.pk, f"#{row.pk}")
        transaction.on_commit(partial(remember, row.pk, _created(everyone), request.requested_at))
    return request


def remember(customer: int, created: Mapping[str, str], at: datetime) -> None:
    """Write to the home's journal that a customer was erased; `created`: when each row was made, by key."""
    record = {"customer": customer, "created": dict(created), "at": at.isoformat()}
    journal.append(Home.load().path / JOURNAL, record)


def _created(everyone: Sequence[Customer]) -> dict[str, str]:
    return {str(each.pk): each.created_at.isoformat() for each in everyone}


def after_restore(actor: Actor) -> int:
    """Erase again whom a backup brought back that was made before the person was erased; how many."""
    again = 0
    for said in journal.read(Home.load().path / JOURNAL):
        found = Customer.objects.filter(pk=said["customer"], erased_at=None, merged_into=None).first()
        if found and found.created_at.isoformat() == said["created"].get(str(found.pk)):
            erase(actor, found.pk, again=True)
            again += 1
    return again


def _former(everyone: Sequence[Customer]) -> set[tuple[str, str]]:
    """The addresses that a person had before, but for those by which somebody else is known: they were mistyped."""
    said = values_in_trail("customer", [each.pk for each in everyone])
    found = {(kind, normal.normal(value)) for kind in ("email", "phone") for value in said.get(kind, ()) if value}
    others = Identity.objects.filter(value__in={value for _, value in found}).exclude(customer__in=everyone)
    return found - set(others.values_list("kind", "value"))


def _requested(actor: Actor, everyone: list[Customer], addresses: set[tuple[str, str]]) -> Erasure:
    """The row that remembers, sealed, whom the last copies are of."""
    row, keys, at = everyone[0], [each.pk for each in everyone], now()
    traces, fields = recognised_by(everyone, addresses)
    return Erasure.objects.create(
        customer=row.pk, customers=keys, requested_by=actor.name[:120], requested_at=at, due_at=at + WITHIN,
        known=seal(settings.HOME.secret, {"traces": traces.json(), "fields": fields, "created": _created(everyone)}),
    )  # fmt: skip


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
