"""Consent records written in bulk or moved, inside the caller's transaction: pure SQL, for packages below consent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ceap.core.sql import insert_many, moment


def record(
    cursor: Any,
    vendor: str,
    given: Sequence[tuple[int, bool, datetime | str]],
    *,
    source: str,
    evidence: dict[str, Any],
    channel: str = "*",
    purpose: str = "marketing",
) -> None:
    """Append one consent record per (customer, granted, when it was said), all with the same evidence.

    A moment that is text already is taken as the store writes it.

    Whoever calls this sees to it that no withdrawal is overruled: the newest record rules.
    """
    same = {"channel": channel, "purpose": purpose, "source": source[:60], "evidence": json.dumps(evidence)}
    rows = ((c, granted, at if isinstance(at, str) else moment(vendor, at)) for c, granted, at in given)
    insert_many(cursor, vendor, "consent_consentrecord", ("customer_id", "granted", "at"), rows, same)


def move(cursor: Any, source: int, target: int) -> None:
    """Give all consent records of customer `source` to `target`; their order, and so which is newest, stays."""
    cursor.execute("UPDATE consent_consentrecord SET customer_id = %s WHERE customer_id = %s", [target, source])
    cursor.execute("UPDATE consent_suppression SET customer_id = %s WHERE customer_id = %s", [target, source])
