"""What happens to customers and segments in tests of following the change log, in few words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from ceap.accounts.contracts import SYSTEM
from ceap.core import changelog
from ceap.customers.models import Customer
from ceap.events import queries as events
from ceap.kit import clock
from ceap.segments import actions, queries
from ceap.segments.models import Segment
from tests.segments.people import rule

AT = datetime(2026, 3, 20, 12, tzinfo=UTC)


def bought(times: int, days: int | None = None, unit: str = "days") -> dict[str, Any]:
    window = {"count": days, "unit": unit} if days else None
    return {"kind": "behaviour", "behaviour": "purchased", "times": times, "window": window}


def did(name: str, times: int = 1) -> dict[str, Any]:
    return {"kind": "behaviour", "behaviour": "did", "event": name, "times": times}


def say(*entries: changelog.NewEntry) -> None:
    with connection.cursor() as cursor:
        changelog.append(cursor, entries, connection.vendor)


def buys(customer: int, order: str, at: datetime | None = None) -> changelog.NewEntry:
    line = {"quantity": Decimal(1), "unit_price": Decimal(5), "item": "tea"}
    return changelog.purchase(order, customer, [line], at=at or clock.now())


def changed(customer: int, **values: Any) -> None:
    Customer.objects.filter(pk=customer).update(**values)
    with connection.cursor() as cursor:
        changelog.customers_changed(cursor, [customer], connection.vendor)


def segment(name: str, wanted: dict[str, Any]) -> Segment:
    one = actions.create(SYSTEM, name=name, rule=wanted)
    actions.build_pending()
    return one


def people(one: Segment) -> set[int]:
    version = queries.current(one)
    assert version
    return set(queries.members(version))


def told(name: str) -> list[int]:
    return [e.customer or 0 for e in events.read("a test", 100_000) if e.kind == "event" and e.name == name]


def is_in(one: Segment, operator: str = "in") -> dict[str, Any]:
    return {"kind": "segment", "segment": str(one.pk), "operator": operator}


def inside(one: Segment, operator: str = "in") -> dict[str, Any]:
    return rule(is_in(one, operator))
