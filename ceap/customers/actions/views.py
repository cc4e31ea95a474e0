"""Saved views: named sets of filters, one's own or shared."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.customers.models import SavedView
from ceap.kit.clock import now
from ceap.kit.problem import Forbidden, NotFound, invalid


def save_view(actor: Actor, page: str, name: str, query: dict[str, Any], *, shared: bool = False) -> SavedView:
    """Keep filters under a name; one's own view of the same name on the same page is replaced.

    Raises:
        Forbidden: keys have no views.
        Invalid: the name is empty or longer than 60 characters.
    """
    actor.require("customers_view")
    if actor.user_id is None:
        raise Forbidden("Only people save views.")
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise invalid("name", "Give a name of 1 to 60 characters.")
    with transaction.atomic():
        view, _ = SavedView.objects.update_or_create(
            page=page[:60], name=name, created_by_id=actor.user_id,
            defaults={"query": query, "shared": shared}, create_defaults={
                "query": query, "shared": shared, "created_at": now()},
        )  # fmt: skip
        audit(actor, "views.save", "view", view.pk, name, after={"query": query, "shared": shared})
    return view


def delete_view(actor: Actor, view: UUID | str) -> None:
    """Forget one's own view.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    with transaction.atomic():
        row = SavedView.objects.filter(pk=view, created_by_id=actor.user_id).first() if actor.user_id else None
        if row is None:
            raise NotFound("You have no such view.")
        audit(actor, "views.delete", "view", row.pk, row.name)
        row.delete()
