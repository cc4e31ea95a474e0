"""The audit trail: one hash chain without gaps, its head signed with the home's secret."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from ceap.accounts.contracts import Actor, ChainStatus
from ceap.accounts.models import AuditEntry, AuditHead, User
from ceap.accounts.rules import GENESIS, entry_hash, head_signature, plain
from ceap.kit.clock import now

_CHAIN_LOCK = 7_230_001
REDACT = "accounts.redact"


def audit(
    actor: Actor,
    verb: str,
    kind: str,
    id: object,
    name: str = "",
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry to the audit trail, inside the caller's transaction.

    `verb` is "<package>.<action>", e.g. "segments.archive"; `before` / `after` hold only what changed, JSON-ready
    and without secrets. Writers queue up here until the transaction ends: call it late in long transactions.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("audit() belongs in the transaction of the change it records")
    head = locked_head()
    entry = AuditEntry(
        seq=head.seq + 1, at=now(), actor_kind=actor.kind, actor_id=actor.id, actor_name=plain(actor.name[:120]),
        verb=verb, object_kind=kind, object_id=plain(str(id)[:64]), object_name=plain(name[:200]),
        before=plain(before), after=plain(after), previous_hash=head.hash, salt=secrets.token_hex(16),
    )  # fmt: skip
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    head.seq, head.hash = entry.seq, entry.hash
    head.signature = head_signature(settings.HOME.secret, head.seq, head.hash)
    head.save()
    return entry


def acts_since(actor: Actor, verb: str, since: datetime) -> list[datetime]:
    """When `actor` did `verb` after `since`, oldest first: what a limit counts, inside the transaction it limits.

    Nobody adds an entry until that transaction ends, so two at once do not both see room for the last one.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("acts_since() belongs in the transaction that it limits")
    locked_head()
    rows = AuditEntry.objects.filter(actor_kind=actor.kind, actor_id=actor.id, verb=verb, at__gt=since)
    return list(rows.order_by("at").values_list("at", flat=True))


def redacted_entries() -> dict[int, str]:
    """Each entry from which something was taken, and the hash of what was left, as the trail itself says."""
    found: dict[int, str] = {}
    for seq, after in AuditEntry.objects.filter(verb=REDACT).order_by("seq").values_list("seq", "after"):
        entries = after.get("entries") if isinstance(after, dict) else None
        found |= {int(old): left for old, left in (entries or {}).items() if int(old) < seq}
    return found


def locked_head() -> AuditHead:
    """The head, held until the transaction ends (SQLite: writers are alone anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    return AuditHead.objects.first() or AuditHead(seq=0, hash=GENESIS)


def verify_chain() -> ChainStatus:
    """Read the whole trail and compare every entry with its hash, its neighbour and the signed head.

    Entries changed, removed (the newest too), added or exchanged since they were written are found. An entry from which
    a customer's data was taken must be as a later entry of the trail says it was left. Writers wait only while the few
    entries that came meanwhile are read.
    """
    walk = _Walk()
    newest = AuditHead.objects.values_list("seq", flat=True).first() or 0
    broken = walk.read(AuditEntry.objects.filter(seq__lte=newest))
    if broken:
        return broken
    with transaction.atomic():
        head = locked_head()
        return walk.read(AuditEntry.objects.filter(seq__gt=walk.last)) or walk.end(head)


class _Walk:
    """How far the chain has been read, and the hash the next entry must name."""

    def __init__(self) -> None:
        self.last, self.hash = 0, GENESIS
        self.redacted = redacted_entries()

    def broken(self, seq: int, reason: str) -> ChainStatus:
        return ChainStatus(False, self.last, seq, reason)

    def read(self, entries: QuerySet[AuditEntry]) -> ChainStatus | None:
        for entry in entries.order_by("seq").iterator(chunk_size=2000):
            expected = self.last + 1
            if entry.seq != expected:
                return self.broken(expected, f"Entry {expected} is missing.")
            if entry.previous_hash != self.hash or not self._is_whole(entry):
                return self.broken(expected, f"Entry {expected} was changed after it was written.")
            self.last, self.hash = entry.seq, entry.hash
        return None

    def _is_whole(self, entry: AuditEntry) -> bool:
        content = entry_hash(entry)
        if content == entry.hash:
            return True
        if entry.verb == REDACT:
            return False
        if self.redacted.get(entry.seq) != content:  # it may have been redacted since this walk began
            self.redacted = redacted_entries()
            entry.refresh_from_db()
            content = entry_hash(entry)
        return self.redacted.get(entry.seq) == content

    def end(self, head: AuditHead) -> ChainStatus:
        signature = head_signature(settings.HOME.secret, head.seq, head.hash)
        if head.seq > self.last:
            return self.broken(self.last + 1, f"Entry {self.last + 1} and what came after it are missing.")
        if self.last and (head.hash != self.hash or not hmac.compare_digest(head.signature, signature)):
            return self.broken(self.last, f"Entry {self.last} is not the one that was signed as the newest.")
        if not self.last and User.objects.exists():
            return self.broken(1, "The whole trail is missing.")
        return ChainStatus(True, self.last, None, "")
