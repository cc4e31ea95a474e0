"""Reservations under the frequency caps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from ceap.core.sql import id_list, id_rows, moment


def reserve(wanted: Sequence[tuple[int, int]], *, channel: str, window: str, cap: int, at: datetime) -> set[int]:
    """Reserve one of `cap` slots in `window` for each (customer, delivery), in the caller's transaction.

    A slot is a row under a unique key, so that many workers together cannot take more than there are.

    Returns:
        The deliveries for which none was left.
    """
    vendor = connection.vendor
    open_ones = sorted(wanted)
    with connection.cursor() as cursor:
        for slot in range(1, cap + 1):
            if not open_ones:
                break
            cursor.executemany(
                'INSERT INTO consent_capslot (customer_id, channel, "window", slot, delivery_id, at) '
                "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [(customer, channel, window, slot, delivery, moment(vendor, at)) for customer, delivery in open_ones],
            )
            cursor.execute(
                f"SELECT delivery_id FROM consent_capslot WHERE delivery_id IN {id_rows(vendor)}",
                [id_list(vendor, [delivery for _, delivery in open_ones])],
            )
            taken = {row[0] for row in cursor.fetchall()}
            open_ones = [pair for pair in open_ones if pair[1] not in taken]
    return {delivery for _, delivery in open_ones}


def release(deliveries: Iterable[int]) -> None:
    """Give back the slots of deliveries that certainly were not handed over, in the caller's transaction."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM consent_capslot WHERE delivery_id IN {id_rows(vendor)}", [id_list(vendor, deliveries)]
        )
