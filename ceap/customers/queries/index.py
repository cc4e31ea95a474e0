"""The index page: search, filters, order, keyset pages, stored counts, suggestions, saved views."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import setting
from ceap.core.values.text import SEARCH_FROM, searchable
from ceap.customers.contracts import FieldType
from ceap.customers.models import Customer, SavedView
from ceap.customers.queries.customers import visible_to
from ceap.customers.queries.fields import fields_for, hidden_from, require_seen
from ceap.customers.rules.asked import searched
from ceap.kit import pagination
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, invalid

COUNT_SECONDS = 10
NOBODY = "none"  # the filter value that asks for empty
SEARCHED = ("full_name", "email", "phone", "customer_id")
# filter -> the field that it reads
NARROWS = {
    "source": "source", "status": "status", "city": "city", "owner": "owner", "consent": "marketing_opt_in",
    "reachable": "email",
}  # fmt: skip
ORDERED_BY = {"updated": "updated_at", "last_activity": "last_activity_at"}
KEYSETS = {"newest": "-pk", "name": "lower_name", "updated": "-updated_at", "last_activity": "-last_activity_at"}
SORTS = tuple(KEYSETS)


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty = not narrowed. "none" in a list means empty."""

    search: str = ""
    source: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    city: list[str] = field(default_factory=list)
    owner: list[str] = field(default_factory=list)  # user ids, "me", "none"
    consent: str = ""  # yes | no | never
    reachable: str = ""  # email


@dataclass(frozen=True)
class Counts:
    """`total` customers there are, `visible` those the actor may see, `matched` those the filters leave."""

    total: int
    visible: int
    matched: int
    owned_only: bool
    counted_at: datetime


@dataclass(frozen=True)
class Page:
    items: list[Customer]
    next: str | None


def filtered(actor: Actor, filters: Filters) -> QuerySet[Customer]:
    """The visible customers that the filters leave, in no order.

    Raises:
        Invalid: the search is too short, or a filter's value is unknown.
        HiddenField: a filter is a field that the actor's role may not see.
    """
    require_seen(actor, *(NARROWS[name] for name in NARROWS if getattr(filters, name)))
    rows = visible_to(actor)
    if texts := searched(filters.search, str(setting("default_region") or "")) if filters.search else []:
        if not searchable(texts[0]):
            raise invalid("search", f"Type at least {SEARCH_FROM} characters to search.")
        rows = rows.filter(_found_in(["search__text"], texts, "contains"))
        if not hidden_from(actor).isdisjoint(SEARCHED):
            rows = rows.filter(_found_in([name for name in SEARCHED if name not in hidden_from(actor)], texts))
    for name in ("source", "status", "city"):
        if chosen := getattr(filters, name):
            rows = rows.filter(**{f"{name}__in": ["" if value == NOBODY else value for value in chosen]})
    if filters.owner:
        rows = rows.filter(_owner(actor, filters.owner))
    if filters.consent:
        known = {"yes": True, "no": False, "never": None}
        if filters.consent not in known:
            raise invalid("consent", "Choose yes, no or never.")
        rows = rows.filter(marketing_opt_in=known[filters.consent])
    if filters.reachable:
        if filters.reachable != "email":
            raise invalid("reachable", "Choose email.")
        rows = rows.exclude(email="")
    return rows


def _found_in(names: list[str], texts: list[str], how: str = "icontains") -> Q:
    """Whether one of these fields contains one of the texts: the narrow search text also holds what one may not see."""
    found = Q()
    for name in names:
        for text in texts:
            found |= Q(**{f"{name}__{how}": text})
    return found


def _owner(actor: Actor, chosen: list[str]) -> Q:
    ids = {actor.user_id if value == "me" else int(value) for value in chosen if value == "me" or value.isdigit()}
    wanted = Q(owner_id__in=[i for i in ids if i is not None])
    return wanted | Q(owner=None) if NOBODY in chosen else wanted


