"""Take due deliveries off the queue: tokens of the sender's bucket first, then rows under a lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from ceap.channels import rules
from ceap.channels.models import Lane, Sender, Source
from ceap.core.sql import moment, read_moment, uid
from ceap.kit import leases
from ceap.kit.clock import now

# In the order of `Claimed`.
_COLUMNS = "id, step, customer_id, channel, purpose, content_version_id{}, address, token, attempts, expires_at"
CLAIM_LEASE = timedelta(seconds=60)
PROBE_LEASE = timedelta(seconds=90)


class Claimed(NamedTuple):
    """A delivery that this worker holds under `lease`; an acknowledgement with another lease changes nothing."""

    id: int
    step: str
    customer: int
    channel: str
    purpose: str
    version: str
    address: str  # given for tests only; everybody else has the customer's own
    token: str
    attempts: int
    expires_at: datetime | None
    lease: str
    source_kind: str
    source_id: str


@dataclass(frozen=True)
class Grant:
    """How many deliveries of a sender may be taken now; `probe`: one, to see whether the provider is back."""

    count: int
    probe: bool = False


def claim(sender: Sender, want: int, *, turn: int = 0) -> list[Claimed]:
    """Take up to `want` due deliveries of `sender`, as many as its bucket and its breaker let through.

    The sources that are open share them; `turn` says which comes first.
    """
    at = now()
    with transaction.atomic():
        Lane.objects.get_or_create(sender_id=sender.pk, defaults={"filled_at": at, "tokens": float(sender.burst)})
        lane = Lane.objects.select_for_update().get(pk=sender.pk)
        grant = _grant(lane, sender, want, at)
        if not grant.count:
            return []
        open_sources = Source.objects.filter(sender_id=sender.pk, closed_at=None, paused_at=None, cancelled_at=None)
        sources = list(open_sources.order_by("pk").values_list("pk", "kind", "source_id"))
        lease, claimed = leases.token(), list[Claimed]()
        order = [sources[(n + turn) % len(sources)] for n in range(len(sources))]
        while order and len(claimed) < grant.count:  # those that had more than their share get what others left
            hungry = []
            for n, (key, kind, source_id) in enumerate(order):
                share = -(-(grant.count - len(claimed)) // (len(order) - n))
                taken = _take(kind, source_id, sender.pk, share, lease, at) if share else []
                claimed += taken
                if share and len(taken) == share:
                    hungry.append((key, kind, source_id))
            order = hungry
        if claimed:
            changes: dict[str, Any] = {"last_claim_at": at}
            if sender.rate_per_second > 0:
                changes |= {"tokens": lane.tokens - len(claimed), "filled_at": at}
            if grant.probe:
                changes["probe_until"] = at + PROBE_LEASE
            Lane.objects.filter(pk=sender.pk).update(**changes)
    return claimed


def _grant(lane: Lane, sender: Sender, want: int, at: datetime) -> Grant:
    """What the (locked) lane lets through; sets `lane.tokens` to what is in the bucket now."""
    if lane.hold_until and lane.hold_until > at:
        return Grant(0)
    if sender.rate_per_second > 0:
        rate = sender.rate_per_second * lane.pace
        lane.tokens = rules.bucket(lane.tokens, (at - lane.filled_at).total_seconds(), rate, sender.burst)
        want = min(want, int(lane.tokens))
    if lane.failures:
        busy = (lane.open_until and lane.open_until > at) or (lane.probe_until and lane.probe_until > at)
        return Grant(0) if busy else Grant(min(1, want), probe=True)
    return Grant(want)


def _take(kind: str, source_id: UUID, sender_id: UUID, limit: int, lease: str, at: datetime) -> list[Claimed]:
    vendor, when = connection.vendor, moment(connection.vendor, at)
    due = (
        "SELECT id FROM channels_delivery WHERE source_kind = %s AND source_id = %s AND sender_id = %s "
        "AND state = 'planned' AND due_at <= %s AND (expires_at IS NULL OR expires_at > %s) ORDER BY due_at LIMIT %s"
    )
    which = [kind, uid(vendor, source_id), uid(vendor, sender_id), when, when, limit]
    claimed = "UPDATE channels_delivery SET state = 'claimed', lease_token = %s, lease_until = %s"
    stamp = [lease, moment(vendor, at + CLAIM_LEASE)]
    with connection.cursor() as cursor:
        if vendor == "postgresql":
            # Materialized: as a plain subquery PostgreSQL may run it again and again, past its own LIMIT.
            cursor.execute(
                f"WITH due (key) AS MATERIALIZED ({due} FOR UPDATE SKIP LOCKED) {claimed} FROM due "
                f"WHERE id = due.key AND state = 'planned' RETURNING {_COLUMNS.format('::text')}",
                [*which, *stamp],
            )
        else:  # its list is made once, before the first row is written, and nobody else writes meanwhile
            cursor.execute(f"{claimed} WHERE id IN ({due}) RETURNING {_COLUMNS.format('')}", [*stamp, *which])
        rows = cursor.fetchall()
    same = (lease, kind, str(source_id))
    if vendor == "sqlite":
        rows = [row if row[-1] is None else (*row[:-1], read_moment(row[-1])) for row in rows]
    return [Claimed._make(row + same) for row in rows]


def working() -> list[UUID]:
    """The sender identities that have something planned that may move."""
    open_sources = Source.objects.filter(closed_at=None, paused_at=None, cancelled_at=None)
    return list(open_sources.values_list("sender_id", flat=True).distinct().order_by())


def breaker_opens(sender_id: UUID, reason: str) -> None:
    """The provider takes nothing from this sender: nobody tries for a while that grows, then one does."""
    at = now()
    with transaction.atomic():
        lane = Lane.objects.select_for_update().get(pk=sender_id)
        if lane.failures and lane.open_until and lane.open_until > at:
            return  # another connection has said so
        lane.failures += 1
        lane.open_until, lane.probe_until = at + timedelta(seconds=rules.open_for(lane.failures)), None
        lane.open_reason = reason[:250]
        lane.save(update_fields=["failures", "open_until", "probe_until", "open_reason"])


def provider_answers(sender_id: UUID, *, sent: bool = False) -> None:
    """The provider took or refused a message by itself: the breaker closes, the pace recovers."""
    at = now()
    with transaction.atomic():
        lane = Lane.objects.select_for_update().get(pk=sender_id)
        if lane.failures:
            lane.failures, lane.open_until, lane.probe_until, lane.open_reason = 0, None, None, ""
        if sent:
            if lane.pace < 1 and lane.last_sent_at:
                passed = min((at - lane.last_sent_at).total_seconds(), rules.PACE_RECOVERY)
                lane.pace = min(1.0, lane.pace * 2 ** (passed / rules.PACE_RECOVERY))
            lane.last_sent_at, lane.holds = at, 0
        lane.save()


def provider_asks_to_wait(sender_id: UUID, seconds: float) -> None:
    """The provider asked to slow down: hold all of this sender's workers, then go on at half the pace."""
    at = now()
    with transaction.atomic():
        lane = Lane.objects.select_for_update().get(pk=sender_id)
        if lane.hold_until and lane.hold_until > at:
            return
        holds = lane.holds + 1
        Lane.objects.filter(pk=sender_id).update(
            holds=holds,
            hold_until=at + timedelta(seconds=rules.hold_for(seconds, holds)),
            pace=max(lane.pace / 2, rules.SLOWEST_PACE),
            failures=0, open_until=None, probe_until=None, open_reason="",
        )  # fmt: skip


def probe_unused(sender_id: UUID) -> None:
    """The delivery that was to show whether the provider is back was not handed over: another may."""
    Lane.objects.filter(pk=sender_id, failures__gt=0).update(probe_until=None)


def breaker_closes(sender_id: UUID) -> None:
    """Try the provider again at once, e.g. after its configuration was changed."""
    Lane.objects.filter(pk=sender_id).update(
        failures=0, open_until=None, probe_until=None, open_reason="", hold_until=None, holds=0
    )
