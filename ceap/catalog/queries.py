"""Reads of the catalogue."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ceap.accounts.contracts import Actor
from ceap.catalog.models import Item
from ceap.kit import pagination


def visible_to(actor: Actor) -> QuerySet[Item]:
    """Every item, for those who may view the catalogue."""
    return Item.objects.all() if actor.may("catalog_view") else Item.objects.none()


def page(
    actor: Actor, *, search: str = "", kind: str = "", active: bool | None = None, cursor: str | None = None, limit: int
) -> tuple[list[Item], str | None]:
    """Items by name, and the cursor of the next page; `search` is part of name, key or category, in any case.

    Raises:
        Forbidden: `actor` may not view the catalogue.
    """
    actor.require("catalog_view")
    rows = visible_to(actor)
    if kind:
        rows = rows.filter(kind=kind)
    if active is not None:
        rows = rows.filter(active=active)
    if search := search.strip():
        rows = rows.filter(Q(name__icontains=search) | Q(key__icontains=search) | Q(category__icontains=search))
    return pagination.page(rows, "name", cursor=cursor, limit=limit)


def kinds(actor: Actor) -> list[str]:
    """The kinds of items there are."""
    actor.require("catalog_view")
    return list(visible_to(actor).order_by("kind").values_list("kind", flat=True).distinct())
