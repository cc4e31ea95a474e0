"""Write one delivery row for every customer of an audience."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from pyroaring import BitMap

from ceap.channels.contracts import REFUSED, State
from ceap.channels.models import Delivery, Mapping, Sender, Source
from ceap.consent import queries as consent
from ceap.consent.contracts import Verdict
from ceap.core.sql import moment, uid
from ceap.kit.clock import now
from ceap.kit.ids import token
from ceap.kit.problem import NotFound

CHUNK = 2_000
_COLUMNS = (
    "source_kind", "source_id", "step", "customer_id", "channel", "purpose", "sender_id", "content_version_id",
    "address", "state", "reason", "detail", "due_at", "expires_at", "attempts", "lease_token", "token", "planned_at",
    "finished_at",
)  # fmt: skip


def plan(
    source_kind: str,
    source_id: UUID | str,
    step: str = "",
    *,
    customers: BitMap,
    channel: str = "email",
    purpose: str = "marketing",
    sender_id: UUID | str,
    content_version_id: UUID | str,
    due: Callable[[list[int]], dict[int, datetime]] | datetime,
    expires_at: datetime | None = None,
    expires_after: timedelta | None = None,
    address: str = "",
    mapping: dict[str, dict[str, str]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Plan one delivery for each of `customers`; safe to repeat (after a kill, too): nobody is planned twice.

    Everybody gets a row, also those the gate refuses now: theirs is final, with the reason. Quiet hours move `due_at`
    to their end, unless that is after the row's last moment (state quiet).

    Args:
        due: the moment for all, or a function from customer keys to moments (UTC), called once a chunk.
        expires_at: the last moment of all.
        expires_after: instead of it, how long after being due each one's last moment is.
        address: for `source_kind` "test" only: where it goes instead of the customer's own address.
        mapping: what fills the placeholders of the content, {name: {"path", "fallback"}}; of the first call for a step.
        progress: called with (done, total) after each committed chunk; may raise to stop.

    Raises:
        NotFound: there is no such sender identity.

    Returns:
        How many rows of this step there are afterwards.
    """
    if not Sender.objects.filter(pk=sender_id).exists():
        raise NotFound("There is no such sender identity.")
    source_id, sender_id, content_version_id = UUID(str(source_id)), UUID(str(sender_id)), UUID(str(content_version_id))
    vendor = connection.vendor
    total, done = len(customers), 0
    fixed = (source_kind, uid(vendor, source_id), step)
    if mapping:
        Mapping.objects.get_or_create(
            source_kind=source_kind, source_id=source_id, step=step, defaults={"fills": mapping}
        )
    for start in range(0, total, CHUNK):
        chunk = list(customers[start : start + CHUNK])
        with transaction.atomic(), connection.cursor() as cursor:
            source, _ = Source.objects.select_for_update().get_or_create(
                kind=source_kind, source_id=source_id, sender_id=sender_id
            )
            if source.closed_at:
                Source.objects.filter(pk=source.pk).update(closed_at=None)
            cursor.execute(
                "SELECT customer_id FROM channels_delivery WHERE source_kind = %s AND source_id = %s AND step = %s "
                "AND customer_id BETWEEN %s AND %s AND channel = %s",
                [*fixed, chunk[0], chunk[-1], channel],
            )
            there = {row[0] for row in cursor.fetchall()}
            missing = [customer for customer in chunk if customer not in there]
            if missing:
                moments = due(missing) if callable(due) else dict.fromkeys(missing, due)
                last = {c: at + expires_after if expires_after else expires_at for c, at in moments.items()}
                rows = _rows(moments, source, step, channel, purpose, content_version_id, last, address)
                marks = ", ".join(["%s"] * len(_COLUMNS))
                cursor.executemany(
                    f"INSERT INTO channels_delivery ({', '.join(_COLUMNS)}) VALUES ({marks}) "
                    "ON CONFLICT (source_kind, source_id, step, customer_id, channel) DO NOTHING",
                    rows,
                )
        done += len(chunk)
        if progress:
            progress(done, total)
    return Delivery.objects.filter(source_kind=source_kind, source_id=source_id, step=step, channel=channel).count()


def register(source_kind: str, source_id: UUID | str, sender_id: UUID | str) -> None:
    """Make a source known before its first row, so that pausing and cancelling hold from the start."""
    Source.objects.get_or_create(kind=source_kind, source_id=source_id, sender_id=sender_id)


def _rows(
    moments: dict[int, datetime],
    source: Source,
    step: str,
    channel: str,
    purpose: str,
    version: UUID,
    last: dict[int, datetime | None],
    address: str,
) -> list[tuple[Any, ...]]:
    vendor, planned_at = connection.vendor, now()
    settings = consent.Rules()
    groups: dict[str, list[int]] = {}
    for customer, at in moments.items():
        groups.setdefault(consent.window(at, settings), []).append(customer)
    rows = []
    for customers in groups.values():
        for verdict in _verdicts(customers, source, channel, purpose, moments, settings, address):
            due_at, state, reason = max(moments[verdict.customer], planned_at), State.PLANNED, verdict.reason
            expires_at = last[verdict.customer]
            if source.cancelled_at:
                state, reason = State.CANCELLED, "cancelled"
            elif reason:
                state = REFUSED[reason]
            elif end := settings.quiet_end(due_at, verdict.zone, purpose):
                if expires_at and end >= expires_at:
                    state, reason = State.QUIET, "quiet"
                due_at = end
            if state is State.PLANNED and expires_at and due_at >= expires_at:
                state, reason = State.EXPIRED, "expired"
            rows.append((
                source.kind, uid(vendor, source.source_id), step, verdict.customer, channel, purpose,
                uid(vendor, source.sender_id), uid(vendor, version), address, str(state), reason, "",
                moment(vendor, due_at), moment(vendor, expires_at), 0, "", token(), moment(vendor, planned_at),
                None if state is State.PLANNED else moment(vendor, planned_at),
            ))  # fmt: skip
    return rows


def _verdicts(
    customers: list[int],
    source: Source,
    channel: str,
    purpose: str,
    moments: dict[int, datetime],
    settings: consent.Rules,
    address: str,
) -> Any:
    if source.kind == "test":
        refused = "suppressed" if consent.suppressed_addresses(channel, [address]) else ""
        return [Verdict(customer, refused, address, "") for customer in customers]
    at = moments[customers[0]]
    return consent.verdicts(customers, channel=channel, purpose=purpose, at=at, settings=settings)
