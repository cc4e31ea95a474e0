"""The audit trail without what an actor may not see: other owners' customers, values and names of hidden fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from ceap.accounts.contracts import Actor
from ceap.customers.models import CustomField
from ceap.customers.queries.customers import visible_to
from ceap.customers.queries.fields import hidden_from

HIDDEN = "(hidden from your role)"


def about_seen(actor: Actor) -> Q:
    """The entries about customers that `actor` may see."""
    seen = visible_to(actor).annotate(text=Cast("pk", CharField())).values("text")
    return Q(object_kind="customer", object_id__in=seen)


def without_hidden(actor: Actor, entries: Iterable[Any]) -> None:
    """Take out of the trail's entries, in place, what fields hidden from `actor` hold and are called."""
    hidden = hidden_from(actor)
    if not hidden:
        return
    custom = {key: str(pk) for pk, key in CustomField.objects.filter(key__in=hidden).values_list("pk", "key")}
    names = {*custom, *(f"c_{key}" for key in custom)}
    for entry in entries:
        if entry.object_kind == "field" and entry.object_id in {*custom, *custom.values()}:
            entry.object_id = entry.object_name = HIDDEN
            entry.before = entry.after = None
        else:
            entry.before, entry.after = (_without(each, hidden, names) for each in (entry.before, entry.after))


def _without(value: Any, hidden: set[str], names: set[str]) -> Any:
    """JSON without the values below the keys `hidden` and the strings `names`; rules that name one say nothing."""
    if isinstance(value, dict):
        if value.get("field") in hidden | names:
            return HIDDEN
        return {
            HIDDEN if key in names else key: HIDDEN if key in hidden else _without(each, hidden, names)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_without(each, hidden, names) for each in value]
    return HIDDEN if isinstance(value, str) and value in names else value
