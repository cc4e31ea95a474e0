"""Pause, resume and cancel what a source has planned, in whatever state its rows are."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from ceap.channels.contracts import State
from ceap.channels.models import Delivery, Source
from ceap.core.sql import exclude_senders
from ceap.kit.clock import now

CHUNK = 5_000


def pause(kind: str, id: UUID | str) -> None:
    """Nothing of this source is handed over from now on, until `resume`; what a provider already has is finished."""
    with transaction.atomic(), connection.cursor() as cursor:
        exclude_senders(cursor, connection.vendor)
        Source.objects.filter(kind=kind, source_id=id, paused_at=None).update(paused_at=now())
        _claimed(kind, id).update(state=State.PLANNED, lease_token="", lease_until=None)


def resume(kind: str, id: UUID | str) -> None:
    """Go on where `pause` stopped; each row's own state says what is left."""
    Source.objects.filter(kind=kind, source_id=id).update(paused_at=None)


def cancel_source(kind: str, id: UUID | str) -> int:
    """End everything of this source that is not with a provider yet; holds from the first statement on, repeatable.

    Returns:
        How many rows were cancelled by this call.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        exclude_senders(cursor, connection.vendor)
        Source.objects.filter(kind=kind, source_id=id, cancelled_at=None).update(cancelled_at=now())
        cancelled = _cancel(_claimed(kind, id))
    while True:
        with transaction.atomic():
            planned = Delivery.objects.filter(source_kind=kind, source_id=id, state=State.PLANNED)
            some = list(planned.select_for_update(skip_locked=connection.vendor == "postgresql")
                        .values_list("pk", flat=True)[:CHUNK])  # fmt: skip
            if not some:
                return cancelled
            cancelled += _cancel(planned.filter(pk__gte=min(some), pk__lte=max(some), pk__in=some))


def _claimed(kind: str, id: UUID | str):  # type: ignore[no-untyped-def]
    return Delivery.objects.filter(source_kind=kind, source_id=id, state=State.CLAIMED)


def _cancel(rows) -> int:  # type: ignore[no-untyped-def]
    return int(rows.update(
        state=State.CANCELLED, reason="cancelled", lease_token="", lease_until=None, finished_at=now()
    ))  # fmt: skip
