"""Everything that is kept about one customer, as JSON for that customer: by the table of copies, so none is missed."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router

from ceap.accounts.actions import audit
from ceap.accounts.authentication import actor
from ceap.core import copies
from ceap.core.copies import Table
from ceap.core.sql import id_list, id_rows
from ceap.customers import queries as customers
from ceap.events import queries as events

router = Router(tags=["customers"])
MOST = 10_000
FREE = ("address", "detail", "evidence")
COMPOSED = ("fields", "identities", "activity")  # what the packages say in their own words; the rest is read as it is


@router.get("/customers/{int:customer}/data.json")
def data(request: HttpRequest, customer: int) -> HttpResponse:
    """All personal data of one customer, wherever it is kept; of what the customer did the newest 10,000."""
    who = actor(request)
    row = customers.find(who, customer)
    found: dict[str, Any] = customers.disclosure(who, row)
    did: list[Any] = []
    cursor = None
    while len(did) < MOST:
        items, cursor = events.timeline(who, row.pk, cursor, 500)
        did += items
        if cursor is None:
            break
    keys = [row.pk, *found["merged_from"]]
    found |= {"activity": did} | kept(keys, customers.hidden_from(who)) | {"not_included": left_out()}
    with transaction.atomic():
        audit(who, "customers.disclose", "customer", row.pk, str(row))
    body = json.dumps(found, default=str, ensure_ascii=False, indent=1)
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="customer-{row.pk}.json"'
    return answer


def kept(keys: list[int], hidden: set[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows about the customers `keys` in every listed table, by the name that the table gives them.

    hidden: fields that the reader's role may not see; files of them are left out, and with any of them what is written
    in free words or is an address.
    """
    customers.discover()
    tables = [t for t in copies.TABLES.values() if t.export and t.export not in COMPOSED]
    return {table.export: _rows(table, keys, hidden) for table in tables}


def left_out() -> dict[str, str]:
    """What may hold the customer's data once more and is not part of the export: why, by place."""
    customers.discover()
    tables = {name: t.excluded for name, t in copies.TABLES.items() if t.personal and t.excluded}
    return tables | {name: folder.excluded for name, folder in copies.FOLDERS.items() if folder.excluded}


def _rows(table: Table, keys: list[int], hidden: set[str]) -> list[dict[str, Any]]:
    shown = sorted(table.columns - {table.of, table.key, *table.hidden.split()})
    with connection.cursor() as cursor:
        picked = ", ".join(f'"{name}"' for name in shown)
        cursor.execute(
            f'SELECT {picked} FROM "{table.name}" WHERE "{table.of}" IN '
            f'(SELECT value FROM {id_rows(connection.vendor)} AS ids) ORDER BY "{table.key}"',
            [id_list(connection.vendor, keys)],
        )
        rows = [dict(zip(shown, values, strict=True)) for values in cursor.fetchall()]
    for row in rows:
        for name in table.json.split():
            row[name] = json.loads(row[name]) if isinstance(row[name], str) else row[name]
    if hidden:
        rows = [{k: v for k, v in row.items() if k not in FREE} for row in rows if row.get("field") not in hidden]
    return rows
