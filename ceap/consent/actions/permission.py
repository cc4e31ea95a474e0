"""Consent and suppressions: given, taken back, with evidence."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.consent import rules
from ceap.consent.contracts import CHANNELS, MARKETING, SUPPRESSION_REASONS
from ceap.consent.models import ConsentRecord, Suppression
from ceap.consent.queries import suppressions_visible_to
from ceap.core import addresses, changelog, optout
from ceap.core.consents import addresses_of, channels_of
from ceap.core.sql import exclude_senders
from ceap.customers.queries import identity_value, require_seen, visible_to
from ceap.kit.clock import now
from ceap.kit.problem import NotFound, invalid


def _customer(actor: Actor, customer_id: int) -> Any:
    actor.require("consent_manage")
    row = visible_to(actor).filter(pk=customer_id).first()
    if row is None:
        raise NotFound("There is no such customer.")
    require_seen(actor, "marketing_opt_in")
    return row


def _checked(channel: str, purpose: str) -> str:
    """The one spelling of the purpose: what is taken back for “Marketing” is taken back for marketing.

    Raises:
        Invalid: there is no such channel; no purpose.
    """
    if channel not in (*CHANNELS, "*"):
        raise invalid("channel", f"The channel is one of {', '.join(CHANNELS)} or * for all.")
    if not (purpose := purpose.strip().lower()):
        raise invalid("purpose", "Name a purpose, e.g. marketing, or * for all.")
    return purpose


def grant(
    actor: Actor, customer_id: int, *, channel: str = "*", purpose: str = "marketing", source: str,
    evidence: dict[str, Any],
) -> ConsentRecord:  # fmt: skip
    """Record that a customer has given consent for a channel and a purpose ("*" = all), with evidence.

    Lifts what an unsubscription left on any of the customer's addresses, for that channel and purpose alone;
    suppressions for other reasons (bounced, complained, manual) and those of erased people stay. The customer's field
    for marketing on every channel becomes yes only when every channel is meant.

    Raises:
        Forbidden, NotFound, Invalid: unknown channel; no evidence.
    """
    purpose = _checked(channel, purpose)
    if not evidence:
        raise invalid("evidence", "Say how the consent was given: a form, a call, a document.")
    with transaction.atomic(), connection.cursor() as cursor:
        customer = _customer(actor, customer_id)
        row = ConsentRecord.objects.create(
            customer=customer, channel=channel, purpose=purpose, granted=True, source=source[:60], evidence=evidence,
            at=now(),
        )  # fmt: skip
        _lift(addresses_of(cursor, connection.vendor, customer_id, channel), channel, purpose)
        if channel == "*" and purpose in (MARKETING, "*"):
            visible_to(actor).filter(pk=customer_id).update(
                marketing_opt_in=True, marketing_opt_in_at=now(), updated_at=now()
            )
        changelog.customers_changed(cursor, [customer_id], connection.vendor)
        audit(actor, "consent.grant", "customer", customer_id, str(customer), after=_said(channel, purpose, source))
    return row


def _lift(known: list[str], channel: str, purpose: str) -> None:
    """Lift the unsubscriptions of addresses for (channel, purpose); of wider ones what is left stays."""
    rows = Suppression.objects.select_for_update().filter(address__in=known, reason="unsubscribed")
    if channel != "*":
        rows = rows.filter(channel__in=[channel, "*"])
    if purpose != "*":
        rows = rows.filter(purpose__in=[purpose, "*"])
    for row in rows:
        left = rules.left_of(row.channel, row.purpose, channel, purpose, channels_of(row.address))
        made = {"address": row.address, "reason": row.reason, "customer_id": row.customer_id, "at": row.at}
        row.delete()
        Suppression.objects.bulk_create(
            [Suppression(channel=c, purpose=p, **made) for c, p in left], ignore_conflicts=True
        )


def withdraw(
    actor: Actor, customer_id: int, *, channel: str = "*", purpose: str = "marketing", source: str = "user",
    evidence: dict[str, Any] | None = None,
) -> bool:  # fmt: skip
    """Record that a customer has taken consent back: nothing is handed to a provider once this has returned.

    Returns:
        Whether anything changed (a second withdrawal changes nothing).

    Raises:
        Forbidden, NotFound, Invalid: unknown channel.
    """
    purpose = _checked(channel, purpose)
    with transaction.atomic(), connection.cursor() as cursor:
        customer = _customer(actor, customer_id)
        changed = optout.opt_out(
            cursor, connection.vendor, customer_id=customer_id, channel=channel, purpose=purpose, source=source,
            evidence={"user": actor.name, **(evidence or {})}, at=now(),
        )  # fmt: skip
        if changed:
            said = _said(channel, purpose, source)
            audit(actor, "consent.withdraw", "customer", customer_id, str(customer), after=said)
    wait_for_hand_over(customer_id, customer.email if channel in ("email", "*") else "")
    return changed


def wait_for_hand_over(customer_id: int, address: str = "") -> None:
    """Wait, after the commit of an opt-out and before its acknowledgement, for a hand-over that has already begun."""
    deadline = time.monotonic() + optout.ACKNOWLEDGE_SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            if not optout.in_hand(cursor, connection.vendor, customer_id=customer_id, address=address):
                return
        time.sleep(0.01)


def suppress(
    actor: Actor, *, channel: str, address: str, purpose: str = "*", reason: str = "manual",
    customer_id: int | None = None,
) -> Suppression:  # fmt: skip
    """Never send to an address (again), whoever it belongs to.

    Raises:
        Forbidden, Invalid: unknown channel or reason; no address.
    """
    actor.require("consent_manage")
    purpose = _checked(channel, purpose)
    address = _address(channel, address)
    if reason not in SUPPRESSION_REASONS:
        raise invalid("reason", f"The reason is one of {', '.join(SUPPRESSION_REASONS)}.")
    with transaction.atomic(), connection.cursor() as cursor:
        exclude_senders(cursor, connection.vendor)
        row, made = Suppression.objects.get_or_create(
            channel=channel, address=address, purpose=purpose,
            defaults={"reason": reason, "customer_id": customer_id, "at": now()},
        )  # fmt: skip
        if made:
            said = {"channel": channel, "purpose": purpose, "reason": reason}
            audit(actor, "consent.suppress", "suppression", row.pk, address, after=said)
    wait_for_hand_over(customer_id or 0, address)
    if not made and not suppressions_visible_to(actor).filter(pk=row.pk).exists():
        row.reason, row.at = reason, now()  # why and since when a foreign address is closed is not said
    return row


def _address(channel: str, given: str) -> str:
    """The normal form of an address somebody typed.

    Raises:
        Invalid: there is none, or nothing on the channel could ever be sent there.
    """
    address = given.strip()
    if channel == "sms" or (channel in ("whatsapp", "*") and address[:1] in ("+", "0", "(")):
        try:
            address = identity_value("phone", address)
        except ValueError as wrong:
            raise invalid("address", f"The phone number {wrong}.") from None
    address = addresses.normal(address)
    if not address or len(address) > 254:
        raise invalid("address", "Give an address.")
    if channel == "email" and "@" not in address:
        raise invalid("address", "This is not an email address.")
    return address


def unsuppress(actor: Actor, suppression_id: int, *, reason: str) -> None:
    """Take an address off the suppression list, saying why.

    Raises:
        Forbidden, NotFound, Invalid: no reason given; the address was erased on request.
    """
    visible = suppressions_visible_to(actor)
    if not reason.strip():
        raise invalid("reason", "Say why the address may be written to again.")
    with transaction.atomic():
        row = visible.select_for_update().filter(pk=suppression_id).first()
        if row is None:
            raise NotFound("There is no such suppression.")
        if row.reason == "erased":
            raise invalid("reason", "This person asked to be erased; the address stays suppressed.")
        before = {"channel": row.channel, "purpose": row.purpose, "reason": row.reason}
        why = {"why": reason.strip()[:200]}
        audit(actor, "consent.unsuppress", "suppression", row.pk, row.address, before=before, after=why)
        row.delete()


def _said(channel: str, purpose: str, source: str) -> dict[str, str]:
    return {"channel": channel, "purpose": purpose, "source": source}
