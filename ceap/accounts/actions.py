"""Writes about users and the audit trail."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import connection, transaction

from ceap.accounts.contracts import Actor
from ceap.accounts.models import AuditEntry
from ceap.kit.clock import now

GENESIS = "0" * 64
_CHAIN_LOCK = 7_230_001


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the entry's content and the hash of the entry before it."""
    content = [
        entry.previous_hash, entry.at.isoformat(), entry.actor_kind, entry.actor_id, entry.actor_name,
        entry.verb, entry.object_kind, entry.object_id, entry.object_name, entry.before, entry.after,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


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

    `verb` is "<package>.<action>", e.g. "segments.archive"; `before` / `after` hold only what changed, JSON-ready.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("audit() belongs in the transaction of the change it records")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    last = AuditEntry.objects.order_by("-seq").values_list("hash", flat=True).first()
    entry = AuditEntry(
        at=now(), actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name, verb=verb, object_kind=kind,
        object_id=str(id), object_name=name[:200], before=before, after=after, previous_hash=last or GENESIS,
    )  # fmt: skip
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    return entry
