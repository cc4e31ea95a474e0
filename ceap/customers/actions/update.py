"""Editing one customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor, Level
from ceap.core.changelog import customers_changed
from ceap.customers.actions import values
from ceap.customers.actions.files import forget_unnamed, require_own_files
from ceap.customers.actions.identities import follow_fields, locked, require_free
from ceap.customers.models import Customer
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, Forbidden


class Outdated(Conflict):
    """Somebody else saved in between; `version` is the present one."""

    title = "Somebody else changed this customer"


def update(actor: Actor, customer: int, changes: Mapping[str, Any], *, version: int | None = None) -> Customer:
    """Change fields of a customer; fields not named stay, and a change to nothing new writes nothing.

    Args:
        changes: values by field key; None or "" empties a field.
        version: the version that was read; None = whatever it is now.

    Raises:
        NotFound, Forbidden: the actor may not see or not edit it.
        Invalid: a field does not exist or its value is wrong.
        Outdated: `version` is not the present one.
        IdentityTaken: customer id, email or phone name another customer.
    """
    level = actor.require("customers_manage")
    read = values.read(actor, changes)
    with transaction.atomic():
        row = locked(actor, customer)
        if version is not None and version != row.version:
            who = row.updated_by.name if row.updated_by else row.added_by or "a program"
            raise Outdated(
                f"{who} changed this customer after you opened it. Load it again and repeat your change.",
                version=row.version,
            )
        if level is Level.OWNED and read.get("owner", row.owner_id) != row.owner_id:
            raise Forbidden("Your role does not allow giving customers to another owner.")
        require_own_files(row, read)
        before, after = values.apply(row, read)
        if not after:
            return row
        row.updated_at, row.updated_by_id, row.version = now(), actor.user_id, row.version + 1
        require_free(actor, row, after)
        row.save()
        follow_fields(actor, row, after)
        forget_unnamed(row, after)
        audit(actor, "customers.update", "customer", row.pk, str(row), before=before, after=after)
        with connection.cursor() as cursor:
            customers_changed(cursor, [row.pk], connection.vendor)
    return row
