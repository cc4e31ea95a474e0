"""Legal holds: what is known of a customer, or of everybody, must stay as it is until somebody lifts the hold."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.customers.models import Customer, Hold
from ceap.customers.queries.customers import find
from ceap.customers.queries.retention import everybody_is_held
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, invalid

EVERYBODY = (
    "A legal hold is in force for everybody: nothing is erased or deleted by age until it is lifted in "
    "Settings › Organisation."
)


def hold(actor: Actor, customer: int, reason: str) -> Hold:
    """Put a customer under a legal hold, or change the reason; merged customers share it.

    Raises:
        Forbidden: the actor may not erase. NotFound: there is no such customer for the actor. Invalid: no reason.
    """
    actor.require("customers_erase")
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= 250:
        raise invalid("reason", "Say why in at most 250 characters, for example the number of the case.")
    with transaction.atomic():
        row = find(actor, customer)
        found, _ = Hold.objects.update_or_create(
            customer=row, defaults={"reason": reason, "by": actor.name[:120], "at": now()}
        )
        audit(actor, "customers.hold", "customer", row.pk, f"#{row.pk}", after={"reason": reason})
    return found


def lift(actor: Actor, customer: int) -> None:
    """End the legal hold over a customer; nothing happens when there is none.

    Raises:
        Forbidden: the actor may not erase. NotFound: there is no such customer for the actor.
    """
    actor.require("customers_erase")
    with transaction.atomic():
        row = find(actor, customer)
        gone, _ = Hold.objects.filter(Q(customer=row) | Q(customer__merged_into=row)).delete()
        if gone:
            audit(actor, "customers.lift_hold", "customer", row.pk, f"#{row.pk}")


def refuse_held(customers: list[Customer]) -> None:
    """Refuse to erase who is under a legal hold.

    Raises:
        Conflict: it says which hold, and who can lift it.
    """
    if everybody_is_held():
        raise Conflict(EVERYBODY)
    row = Hold.objects.filter(customer__in=customers).first()
    if row is not None:
        raise Conflict(
            f"This customer is under a legal hold since {row.at:%d %B %Y} ({row.reason}): nothing is erased until it "
            "is lifted on the tab Privacy."
        )
