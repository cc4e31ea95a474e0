"""Adding one customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor, Level
from ceap.core.changelog import customers_changed
from ceap.customers.actions import values
from ceap.customers.actions.files import require_own_files
from ceap.customers.actions.identities import follow_fields, require_free
from ceap.customers.contracts import IDENTITY_FIELDS
from ceap.customers.models import Customer
from ceap.kit.clock import now
from ceap.kit.problem import FieldError, Forbidden, Invalid


def create(actor: Actor, given: Mapping[str, Any], *, added_by: str = "") -> Customer:
    """Add a customer from field values by key; who may edit only own customers becomes the owner.

    Args:
        given: e.g. {"full_name": "Ann", "email": "ann@example.com", "score": 3}; custom fields by their key.

    Raises:
        Forbidden: the actor may not add customers, or not for that owner.
        Invalid: a field does not exist or its value is wrong; or there is neither a name nor an identity.
        IdentityTaken: customer id, email or phone name another customer.
    """
    level = actor.require("customers_manage")
    read = values.read(actor, given)
    require_own_files(Customer(), read)
    if level is Level.OWNED:
        read.setdefault("owner", actor.user_id)
        if read["owner"] != actor.user_id:
            raise Forbidden("You may add only customers that you own.")
    if not any(read.get(key) for key in ("full_name", "usernames", *IDENTITY_FIELDS)):
        message = "Give at least a name, a customer ID, an email or a phone number."
        raise Invalid(message, errors=[FieldError("full_name", message)])
    at = now()
    row = Customer(
        created_at=at, updated_at=at, created_by_id=actor.user_id, updated_by_id=actor.user_id,
        added_by=(added_by or actor.name)[:120],
    )  # fmt: skip
    _, after = values.apply(row, read)
    with transaction.atomic():
        require_free(actor, row, after)
        row.save(force_insert=True)
        follow_fields(actor, row, {*after, "full_name"})
        audit(actor, "customers.create", "customer", row.pk, str(row), after=after)
        with connection.cursor() as cursor:
            customers_changed(cursor, [row.pk], connection.vendor)
    return row
