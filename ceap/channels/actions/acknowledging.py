"""Write down what became of hand-overs; only whoever holds the lease can."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from ceap.channels import rules
from ceap.channels.actions.arming import finish
from ceap.channels.actions.claiming import Claimed
from ceap.channels.contracts import State
from ceap.consent import actions as consent_actions
from ceap.consent.contracts import TRANSACTIONAL
from ceap.core import addresses as normal
from ceap.core import changelog
from ceap.core.ports import Answer, Outcome
from ceap.core.sql import id_list, id_rows, moment, pair_list, pair_rows
from ceap.kit.clock import now


def acknowledge(results: Sequence[tuple[Claimed, Answer]]) -> int:
    """Record the answers of deliveries in `sending`, with their touchpoints, in one transaction.

    A row whose lease is another's by now is left alone: it has been dealt with.

    Returns:
        How many rows were written.
    """
    vendor, at = connection.vendor, now()
    sent: dict[tuple[str, str, str], list[int]] = {}
    rest: list[tuple[Claimed, Answer]] = []
    for row, answer in results:
        if answer.outcome is Outcome.SENT:
            sent.setdefault((row.lease, row.source_kind, row.source_id), []).append(row.id)
        else:
            rest.append((row, answer))
    with transaction.atomic(), connection.cursor() as cursor:
        written = sum(_sent(cursor, vendor, ids, *of, at) for of, ids in sorted(sent.items()))
        return written + (_others(cursor, vendor, rest, at) if rest else 0)


def _sent(cursor: Any, vendor: str, ids: list[int], lease: str, kind: str, source_id: str, at: datetime) -> int:
    """Write rows of one lease and source as sent, with their touchpoints; no row passes through this process."""
    mine = f"id IN {id_rows(vendor)} AND state = 'sending' AND lease_token = %s"
    which, when = [id_list(vendor, ids), lease], moment(vendor, at)
    sent = (
        "UPDATE channels_delivery SET state = 'sent', reason = '', detail = '', sent_at = %s, finished_at = %s, "
        "lease_token = '', lease_until = NULL"
    )
    if kind == "test":  # what somebody sends to try says nothing about the customer
        cursor.execute(f"{sent} WHERE {mine}", [when, when, *which])
        return int(cursor.rowcount)
    touch, said = changelog.insert_events(
        vendor, "message_sent", at=at, campaign=source_id, customer="customer_id", prop="delivery", value="id"
    )
    if vendor == "postgresql":
        cursor.execute(
            f"WITH mine (key) AS MATERIALIZED (SELECT id FROM channels_delivery WHERE {mine} ORDER BY id FOR UPDATE), "
            f"done AS ({sent} FROM mine WHERE id = key RETURNING id, customer_id), touch AS ({touch} FROM done) "
            "SELECT COUNT(*) FROM done",
            [*which, when, when, *said],
        )
        return int(cursor.fetchone()[0])
    cursor.execute(f"{touch} FROM channels_delivery WHERE {mine}", [*said, *which])
    cursor.execute(f"{sent} WHERE {mine}", [when, when, *which])
    return int(cursor.rowcount)


def _others(cursor: Any, vendor: str, results: Sequence[tuple[Claimed, Answer]], at: datetime) -> int:
    lock = " FOR UPDATE OF d" if vendor == "postgresql" else ""
    cursor.execute(
        f"SELECT d.id, d.address FROM {pair_rows(vendor)} i JOIN channels_delivery d ON d.id = i.a "
        f"WHERE d.state = 'sending' AND d.lease_token = i.b ORDER BY d.id{lock}",
        [pair_list(vendor, [(row.id, row.lease) for row, _ in results])],
    )
    addresses = dict(cursor.fetchall())
    for row, answer in results:
        if row.id in addresses:
            _write(cursor, row, answer, addresses[row.id], at)
    return len(addresses)


def _write(cursor: Any, row: Claimed, answer: Answer, address: str, at: datetime) -> None:
    if answer.outcome is Outcome.FAILED:
        consent_actions.release([row.id])
        finish(cursor, [row.id], State.FAILED, answer.reason or "rejected", at, answer.detail)
        if answer.reason == "bounced":
            _bounced(cursor, row, address, at)
    elif answer.outcome is Outcome.UNKNOWN:
        if row.purpose == TRANSACTIONAL and row.attempts + 1 < rules.MAX_ATTEMPTS:
            _retry(cursor, row, answer.detail, at, row.attempts + 1, at + rules.retry_after(row.attempts + 1))
        else:
            finish(cursor, [row.id], State.UNKNOWN, answer.reason or "cut", at, answer.detail)
    elif answer.outcome is Outcome.RETRY:
        consent_actions.release([row.id])
        if answer.slow_down is not None:
            _retry(cursor, row, answer.detail, at, row.attempts, at + timedelta(seconds=max(answer.slow_down, 5)))
        elif row.attempts + 1 >= rules.MAX_ATTEMPTS:
            finish(cursor, [row.id], State.FAILED, "attempts", at, answer.detail)
        else:
            _retry(cursor, row, answer.detail, at, row.attempts + 1, at + rules.retry_after(row.attempts + 1))
    # Outcome.WITHDRAWN: the check that withdrew it has written its state.


def _retry(cursor: Any, row: Claimed, detail: str, at: datetime, attempts: int, due: datetime) -> None:
    if row.expires_at and due >= row.expires_at:
        finish(cursor, [row.id], State.EXPIRED, "expired", at, detail)
        return
    vendor = connection.vendor
    cursor.execute(
        "UPDATE channels_delivery SET state = 'planned', reason = 'retry', detail = %s, attempts = %s, due_at = %s, "
        "lease_token = '', lease_until = NULL WHERE id = %s",
        [detail[:250], attempts, moment(vendor, due), row.id],
    )


def _bounced(cursor: Any, row: Claimed, address: str, at: datetime) -> None:
    vendor = connection.vendor
    if row.source_kind != "test":
        cursor.execute(
            "INSERT INTO consent_suppression (channel, address, purpose, reason, customer_id, at) "
            "VALUES (%s, %s, '*', 'bounced', %s, %s) ON CONFLICT (channel, address, purpose) DO NOTHING",
            [row.channel, normal.normal(address), row.customer, moment(vendor, at)],
        )
        cursor.execute("UPDATE channels_delivery SET bounced_at = %s WHERE id = %s", [moment(vendor, at), row.id])
        changelog.append(cursor, [_touch("message_bounced", row, at)], vendor)


def _touch(name: str, row: Claimed, at: datetime) -> changelog.NewEntry:
    return changelog.event(name, row.customer, at=at, campaign=row.source_id, props={"delivery": row.id})


def hand_back(rows: Sequence[tuple[Claimed, float]]) -> int:
    """Give deliveries back to the queue that certainly were not handed over; costs them no attempt.

    Args:
        rows: each with the seconds it should wait at least.
    """
    vendor, at = connection.vendor, now()
    written = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for wait in {wait for _, wait in rows}:
            cursor.execute(
                "UPDATE channels_delivery SET state = 'planned', lease_token = '', lease_until = NULL, "
                f"due_at = {'MAX' if vendor == 'sqlite' else 'GREATEST'}(due_at, %s) FROM {pair_rows(vendor)} i "
                "WHERE channels_delivery.id = i.a AND lease_token = i.b AND state IN ('claimed', 'sending') "
                "RETURNING channels_delivery.id",
                [moment(vendor, at + timedelta(seconds=wait)),
                 pair_list(vendor, [(row.id, row.lease) for row, w in rows if w == wait])],
            )  # fmt: skip
            ids = [row[0] for row in cursor.fetchall()]
            consent_actions.release(ids)
            written += len(ids)
    return written


def refuse(rows: Sequence[tuple[Claimed, str, str]]) -> None:
    """End claimed deliveries whose message cannot be made: (delivery, reason, detail)."""
    vendor, at = connection.vendor, now()
    with transaction.atomic(), connection.cursor() as cursor:
        for row, reason, detail in rows:
            cursor.execute(
                "UPDATE channels_delivery SET state = 'failed', reason = %s, detail = %s, finished_at = %s, "
                "lease_token = '', lease_until = NULL WHERE id = %s AND lease_token = %s AND state = 'claimed'",
                [reason[:60], detail[:250], moment(vendor, at), row.id, row.lease],
            )
