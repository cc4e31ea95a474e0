"""Put right what dead workers left behind, and end what is too late."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from ceap.channels import rules
from ceap.channels.contracts import OPEN
from ceap.channels.models import Delivery, Lane, Source
from ceap.core.sql import moment
from ceap.kit.clock import now

CHUNK = 5_000
# The conditions of the partial indexes, word for word: SQLite uses an index only when it finds them in the query.
_LATE = "state IN ('claimed', 'sending') AND lease_until < %s"
_OVERDUE = "state = 'planned' AND expires_at IS NOT NULL AND expires_at <= %s"
_FREE = "lease_token = '', lease_until = NULL"
_WHOSE = "RETURNING sender_id"


def sweep() -> dict[str, int]:
    """One round; any number of workers may do it at once.

    Claimed rows whose lease has passed go back to planned (nothing was handed over yet). Rows in `sending` whose lease
    has passed may have been handed over: unknown for good; a transactional message is tried again with the same key.
    Planned rows past their last moment expire. Sources with nothing on the way are closed.

    Returns:
        How many rows of each kind: {"returned", "repeated", "unknown", "expired", "closed"}.
    """
    at = moment(connection.vendor, now())
    counts, senders = {}, set[Any]()

    def ended(cursor: Any) -> int:
        rows = cursor.fetchall()
        senders.update(row[0] for row in rows)
        return len(rows)

    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE channels_delivery SET state = 'planned', {_FREE} WHERE {_LATE} AND state = 'claimed' {_WHOSE}",
            [at],
        )
        counts["returned"] = ended(cursor)
        cursor.execute(
            f"UPDATE channels_delivery SET state = 'planned', reason = 'retry', attempts = attempts + 1, {_FREE}, "
            "detail = 'The worker stopped while handing it over.' "
            f"WHERE {_LATE} AND state = 'sending' AND purpose = 'transactional' AND attempts < %s {_WHOSE}",
            [at, rules.MAX_ATTEMPTS - 1],
        )
        counts["repeated"] = ended(cursor)
        cursor.execute(
            f"UPDATE channels_delivery SET state = 'unknown', reason = 'crash', detail = '', finished_at = %s, {_FREE} "
            f"WHERE {_LATE} AND state = 'sending' {_WHOSE}",
            [at, at],
        )
        counts["unknown"] = ended(cursor)
        counts["expired"] = 0
        while True:
            cursor.execute(
                "UPDATE channels_delivery SET state = 'expired', reason = 'expired', finished_at = %s WHERE id IN "
                f"(SELECT id FROM channels_delivery WHERE {_OVERDUE} LIMIT {CHUNK}) AND state = 'planned'",
                [at, at],
            )
            counts["expired"] += cursor.rowcount
            if cursor.rowcount < CHUNK:
                break
    if senders:  # one of these may have been the message that was to show whether a provider is back
        Lane.objects.filter(sender_id__in=senders, failures__gt=0).update(probe_until=None)
    counts["closed"] = _close()
    return counts


def _close() -> int:
    on_the_way = Delivery.objects.filter(
        source_kind=OuterRef("kind"), source_id=OuterRef("source_id"), sender_id=OuterRef("sender_id"), state__in=OPEN
    )
    idle = list(Source.objects.filter(~Exists(on_the_way), closed_at=None).values_list("pk", flat=True)[:CHUNK])
    closed = 0
    for pk in idle:
        with transaction.atomic():
            # Planning locks this row before it writes deliveries, so what the second statement sees is final.
            Source.objects.select_for_update().filter(pk=pk).first()
            closed += Source.objects.filter(~Exists(on_the_way), pk=pk, closed_at=None).update(closed_at=now())
    return closed
