"""Whether the edge is alive, and whether it can do its work."""

from __future__ import annotations

import shutil
from typing import Any

from ceap.edge.problems import Unavailable
from ceap.edge.store import Store
from ceap.kit.home import Home

LEAST_DISK = 64 * 1024 * 1024  # bytes
_NEEDED = {
    "accounts_apikey": "id, digest, sealed, prefix, kind, scopes, expires_at, revoked_at",
    "channels_delivery": "id, token, opened_at, clicked_at, unsubscribed_at, source_kind, source_id, purpose, address",
    "channels_link": "url, content_version_id",
    "customers_identity": "kind, value, customer_id",
    "customers_customer": "id, merged_into_id, erased_at, custom",
    "events_entry": "seq, kind, dedupe, payload",
    "segments_membershipversion": "id, bitmap",
    "segments_segment": "id, name, archived_at, current_id",
    "events_receipt": "key, body, accepted, duplicates, at",
}


async def ready(home: Home, store: Store) -> tuple[bool, dict[str, Any]]:
    """Whether the store answers, has the tables that the edge needs, and there is disk; with each answer."""
    checks: dict[str, Any] = {}
    try:
        for table, columns in _NEEDED.items():
            await store.read(f"SELECT {columns} FROM {table} LIMIT 0")
        checks["store"] = "ok"
    except Unavailable as problem:
        checks["store"] = problem.detail
    except Exception as error:
        checks["store"] = f"The store has not got the tables of this version yet ({type(error).__name__})."
    free = shutil.disk_usage(home.path).free
    checks["disk_free_bytes"] = free
    return checks["store"] == "ok" and free >= LEAST_DISK, checks
