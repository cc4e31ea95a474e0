"""The runs of the retention, and the holds that it respects."""

from __future__ import annotations

from datetime import datetime

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import setting
from ceap.core.copies import Beat, Person
from ceap.core.retention import KEPT, Order
from ceap.customers.models import Customer, Hold, RetentionRun
from ceap.customers.queries.erasures import discover
from ceap.customers.queries.persons import addresses_of, recognised_by
from ceap.kit.clock import now


def retention_runs(actor: Actor, most: int = 30) -> list[RetentionRun]:
    """The newest runs first.

    Raises:
        Forbidden: without "settings_manage".
    """
    actor.require("settings_manage", Level.ALL)
    return list(RetentionRun.objects.order_by("-created_at", "-id")[:most])


def kept_names() -> dict[str, str]:
    """What goes by age, for people, by setting."""
    discover()
    return {key: kept.name for key, kept in KEPT.items()}


def hold_over(actor: Actor, customer: int) -> Hold | None:
    """The legal hold over a customer, or over one merged into it.

    Raises:
        Forbidden: the actor may not erase.
    """
    actor.require("customers_erase")
    own = Hold.objects.filter(customer=customer).first()
    return own or Hold.objects.filter(customer__merged_into=customer).first()


def everybody_is_held() -> bool:
    """Whether the organisation's legal hold over everything is on."""
    return bool(setting("legal_hold"))


def held() -> frozenset[int]:
    """The keys of the customers under a legal hold, with those merged into them or into whom they were merged."""
    roots = set[int]()
    for key, into in Hold.objects.values_list("customer__pk", "customer__merged_into__pk"):
        roots |= {key, into or key}
    return frozenset(roots | set(Customer.objects.filter(merged_into__pk__in=roots).values_list("pk", flat=True)))


def held_person() -> Person | None:
    """The customers under a legal hold, as one person to look for in files; None: there are none."""
    everyone = list(Customer.objects.filter(pk__in=held()).order_by("pk"))
    if not everyone:
        return None
    addresses = set[tuple[str, str]]().union(*map(addresses_of, everyone))
    traces, fields = recognised_by(everyone, addresses)
    return Person("", tuple(one.pk for one in everyone), traces, fields, now())


def aged(before: datetime, person: Person | None, beat: Beat = lambda doing: None) -> Order:
    """What is older than `before`, less what the holds over customers keep; `person`: see `held_person`."""
    return Order(before, frozenset(person.customers if person else ()), beat, person)
