"""The life of a call: taken under a lease, acknowledged by its token, tried again, given up.

Every step is one conditional update that names the lease's token, so whoever lost the lease cannot write. A part is
sent before it is acknowledged here: after a crash in between it is sent again, with the same id.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from ceap.connectors.contracts import CallState, Hook
from ceap.connectors.models import Call, Notice, Webhook
from ceap.connectors.rules import next_attempt, rest_until
from ceap.kit import leases
from ceap.kit.clock import now

LEASE = timedelta(seconds=60)  # longer than a call may take
GIVEN_UP_AFTER = timedelta(days=5)
KEPT = timedelta(days=30)


def due() -> QuerySet[Call]:
    """The calls that can be taken now: their time has come, nobody holds them, their server is not left alone."""
    at = now()
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    rested = Q(webhook__resting_until=None) | Q(webhook__resting_until__lte=at)
    return Call.objects.filter(free, rested, state=CallState.WAITING, due_at__lte=at, webhook__state=Hook.ON)


def take(webhook_id: UUID) -> tuple[str, Call] | None:
    """Take the oldest call due to this webhook: the lease's token and the call; None when there is none."""
    found = due().filter(webhook=webhook_id).select_related("webhook", "notice").order_by("due_at", "pk").first()
    if found is None:
        return None
    token, at = leases.token(), now()
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    mine = Call.objects.filter(free, pk=found.pk, state=CallState.WAITING, part=found.part)
    return (token, found) if mine.update(lease_token=token, lease_until=at + LEASE) else None


def _held(call: Call, token: str) -> QuerySet[Call]:
    return Call.objects.filter(pk=call.pk, lease_token=token, state=CallState.WAITING)


def acknowledged(call: Call, token: str, status: int, answer: str, milliseconds: int) -> bool:
    """The part was taken by the server: on to the next, or done. False when the lease was lost meanwhile."""
    at = now()
    changes = _outcome(status, answer, "", milliseconds, at) | {"part": F("part") + 1, "attempts": 0, "due_at": at}
    if call.part + 1 >= call.parts:
        changes |= {"state": CallState.SENT, "finished_at": at}
    with transaction.atomic():
        if not _held(call, token).update(**changes):
            return False
        Webhook.objects.filter(pk=call.webhook_id).update(failures=0, resting_until=None, succeeded_at=at)
    return True


def failed(
    call: Call,
    token: str,
    *,
    status: int = 0,
    answer: str = "",
    error: str = "",
    milliseconds: int | None = None,
    retry_after: timedelta | None = None,
) -> bool:
    """The part was not taken: it is tried again later, or given up. False when the lease was lost meanwhile."""
    at, attempts = now(), call.attempts + 1
    again = next_attempt(attempts, at, random.random(), retry_after)
    changes = _outcome(status, answer, error, milliseconds, at) | {"attempts": attempts}
    if again is None or again - call.created_at > GIVEN_UP_AFTER + LEASE:
        changes |= {"state": CallState.GIVEN_UP, "finished_at": at}
    else:
        changes["due_at"] = again
    with transaction.atomic():
        if not _held(call, token).update(**changes):
            return False
        hook = Webhook.objects.select_for_update().get(pk=call.webhook_id)
        hook.failures, hook.failed_at = hook.failures + 1, at
        hook.resting_until = rest_until(hook.failures, at, random.random())
        hook.save(update_fields=["failures", "failed_at", "resting_until"])
    return True


def gone(call: Call, token: str, answer: str, milliseconds: int) -> bool:
    """The server wants no more (410): the webhook is switched off and its calls are stopped."""
    at = now()
    changes = _outcome(410, answer, "", milliseconds, at) | {"state": CallState.STOPPED, "finished_at": at}
    with transaction.atomic():
        if not _held(call, token).update(attempts=F("attempts") + 1, **changes):
            return False
        Webhook.objects.filter(pk=call.webhook_id).update(state=Hook.GONE, failed_at=at, updated_at=at)
        stop_waiting(call.webhook_id)
    return True


def stop_waiting(webhook_id: UUID) -> int:
    """Stop what is still to be sent to a webhook, inside the caller's transaction; it can be sent again by hand."""
    waiting = Call.objects.filter(webhook=webhook_id, state=CallState.WAITING)
    return waiting.update(state=CallState.STOPPED, finished_at=now(), lease_token="", lease_until=None)


def forget() -> int:
    """Drop finished calls older than `KEPT`, and notices that no call needs any more; returns how many calls."""
    old = now() - KEPT
    dropped, _ = Call.objects.filter(finished_at__lt=old).delete()
    Notice.objects.filter(at__lt=old, calls=None).delete()
    return dropped


def _outcome(status: int, answer: str, error: str, milliseconds: int | None, at: datetime) -> dict[str, Any]:
    clean = answer.replace("\0", "")[:1000]
    return {
        "status": status, "answer": clean, "error": error[:500], "milliseconds": milliseconds, "tried_at": at,
        "tries": F("tries") + 1, "lease_token": "", "lease_until": None,
    }  # fmt: skip
