"""Customers in a list: found by what is typed, and the values that can be typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.customers import queries, schemas
from ceap.customers.api.router import router
from ceap.customers.contracts import Field
from ceap.customers.models import Customer
from ceap.customers.queries import Filters
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.kit.problem import invalid

MANY = Query([])
MOST_COLUMNS = 100
IN_LISTS = (
    "customer_id", "email", "phone", "source", "status", "city", "province", "country", "marketing_opt_in",
    "last_activity_at", "updated_at", "created_at",
)  # fmt: skip


def _row(customer: Customer, hidden: set[str], shown: list[Field]) -> dict[str, Any]:
    owner = customer.owner
    found = {name: getattr(customer, name) for name in IN_LISTS} | {
        "id": customer.pk, "name": str(customer), "owner": {"id": owner.pk, "name": owner.name} if owner else None,
        "added_by": customer.added_by,
    }  # fmt: skip
    found |= {name: "" if isinstance(found[name], str) else None for name in hidden & found.keys()}
    return found | {"values": queries.facts(customer, shown)}


@router.get("", response=schemas.CustomersOut)
def index(
    request: HttpRequest,
    search: str = "",
    source: list[str] = MANY,
    status: list[str] = MANY,
    city: list[str] = MANY,
    owner: list[str] = MANY,
    consent: str = "",
    reachable: str = "",
    sort: str = "newest",
    columns: list[str] = MANY,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """Customers the caller may see: searched (from 3 characters), filtered, ordered, by keyset.

    `owner` takes user ids, "me" and "none"; "none" in other filters means empty. `sort`: newest, name, updated,
    last_activity. `columns` are the keys of fields whose values each row brings along, beside what it always has.
    """
    who = actor(request)
    shown = _columns(who, columns)
    filters = Filters(search, source, status, city, owner, consent, reachable)
    found = queries.page(who, filters, sort=sort, cursor=cursor, limit=limit)
    counts = queries.counts(who, filters)
    hidden = queries.hidden_from(who)
    rows = [_row(each, hidden, shown) for each in found.items]
    users = queries.user_names_in([row["values"] for row in rows])
    return {
        "items": rows, "users": users, "next": found.next, "total": counts.visible,
        "everybody": counts.total, "matched": counts.matched, "owned_only": counts.owned_only,
        "counted_at": counts.counted_at,
    }  # fmt: skip


def _columns(who: Actor, keys: list[str]) -> list[Field]:
    if len(keys) > MOST_COLUMNS:
        raise invalid("columns", f"Ask for at most {MOST_COLUMNS} columns.")
    queries.require_seen(who, *keys)
    known = {field.key: field for field in queries.known_to(who)}
    if unknown := [key for key in keys if key not in known]:
        raise invalid("columns", f"There is no field “{unknown[0]}”.")
    return [known[key] for key in keys]


@router.get("/suggestions", response=list[str])
def suggestions(request: HttpRequest, field: str, search: str = "") -> Any:
    """Values that the field has among the customers the caller may see."""
    return queries.suggestions(actor(request), field, search)


@router.get("/resolve", response=schemas.ResolvedOut)
def resolve(request: HttpRequest, kind: str, value: str) -> Any:
    """Whom an identity names, of the customers the caller may see; null = nobody."""
    who = actor(request)
    who.require("customers_view")
    queries.require_seen(who, kind)
    found = queries.resolve(kind, value)
    return {"id": found if found and queries.visible_to(who).filter(pk=found).exists() else None}
