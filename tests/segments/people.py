"""Customers in the store and in the warehouse, rules in short, and a browser."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.test import Client

from ceap.accounts.models import User
from ceap.core.changelog import customers_changed
from ceap.customers.models import Customer
from ceap.events.queries import warehouse
from ceap.kit.clock import now


def customers(*rows: dict[str, Any]) -> list[int]:
    """Store these customers; returns their keys."""
    made = Customer.objects.bulk_create(
        Customer(**{"created_at": now(), "updated_at": now(), **values}) for values in rows
    )
    with connection.cursor() as cursor:
        customers_changed(cursor, [c.pk for c in made], connection.vendor)
    warehouse().sync()
    return [c.pk for c in made]


def morning(days: int) -> datetime:
    """Nine o'clock (UTC) so many days after today: past the hour of the daily run, whatever hour it is now."""
    return datetime.combine(now().date() + timedelta(days=days), time(9), UTC)


def on(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"kind": "field", "field": field, "operator": operator, "value": value}


def rule(*conditions: dict[str, Any], join: str = "and") -> dict[str, Any]:
    return {"join": "and", "groups": [{"join": join, "conditions": list(conditions)}]}


WHATSAPP = rule(on("source", "is", "WhatsApp"))


class Browser(Client):
    """A signed-in browser; answers carry `.data`."""

    def __init__(self, user: User):
        super().__init__(raise_request_exception=True)
        self.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")

    def ask(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        response = self.generic(
            method, f"/api/segments{path}", json.dumps(body) if body is not None else "", "application/json"
        )
        assert response.status_code == expect, (response.status_code, response.content)
        return json.loads(response.content)
