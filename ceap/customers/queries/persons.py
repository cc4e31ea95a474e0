"""By what customers are recognised in copies that do not say whose they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import connection

from ceap.core import addresses as normal
from ceap.core import copies
from ceap.core.traces import Traces
from ceap.customers.contracts import FieldType
from ceap.customers.models import Customer, CustomField, Identity
from ceap.customers.queries.erasures import discover

FREE_TEXT = (FieldType.TEXT, FieldType.MULTILINE, FieldType.URL, FieldType.GPS)
Addresses = Collection[tuple[str, str]]


def addresses_of(row: Customer) -> set[tuple[str, str]]:
    """Every identity of a customer, as (kind, value)."""
    found = {(one.kind, one.value) for one in Identity.objects.filter(customer=row)}
    found |= {("email", normal.email(row.email))} if row.email else set()
    return found | ({("phone", row.phone)} if row.phone else set())


def recognised_by(everyone: Sequence[Customer], addresses: Addresses) -> tuple[Traces, dict[str, tuple[str, ...]]]:
    """What names these customers, now and formerly; and their short values by kind (see `copies.Person`)."""
    discover()
    keys = [each.pk for each in everyone]
    by_kind: dict[str, list[str]] = {kind: [] for kind in copies.KINDS}
    with connection.cursor() as cursor:
        for find in copies.KNOWN:
            for kind, values in find(cursor, connection.vendor, keys).items():
                by_kind[kind] += values
    for each in everyone:
        for kind, values in _values(each).items():
            by_kind[kind] += values
    fields: dict[str, list[str]] = {"id": [str(key) for key in keys]}
    for kind, value in addresses:
        by_kind[kind if kind in ("email", "phone") else "id"].append(value)
        fields.setdefault(kind, []).append(value)
    traces = Traces.of(by_kind["email"], by_kind["phone"], by_kind["id"], by_kind["name"], by_kind["text"])
    return traces, {kind: tuple(values) for kind, values in fields.items()}


def _values(row: Customer) -> Mapping[str, Sequence[str]]:
    """What a customer's own row says by which the person can be found elsewhere, by `copies.KINDS`."""
    free = set(CustomField.objects.filter(type__in=FREE_TEXT).values_list("key", flat=True))
    own = [value for key, value in row.custom.items() if key in free and isinstance(value, str)]
    ids = [row.customer_id or "", row.bsuid, *row.usernames.split(",")]
    return {"email": [row.email], "phone": [row.phone], "id": ids, "name": [row.full_name], "text": [row.street, *own]}
