"""Keeping when a customer was last active."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from ceap.core.changelog import customers_changed
from ceap.core.sql import moment, read_moment


def active(latest: Mapping[int, datetime]) -> int:
    """Move `last_activity_at` forward to the given moments (never back).

    Returns:
        How many customers were changed.
    """
    vendor = connection.vendor
    if not latest:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        known: dict[int, datetime | None] = {}
        ids = sorted(latest)
        for start in range(0, len(ids), 10_000):
            part = ids[start : start + 10_000]
            cursor.execute(
                f"SELECT id, last_activity_at FROM customers_customer WHERE id IN ({', '.join(map(str, part))})"
            )
            known |= {row[0]: read_moment(row[1]) for row in cursor.fetchall()}
        later = [(moment(vendor, latest[i]), i) for i, at in known.items() if at is None or at < latest[i]]
        cursor.executemany("UPDATE customers_customer SET last_activity_at = %s WHERE id = %s", later)
        customers_changed(cursor, [i for _, i in later], vendor)
    return len(later)
