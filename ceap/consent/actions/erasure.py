"""What stays of a person who is erased: that nothing is ever sent to their addresses again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from ceap.consent.models import ErasedAddress, Suppression
from ceap.consent.queries import erased_key
from ceap.core import addresses, optout
from ceap.core.consents import addresses_of
from ceap.core.sql import exclude_senders
from ceap.kit.clock import now

# Kinds of identity that are no address whatever they look like.
_NO_ADDRESS = ("customer_id", "anonymous_id")


def keep_suppressed(cursor: Any, vendor: str, customer: int, identities: list[tuple[str, str]]) -> None:
    """Close every address known of a person who is being erased: all channels, all purposes, for good.

    Known are those of the fields and identities (of merged customers too), those ever written to, and those
    suppressed for this person. Each is kept as a keyed hash alone; what the suppressions, and after the commit the
    journal of opt-outs, say of them in clear goes.
    """
    exclude_senders(cursor, vendor)
    known = set(addresses_of(cursor, vendor, customer))
    known |= {addresses.normal(value) for kind, value in identities if kind not in _NO_ADDRESS and _is_address(value)}
    cursor.execute(
        "SELECT DISTINCT address FROM channels_delivery WHERE address <> '' AND source_kind <> 'test' AND (customer_id "
        "= %s OR customer_id IN (SELECT id FROM customers_customer WHERE merged_into_id = %s))",
        [customer, customer],
    )
    known |= {addresses.normal(row[0]) for row in cursor.fetchall()}
    known |= set(Suppression.objects.filter(customer_id=customer).values_list("address", flat=True))
    digests = close(known)
    optout.tell_erased(digests)
    transaction.on_commit(lambda: optout.forget(customer, digests, erased_key()))


def close(known: Iterable[str]) -> list[str]:
    """Keep the digests of these addresses (normal forms), and nothing else that says they are suppressed.

    Returns:
        The digests.
    """
    key = erased_key()
    known = sorted(set(known))
    digests = sorted({addresses.digest(key, address) for address in known})
    remember(digests)
    Suppression.objects.filter(address__in=known).delete()
    return digests


def remember(digests: Iterable[str]) -> int:
    """Keep digests of erased people's addresses; how many were new."""
    before = ErasedAddress.objects.count()
    at = now()
    ErasedAddress.objects.bulk_create([ErasedAddress(digest=one, at=at) for one in digests], ignore_conflicts=True)
    return ErasedAddress.objects.count() - before


def _is_address(value: str) -> bool:
    return "@" in value or value.startswith("+")
