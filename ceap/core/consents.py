"""What customers said about being contacted: read, written in bulk or moved inside the caller's transaction.

Pure SQL and pure decisions, for packages below consent. Consent is per purpose and channel; "*" stands for all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ceap.core import addresses
from ceap.core.sql import id_list, id_rows, insert_many, moment, statement

CHANNELS = ("email", "sms", "whatsapp", "push")
MARKETING, TRANSACTIONAL = "marketing", "transactional"
# The kinds of address a message on a channel may go to; each is a column and a kind of identity of the customer.
ADDRESS_KINDS = {"email": ("email",), "sms": ("phone",), "whatsapp": ("phone", "bsuid"), "push": ()}
_KINDS = ("email", "phone", "bsuid")


@dataclass(frozen=True, slots=True)
class Said:
    """One act of giving or withdrawing consent."""

    channel: str
    purpose: str
    granted: bool

    def covers(self, channel: str, purpose: str) -> bool:
        """Whether it was said about all of this."""
        return self.channel in (channel, "*") and self.purpose in (purpose, "*")


def answer(said: Iterable[Said], opt_in: bool | None, channel: str, purpose: str) -> bool | None:
    """What a customer's word is for one channel and purpose: the newest that covers it; None = never asked.

    The customer's field (`opt_in`) was asked for marketing on every channel, and answers for that where nothing newer
    is on record.

    Args:
        said: oldest first.
    """
    for one in reversed(list(said)):
        if one.covers(channel, purpose):
            return one.granted
    return opt_in if purpose == MARKETING else None


def answers(said: Sequence[Said], opt_in: bool | None) -> dict[tuple[str, str], bool | None]:
    """The word for every channel and every purpose that was ever named (marketing always)."""
    purposes = sorted({MARKETING, *(one.purpose for one in said if one.purpose != "*")})
    return {(c, p): answer(said, opt_in, c, p) for c in CHANNELS for p in purposes}


def said_by(cursor: Any, vendor: str, customers: Iterable[int]) -> dict[int, list[Said]]:
    """What each of these customers said, oldest first; those who said nothing are left out. Any cursor."""
    found: dict[int, list[Said]] = {}
    sql = (
        "SELECT r.customer_id, r.channel, r.purpose, r.granted FROM consent_consentrecord r "
        f"WHERE r.customer_id IN {id_rows(vendor)} ORDER BY r.id"
    )
    cursor.execute(statement(vendor, sql), [id_list(vendor, customers)])
    for customer, channel, purpose, granted in cursor.fetchall():
        found.setdefault(customer, []).append(Said(channel, purpose, bool(granted)))
    return found


def withdrawn(cursor: Any, vendor: str, customers: Iterable[int]) -> set[int]:
    """Those of these customers whose last word about marketing on some channel is no. Any cursor."""
    said = said_by(cursor, vendor, customers)
    return {c for c, words in said.items() if any(answer(words, None, one, MARKETING) is False for one in CHANNELS)}


def addresses_of(cursor: Any, vendor: str, customer: int, channel: str = "*") -> list[str]:
    """Every address known of a customer on a channel (or on all), in the normal form in which it is compared.

    Those of the fields, of the identities, and of the customers merged into this one. Any cursor.
    """
    kinds = _KINDS if channel == "*" else ADDRESS_KINDS.get(channel, ())
    if not kinds:
        return []
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    columns = f"SELECT {', '.join(kinds)} FROM customers_customer WHERE id = %s OR merged_into_id = %s"
    cursor.execute(statement(vendor, columns), [customer, customer])
    found = {value for row in cursor.fetchall() for value in row}
    named = (
        f"SELECT value FROM customers_identity WHERE kind IN ({listed}) AND (customer_id = %s OR customer_id IN "
        "(SELECT id FROM customers_customer WHERE merged_into_id = %s))"
    )
    cursor.execute(statement(vendor, named), [customer, customer])
    found |= {row[0] for row in cursor.fetchall()}
    return sorted({addresses.normal(value) for value in found if value and value.strip()})


def channels_of(address: str) -> tuple[str, ...]:
    """The channels on which an address in normal form can be written to."""
    if "@" in address:
        return ("email",)
    return ("sms", "whatsapp") if address.startswith("+") else ("whatsapp",)


def record(
    cursor: Any,
    vendor: str,
    given: Sequence[tuple[int, bool, datetime | str]],
    *,
    source: str,
    evidence: dict[str, Any],
    channel: str = "*",
    purpose: str = "marketing",
) -> None:
    """Append one consent record per (customer, granted, when it was said), all with the same evidence.

    A moment that is text already is taken as the store writes it.

    Whoever calls this sees to it that no withdrawal is overruled: the newest record rules.
    """
    same = {"channel": channel, "purpose": purpose, "source": source[:60], "evidence": json.dumps(evidence)}
    rows = ((c, granted, at if isinstance(at, str) else moment(vendor, at)) for c, granted, at in given)
    insert_many(cursor, vendor, "consent_consentrecord", ("customer_id", "granted", "at"), rows, same)


def move(cursor: Any, source: int, target: int) -> None:
    """Give all consent records of customer `source` to `target`; their order, and so which is newest, stays."""
    cursor.execute("UPDATE consent_consentrecord SET customer_id = %s WHERE customer_id = %s", [target, source])
    cursor.execute("UPDATE consent_suppression SET customer_id = %s WHERE customer_id = %s", [target, source])
