"""Writes of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.catalog.contracts import NewItem, Outcome
from ceap.catalog.models import Item
from ceap.core import changelog
from ceap.kit.problem import FieldError, Invalid

_OPTIONAL = ("category", "price", "attributes", "active")
_CHUNK = 2_000


def upsert_many(actor: Actor, items: Iterable[NewItem], source: str = "") -> Outcome:
    """Create or update items by (kind, key), in one transaction; of two with the same name the last one counts.

    Args:
        source: where they come from, in words, for the audit trail.

    Raises:
        Forbidden: `actor` may not import.
        Invalid: an item has no kind, key or name, or one that is too long; nothing was changed.
    """
    actor.require("customers_import")
    wanted = {(item.kind, item.key): item for item in items}
    errors = [FieldError(f"{i.kind}/{i.key}", problem) for i in wanted.values() if (problem := _problem(i))]
    if errors:
        raise Invalid(f"{len(errors)} items cannot be kept", errors=errors[:100])
    created, changed, unchanged = [], [], 0
    with transaction.atomic():
        for kind in sorted({kind for kind, _ in wanted}):
            keys = sorted(key for k, key in wanted if k == kind)
            for start in range(0, len(keys), _CHUNK):
                part = keys[start : start + _CHUNK]
                known = {i.key: i for i in Item.objects.select_for_update().filter(kind=kind, key__in=part)}
                for key in part:
                    row = known.get(key)
                    if row is None:
                        created.append(_new(wanted[kind, key]))
                    elif _edit(row, wanted[kind, key]):
                        changed.append(row)
                    else:
                        unchanged += 1
        created = Item.objects.bulk_create(created, batch_size=_CHUNK)
        Item.objects.bulk_update(changed, ["name", *_OPTIONAL], batch_size=200)
        ids = [row.pk for row in (*created, *changed)]
        if ids:
            with connection.cursor() as cursor:
                changelog.items_changed(cursor, ids, connection.vendor)
            after = {"created": len(created), "updated": len(changed)}
            audit(actor, "catalog.import", "catalog", "items", source, after=after)
    return Outcome(len(created), len(changed), unchanged, ids)


def _problem(item: NewItem) -> str:
    for name, value, longest in (("kind", item.kind, 30), ("key", item.key, 120), ("name", item.name, 250)):
        if not value:
            return f"The {name} is empty."
        if len(value) > longest:
            return f"The {name} is longer than {longest} characters."
    return "The category is longer than 120 characters." if len(item.category or "") > 120 else ""


def _new(item: NewItem) -> Item:
    given = {name: getattr(item, name) for name in _OPTIONAL if getattr(item, name) is not None}
    return Item(kind=item.kind, key=item.key, name=item.name, **given)


def _edit(row: Item, item: NewItem) -> bool:
    """Put what `item` says into `row`; whether that changed anything."""
    changed = False
    for name in ("name", *_OPTIONAL):
        value = getattr(item, name)
        if value is not None and getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed
