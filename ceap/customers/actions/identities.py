"""Adding and removing the ways to recognise a customer."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.core import addresses
from ceap.core.changelog import customers_changed
from ceap.customers.actions.values import search_text
from ceap.customers.contracts import IDENTITY_FIELDS
from ceap.customers.models import Customer, Identity, SearchText
from ceap.customers.queries.customers import identity_value, visible_to
from ceap.customers.queries.facts import identities_of
from ceap.customers.queries.fields import require_seen
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, FieldError, Invalid, NotFound

TAKEN_UNSEEN = (
    "This {kind} belongs to a customer that you may not see. Correct the value, or ask somebody who sees all customers."
)


class IdentityTaken(Conflict):
    """The identity names another customer; `customer` is that customer's key, if the actor may see it."""

    title = "This identity belongs to another customer"


def locked(actor: Actor, customer: int) -> Customer:
    """The customer's row, held until the transaction ends, for an actor that may edit it.

    Raises:
        NotFound: there is none that `actor` may see.
        Forbidden: the actor may see it but not edit it.
    """
    row = visible_to(actor).select_for_update(of=("self",)).filter(pk=customer).first()
    if row is None:
        raise NotFound("There is no such customer.")
    if not actor.owns("customers_manage", row.owner_id):
        actor.require("customers_manage")
        from ceap.kit.problem import Forbidden

        raise Forbidden("You may edit only customers that you own.")
    return row


def require_free(actor: Actor, row: Customer, changed: Iterable[str]) -> None:
    """That no identity field of a row about to be saved names another customer.

    Raises:
        IdentityTaken: one does.
    """
    for kind in set(IDENTITY_FIELDS).intersection(changed):
        value = getattr(row, kind) or ""
        value = addresses.email(value) if kind == "email" else value
        found = Identity.objects.filter(kind=kind, value=value).exclude(customer=row.pk).first() if value else None
        if found is not None:
            raise _taken(actor, found)


def follow_fields(actor: Actor, row: Customer, changed: Iterable[str]) -> None:
    """Make identities and search text say what the row's identity fields now say.

    Raises:
        IdentityTaken: a value names another customer.
    """
    changed = set(changed)
    for kind in IDENTITY_FIELDS:
        if kind not in changed:
            continue
        value = getattr(row, kind) or ""
        value = addresses.email(value) if kind == "email" else value
        primary = Identity.objects.filter(customer=row, kind=kind, primary=True)
        primary.exclude(value=value).delete()
        if value:
            _name(actor, row, kind, value, primary=True)
    if changed & {"full_name", *IDENTITY_FIELDS}:
        text = search_text((row.full_name, row.email, row.phone, row.customer_id))
        SearchText.objects.update_or_create(customer=row, defaults={"text": text})


def _name(actor: Actor, row: Customer, kind: str, value: str, *, primary: bool) -> Identity:
    found = Identity.objects.filter(kind=kind, value=value).first()
    if found is None:
        return Identity.objects.create(customer=row, kind=kind, value=value, primary=primary, created_at=now())
    if found.customer_id != row.pk:
        raise _taken(actor, found)
    if primary and not found.primary:
        found.primary = True
        found.save(update_fields=["primary"])
    return found


def _taken(actor: Actor, found: Identity) -> IdentityTaken:
    """What `actor` may be told of the customer in the way: who it is, or only that there is one."""
    other = visible_to(actor).filter(pk=found.customer_id).first()
    if other is None:
        message = TAKEN_UNSEEN.format(kind=found.kind)
        return IdentityTaken(message, errors=[FieldError(found.kind, message)])
    message = (
        f"{found.kind} {found.value} belongs to customer {other.pk} ({other}). Merge the two, or correct the value."
    )
    return IdentityTaken(message, errors=[FieldError(found.kind, message)], customer=other.pk)


def add_identity(actor: Actor, customer: int, kind: str, value: str) -> Identity:
    """Add one more way to recognise a customer, e.g. ("email", "old@example.com"); adding it again changes nothing.

    Raises:
        Invalid: the value is not a `kind`.
        HiddenField: the kind is a field that the actor's role may not see.
        IdentityTaken: it names another customer.
    """
    kind = kind.strip().lower()
    if not kind.replace("_", "").isalnum() or len(kind) > 40:
        raise Invalid(
            "Name the kind in lower-case letters, e.g. loyalty_card.", errors=[FieldError("kind", "Not a kind.")]
        )
    try:
        known = identity_value(kind, value)
    except ValueError as error:
        raise Invalid(f"The {kind} {error}.", errors=[FieldError("value", f"The {kind} {error}.")]) from None
    require_seen(actor, kind)
    with transaction.atomic():
        row = locked(actor, customer)
        if already := Identity.objects.filter(customer=row, kind=kind, value=known).first():
            return already
        identity = _name(actor, row, kind, known, primary=False)
        _said(actor, row, "customers.add_identity", after={kind: known})
    return identity


def remove_identity(actor: Actor, customer: int, identity: int) -> None:
    """Take away an additional identity.

    Raises:
        NotFound: the customer has no such identity.
        Conflict: it is the value of one of the customer's fields: change the field instead.
    """
    with transaction.atomic():
        row = locked(actor, customer)
        found = identities_of(actor, row).filter(pk=identity).first()
        if found is None:
            raise NotFound("This customer has no such identity.")
        if found.primary:
            raise Conflict(f"This is the customer's {found.kind}; change that field instead.")
        found.delete()
        _said(actor, row, "customers.remove_identity", before={found.kind: found.value})


def _said(actor: Actor, row: Customer, verb: str, **values: dict[str, str]) -> None:
    audit(actor, verb, "customer", row.pk, str(row), **values)
    with connection.cursor() as cursor:
        customers_changed(cursor, [row.pk], connection.vendor)
