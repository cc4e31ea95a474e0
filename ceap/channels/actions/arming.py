"""The last check before a hand-over: permission, cap and state in one transaction with the move to `sending`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.utils import OperationalError

from ceap.channels.actions.claiming import Claimed
from ceap.channels.contracts import REFUSED, State
from ceap.consent import actions as consent_actions
from ceap.consent import queries as consent
from ceap.consent.contracts import Verdict
from ceap.core.sql import exclude_withdrawals, id_list, id_rows, moment, pair_list, pair_rows
from ceap.kit.clock import now

SEND_LEASE = timedelta(seconds=120)
_TRIES = 5


def arm(rows: Sequence[tuple[Claimed, str]], *, lease: timedelta = SEND_LEASE) -> set[int]:
    """Move claimed deliveries to `sending`, those that may be handed over at this very moment.

    Everything is asked again: the lease, pause and cancel, the last moment, consent, suppression, address, quiet
    hours; a slot under the cap is reserved. Whoever takes a permission away either committed before, and is seen
    here, or waits for this transaction. Those refused get their final state; those only put off go back to planned.

    Args:
        rows: each delivery with the address that its message was made for.
        lease: how long the hand-over may take at most.

    Returns:
        The ids that are now `sending` and must be handed over or acknowledged by this worker.
    """
    for last in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return _arm(rows, lease)
        except OperationalError:  # two workers wanted the same slots in another order: one of them starts again
            if connection.vendor != "postgresql" or last == _TRIES:
                raise
    raise AssertionError("unreachable")


def arm_again(row: Claimed, address: str, *, lease: timedelta = SEND_LEASE) -> bool:
    """Whether a delivery that has been `sending` for a while without being handed over may still be."""
    with transaction.atomic(), connection.cursor() as cursor:
        exclude_withdrawals(cursor, connection.vendor)
        cursor.execute(
            "UPDATE channels_delivery SET state = 'claimed' WHERE id = %s AND lease_token = %s AND state = 'sending'",
            [row.id, row.lease],
        )
        if not cursor.rowcount:
            return False
        consent_actions.release([row.id])
        return bool(_arm([(row, address)], lease))


def _arm(rows: Sequence[tuple[Claimed, str]], lease: timedelta) -> set[int]:
    vendor, at = connection.vendor, now()
    with connection.cursor() as cursor:
        exclude_withdrawals(cursor, vendor)
        lock = " FOR UPDATE OF d" if vendor == "postgresql" else ""
        cursor.execute(
            f"SELECT d.id, s.paused_at IS NOT NULL, s.cancelled_at IS NOT NULL FROM {pair_rows(vendor)} i "
            "JOIN channels_delivery d ON d.id = i.a JOIN channels_source s ON s.kind = d.source_kind "
            "AND s.source_id = d.source_id AND s.sender_id = d.sender_id "
            f"WHERE d.state = 'claimed' AND d.lease_token = i.b ORDER BY d.id{lock}",
            [pair_list(vendor, [(row.id, row.lease) for row, _ in rows])],
        )
        held = {id: (paused, cancelled) for id, paused, cancelled in cursor.fetchall()}
        refused: dict[tuple[State, str], list[int]] = {}
        back: dict[datetime | None, list[int]] = {}
        ready: list[tuple[Claimed, str]] = []
        settings = consent.Rules()
        verdicts = _verdicts([row for row, _ in rows if row.id in held], settings, at)
        for row, address in rows:
            if row.id not in held:
                continue
            paused, cancelled = held[row.id]
            verdict = verdicts[row.id]
            if cancelled:
                refused.setdefault((State.CANCELLED, "cancelled"), []).append(row.id)
            elif paused:
                back.setdefault(None, []).append(row.id)
            elif row.expires_at and row.expires_at <= at:
                refused.setdefault((State.EXPIRED, "expired"), []).append(row.id)
            elif verdict.reason:
                refused.setdefault((REFUSED[verdict.reason], verdict.reason), []).append(row.id)
            elif end := settings.quiet_end(at, verdict.zone, row.purpose):
                if row.expires_at and end >= row.expires_at:
                    refused.setdefault((State.QUIET, "quiet"), []).append(row.id)
                else:
                    back.setdefault(end, []).append(row.id)
            elif verdict.address != address:
                back.setdefault(None, []).append(row.id)  # the customer's address has changed: make it again
            else:
                ready.append((row, address))
        capped = _reserve([row for row, _ in ready], settings, at)
        if capped:
            refused.setdefault((State.CAPPED, "capped"), []).extend(capped)
        armed = [(row.id, address) for row, address in ready if row.id not in capped]
        for (state, reason), ids in refused.items():
            finish(cursor, ids, state, reason, at)
        for due, ids in back.items():
            put_back(cursor, ids, due)
        if armed:
            cursor.execute(
                f"UPDATE channels_delivery SET state = 'sending', address = i.b, lease_until = %s "
                f"FROM {pair_rows(vendor)} i WHERE channels_delivery.id = i.a",
                [moment(vendor, at + lease), pair_list(vendor, armed)],
            )
    return {id for id, _ in armed}


def _verdicts(rows: Iterable[Claimed], settings: consent.Rules, at: datetime) -> dict[int, Any]:
    groups: dict[tuple[str, str, bool], list[Claimed]] = {}
    for row in rows:
        groups.setdefault((row.channel, row.purpose, row.source_kind == "test"), []).append(row)
    found: dict[int, Any] = {}
    for (channel, purpose, test), members in groups.items():
        if test:
            gone = consent.suppressed_addresses(channel, [row.address for row in members])
            for row in members:
                reason = "suppressed" if row.address in gone else ""
                found[row.id] = Verdict(row.customer, reason, row.address, "")
            continue
        customers = {row.customer for row in members}
        answers = {
            v.customer: v
            for v in consent.verdicts(customers, channel=channel, purpose=purpose, at=at, settings=settings)
        }
        found |= {row.id: answers[row.customer] for row in members}
    return found


def _reserve(rows: Iterable[Claimed], settings: consent.Rules, at: datetime) -> set[int]:
    """Reserve a slot under the cap for each; returns the ids for which none is left."""
    capped: set[int] = set()
    groups: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for row in rows:
        if row.source_kind != "test" and (cap := settings.cap_of(row.channel, row.purpose)):
            groups.setdefault((row.channel, cap), []).append((row.customer, row.id))
    for (channel, cap), wanted in groups.items():
        capped |= consent_actions.reserve(wanted, channel=channel, window=consent.window(at, settings), cap=cap, at=at)
    return capped


def finish(cursor: Any, ids: list[int], state: State, reason: str, at: datetime, detail: str = "") -> None:
    """Give rows (that the caller has locked) a final state."""
    vendor = connection.vendor
    cursor.execute(
        "UPDATE channels_delivery SET state = %s, reason = %s, detail = %s, finished_at = %s, lease_token = '', "
        f"lease_until = NULL WHERE id IN {id_rows(vendor)}",
        [str(state), reason[:60], detail[:250], moment(vendor, at), id_list(vendor, ids)],
    )


def put_back(cursor: Any, ids: list[int], due: datetime | None) -> None:
    """Give rows (that the caller has locked) back to the queue, not before `due` if given."""
    vendor = connection.vendor
    cursor.execute(
        "UPDATE channels_delivery SET state = 'planned', lease_token = '', lease_until = NULL, "
        f"due_at = COALESCE({'%s' if vendor == 'sqlite' else '%s::timestamptz'}, due_at) "
        f"WHERE id IN {id_rows(vendor)}",
        [moment(vendor, due), id_list(vendor, ids)],
    )