def page(
    actor: Actor,
    filters: Filters,
    *,
    sort: str = "newest",
    cursor: str | None = None,
    limit: int = pagination.PAGE_SIZE,
) -> Page:
    """One page of the index, by keyset: newest first, or by name, last update or last activity.

    Raises:
        Forbidden: the actor may not view customers.
        Invalid: a filter, the order or the cursor is wrong.
    """
    actor.require("customers_view")
    if sort not in SORTS:
        raise invalid("sort", f"Choose one of {', '.join(SORTS)}.")
    if sort in ORDERED_BY:
        require_seen(actor, ORDERED_BY[sort])
    rows = filtered(actor, filters)
    rows = rows.select_related("owner")
    if sort == "name":
        rows = rows.annotate(lower_name=Lower("full_name"))
    return Page(*pagination.page(rows, KEYSETS[sort], cursor=cursor, limit=limit))


def counts(actor: Actor, filters: Filters | None = None) -> Counts:
    """How many customers there are, visible and matched; each counted at most every 10 seconds and kept."""
    actor.require("customers_view")
    owned_only = actor.level("customers_view") is not Level.ALL
    total = _kept("total", lambda: Customer.objects.filter(merged_into=None, erased_at=None).count())
    visible = _kept(f"owned:{actor.user_id}", lambda: visible_to(actor).count()) if owned_only else total
    matched, at = visible
    if filters and filters != Filters():
        asked = hashlib.sha256(f"{actor.user_id}:{owned_only}:{filters}".encode()).hexdigest()
        matched, at = _kept(asked, lambda: filtered(actor, filters).count())
    return Counts(total[0], visible[0], matched, owned_only, at)


def _kept(name: str, count: Any) -> tuple[int, datetime]:
    found = cache.get(f"customers:count:{name}")
    if found is None:
        found = (count(), now())
        cache.set(f"customers:count:{name}", found, COUNT_SECONDS)
    return found  # type: ignore[no-any-return]


def suggestions(actor: Actor, key: str, search: str = "", limit: int = 20) -> list[str]:
    """Values that field `key` has among the visible customers and that contain `search`, in order.

    Raises:
        Invalid: there is no such field, or it suggests nothing (only text, dropdown and multiple selection do).
        HiddenField: the actor's role may not see it.
    """
    actor.require("customers_view")
    require_seen(actor, key)
    found = next((f for f in fields_for(actor) if f.key == key), None)
    if found is None or found.type not in (FieldType.TEXT, FieldType.DROPDOWN, FieldType.MULTIPLE):
        raise invalid("field", "This field has no suggestions.")
    text = search.strip().lower()
    if found.options:
        return [option for option in found.options if text in option.lower()][:limit]
    rows = visible_to(actor)
    name = f"custom__{key}" if found.custom else key
    if found.custom:
        rows = rows.filter(**{f"{name}__isnull": False})
    else:
        rows = rows.exclude(**{name: ""}).exclude(**{f"{name}__isnull": True})
    if text and not found.custom:
        rows = rows.filter(**{f"{name}__icontains": text})
    values = rows.order_by(name).values_list(name, flat=True).distinct()[: limit if not found.custom else 5_000]
    if found.type is FieldType.MULTIPLE:
        flat = {part for value in values for part in (value if isinstance(value, list) else [value])}
        return sorted(part for part in flat if text in str(part).lower())[:limit]
    return [str(value) for value in values if text in str(value).lower()][:limit]


def views(actor: Actor, page_path: str) -> list[SavedView]:
    """Saved views of a page: one's own, then those that others share, by name; none that reads a hidden field."""
    hidden = hidden_from(actor)
    return [view for view in _views(actor, page_path) if hidden.isdisjoint(map(str, _parts(view.query)))]


def _parts(value: Any) -> Iterator[Any]:
    """Every name and plain value in JSON."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _parts(each)
    elif not isinstance(value, dict):
        yield value


def _views(actor: Actor, page_path: str) -> list[SavedView]:
    rows = SavedView.objects.filter(page=page_path).select_related("created_by")
    if actor.user_id is None:
        return list(rows.filter(shared=True).order_by("name"))
    return sorted(
        rows.filter(Q(created_by_id=actor.user_id) | Q(shared=True)),
        key=lambda view: (view.created_by_id != actor.user_id, view.name.lower()),
    )


def page_of_all(actor: Actor, filters: Filters, *, may_be_empty: bool = False) -> QuerySet[Customer]:
    """Everything a list shows, oldest first, for an export.

    Raises:
        Conflict: nothing is left to export.
    """
    actor.require("customers_export")
    rows = filtered(actor, filters).order_by("pk")
    if not may_be_empty and not rows.exists():
        raise Conflict("There is nothing to export: no customer matches the filters.")
    return rows
