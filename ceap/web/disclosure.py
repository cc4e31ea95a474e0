"""Everything that is kept about one customer, as JSON for that customer: composed of what the packages know."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from ceap.accounts.actions import audit
from ceap.accounts.authentication import actor
from ceap.customers import queries as customers
from ceap.events import queries as events

router = Router(tags=["customers"])
MOST = 10_000


@router.get("/customers/{int:customer}/data.json")
def data(request: HttpRequest, customer: int) -> HttpResponse:
    """All personal data of one customer: fields, identities, what the customer did (the newest 10,000)."""
    from django.db import transaction

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
    with transaction.atomic():
        audit(who, "customers.disclose", "customer", row.pk, str(row))
    body = json.dumps(found | {"activity": did}, default=str, ensure_ascii=False, indent=1)
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="customer-{row.pk}.json"'
    return answer
