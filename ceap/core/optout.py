"""Taking back the permission to send: one function for the edge, the control plane and the receipts of providers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ceap.core import addresses, changelog
from ceap.core.consents import MARKETING, Said, addresses_of, said_by
from ceap.core.sql import exclude_senders, moment, statement
from ceap.kit import journal
from ceap.kit.home import Home

JOURNAL = "optouts.jsonl"  # in the home, beside the store: a restored store hears of them again

# A hand-over that has not begun this many seconds after its row became `sending` is checked again before it begins.
HAND_OVER_SECONDS = 1.0
# Whoever acknowledges an opt-out waits until `in_hand` is false, at most this long.
ACKNOWLEDGE_SECONDS = 2.0


def withdraw(
    cursor: Any,
    vendor: str,
    *,
    customer_id: int,
    channel: str,
    address: str = "",
    known: Sequence[str] = (),
    purpose: str = MARKETING,
    source: str,
    evidence: dict[str, Any],
    at: datetime,
) -> bool:
    """Withdraw a customer's consent in the caller's transaction, as `opt_out` does, without writing the journal.

    Appends the consent record, suppresses the address (the given one, else every one known of the customer on the
    channel) and ends what is still planned or claimed. `channel` and `purpose` may be "*"; the customer's field for
    marketing on every channel becomes no only when every channel is meant. The caller commits, then waits for
    `in_hand` to be false (at most `ACKNOWLEDGE_SECONDS`) before it acknowledges: from then on nothing is handed to a
    provider any more.

    Args:
        cursor: a raw or Django cursor inside an open write transaction (PostgreSQL: READ COMMITTED, the default).
        known: further addresses to suppress, e.g. those the customer had when the journal was written.
        source: who or what says so, e.g. "unsubscribe link", "complaint", "user".
        evidence: JSON-ready proof (delivery, user agent, user …).

    Returns:
        Whether anything changed.
    """
    exclude_senders(cursor, vendor)
    when = moment(vendor, at)

    def run(sql: str, params: list[Any]) -> Any:
        cursor.execute(statement(vendor, sql), params)
        return cursor

    row = run("SELECT marketing_opt_in FROM customers_customer WHERE id = %s", [customer_id]).fetchone()
    changed = False
    if row is not None and not _says_no(said_by(cursor, vendor, [customer_id]).get(customer_id, []), channel, purpose):
        run(
            "INSERT INTO consent_consentrecord (customer_id, channel, purpose, granted, source, evidence, at) "
            f"VALUES (%s, %s, %s, %s, %s, {'%s' if vendor == 'sqlite' else '%s::jsonb'}, %s)",
            [customer_id, channel, purpose, False, source[:60], json.dumps(evidence), when],
        )
        changed = True
    targets = {addresses.normal(one) for one in (address, *known) if one and one.strip()}
    for target in sorted(targets or set(addresses_of(cursor, vendor, customer_id, channel))):
        run(
            "INSERT INTO consent_suppression (channel, address, purpose, reason, customer_id, at) "
            "VALUES (%s, %s, %s, 'unsubscribed', %s, %s) ON CONFLICT (channel, address, purpose) DO NOTHING",
            [channel, target, purpose, customer_id if row else None, when],
        )
        changed = changed or cursor.rowcount > 0
    if row is not None and channel == "*" and purpose in (MARKETING, "*") and (row[0] is None or row[0]):
        run(
            "UPDATE customers_customer SET marketing_opt_in = %s, updated_at = %s WHERE id = %s",
            [False, when, customer_id],
        )
        changed = True
    run(
        "UPDATE channels_delivery SET state = 'suppressed', reason = 'unsubscribed', detail = '', lease_token = '', "
        "lease_until = NULL, finished_at = %s WHERE customer_id = %s AND state IN ('planned', 'claimed') "
        "AND (%s = '*' OR channel = %s) AND (%s = '*' OR purpose = %s)",
        [when, customer_id, channel, channel, purpose, purpose],
    )
    changed = changed or cursor.rowcount > 0
    if changed:
        changelog.customers_changed(cursor, [customer_id], vendor)
    return changed


def _says_no(said: Sequence[Said], channel: str, purpose: str) -> bool:
    """Whether the newest word that touches any of this is a withdrawal of all of it."""
    for one in reversed(said):
        touches = "*" in (channel, one.channel) or one.channel == channel
        if touches and ("*" in (purpose, one.purpose) or one.purpose == purpose):
            return not one.granted and one.covers(channel, purpose)
    return False


def opt_out(cursor: Any, vendor: str, *, at: datetime, sync: bool = True, **said: Any) -> bool:
    """Withdraw a customer's consent for (`channel`, `purpose`) in the caller's transaction; repeating changes nothing.

    Takes what `withdraw` takes and does what it does, after the home's journal of opt-outs has it, so that a backup
    restored later does not undo it.

    Args:
        sync: false for the rows of a file, which is there to be brought in again: do not wait for the journal's disk.

    Returns:
        Whether anything changed.
    """
    if not said.get("address"):
        said["known"] = addresses_of(cursor, vendor, said["customer_id"], said["channel"])
    journal.append(Home.load().path / JOURNAL, {**said, "at": at.isoformat()}, sync=sync)
    return withdraw(cursor, vendor, at=at, **said)


def tell_erased(digests: Sequence[str]) -> None:
    """Write into the home's journal that addresses (as `core.addresses.digest`) are those of an erased person."""
    if digests:
        journal.append(Home.load().path / JOURNAL, {"erased": list(digests)})


def forget(customer_id: int, digests: Sequence[str], key: bytes) -> int:
    """Take an erased person out of the home's journal: every opt-out of the customer or of one of these addresses.

    Nothing is lost by it: the journal says by hashes that these addresses are closed for good. Repeating is harmless.

    Returns:
        How many records went.
    """
    gone = set(digests)

    def kept(record: dict[str, Any]) -> dict[str, Any] | None:
        if "erased" in record:
            return record
        named = [record.get("address") or "", *(record.get("known") or ())]
        if record.get("customer_id") == customer_id or any(addresses.digest(key, one) in gone for one in named if one):
            return None
        return record

    return journal.rewrite(Home.load().path / JOURNAL, kept)


def in_hand(cursor: Any, vendor: str, *, customer_id: int, address: str = "") -> bool:
    """Whether a message to the customer or the address is being handed to a provider at this moment."""
    sql = (  # the first condition is that of the partial index, word for word
        "SELECT 1 FROM channels_delivery WHERE state IN ('claimed', 'sending') AND state = 'sending' "
        "AND (customer_id = %s OR (address = %s AND address <> '')) LIMIT 1"
    )
    cursor.execute(statement(vendor, sql), [customer_id, addresses.normal(address)])
    return cursor.fetchone() is not None
