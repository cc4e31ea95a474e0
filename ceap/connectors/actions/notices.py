"""Noting what happened for the webhooks that asked for it, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pyroaring import BitMap

from ceap.connectors.contracts import Happening, Hook
from ceap.connectors.models import Call, Notice, Webhook
from ceap.connectors.rules import parts_of
from ceap.core import bitmaps
from ceap.kit.clock import now


def listening() -> list[Webhook]:
    """The webhooks that are told of what happens, for a caller with much to `notify` in one transaction."""
    return list(Webhook.objects.filter(state=Hook.ON).only("pk", "events", "segments"))


def notify(
    event: str,
    data: dict[str, Any],
    *,
    subject: str = "",
    customers: BitMap | None = None,
    among: Sequence[Webhook] | None = None,
) -> int:
    """Note that something happened, inside the caller's transaction; the worker tells the webhooks after its commit.

    Args:
        event: one of `contracts.Happening`.
        data: JSON-ready; it is in every payload.
        subject: the id of the segment, for webhooks that asked for some segments only.
        customers: whom it is about. They are looked up when they are sent, so a million cost one small row.
        among: what `listening()` said in this transaction; left out: it is asked.

    Returns:
        How many webhooks will be told.
    """
    told = [
        row
        for row in (listening() if among is None else among)
        if event in row.events and (not row.segments or subject in row.segments)
    ]
    if told:
        enqueue(told, event, data, subject=subject, customers=customers)
    return len(told)


def notify_moves(
    segment_id: UUID | str,
    segment_name: str,
    version: int,
    came: BitMap | None,
    went: BitMap | None,
    among: Sequence[Webhook] | None = None,
) -> int:
    """Note who entered and who left a segment with its membership version `version`, as `notify` does."""
    data = {"segment": {"id": str(segment_id), "name": segment_name, "version": version}}
    told = 0
    for event, people in ((Happening.ENTERED, came), (Happening.LEFT, went)):
        if people:
            told += notify(event, data, subject=str(segment_id), customers=people, among=among)
    return told


def enqueue(
    webhooks: list[Webhook], event: str, data: dict[str, Any], *, subject: str = "", customers: BitMap | None = None
) -> list[Call]:
    """One notice, and its call to each of `webhooks`."""
    at, size = now(), len(customers or ())
    packed = bitmaps.pack(customers) if customers is not None else None
    notice = Notice.objects.create(event=event, subject=subject, data=data, customers=packed, size=size, at=at)
    return Call.objects.bulk_create(
        [Call(webhook=row, notice=notice, parts=parts_of(size), due_at=at, created_at=at) for row in webhooks]
    )
