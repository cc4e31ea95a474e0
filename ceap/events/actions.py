"""Writes about the change log and the archive."""

from __future__ import annotations

from ceap.events import log
from ceap.events.models import Position
from ceap.kit.clock import now


def advance(consumer: str, seq: int) -> None:
    """Say that `consumer` has dealt with every entry up to and including `seq` (the last one it was given)."""
    place = {"seq": seq, "tx": log.tx_of(seq), "at": now()}
    Position.objects.update_or_create(consumer=consumer, defaults=place)
