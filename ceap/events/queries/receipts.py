"""What the log says of messages, for a store that was put back from a backup."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pyarrow import ArrowInvalid

from ceap.events import archive
from ceap.events.models import ArchiveFile, Entry

PREFIX = "message_"


def receipts(deliveries: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """The touchpoints of these deliveries in the log: delivery -> name ("message_opened") -> when it was first so.

    Entries that were moved to the archive after the backup are in files that the store does not know (yet they are
    the home's own): they are read too.
    """
    wanted, found = set(deliveries), dict[int, dict[str, datetime]]()
    if wanted:
        for name, at, payload in (*_log(), *_unknown_files()):
            delivery = (payload.get("props") or {}).get("delivery")
            if delivery in wanted:
                when = datetime.fromisoformat(payload["at"]) if payload.get("at") else at
                names = found.setdefault(delivery, {})
                names[name] = min(names.get(name, when), when)
    return found


def _log() -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    rows = Entry.objects.filter(kind="event", name__startswith=PREFIX).order_by("seq")
    yield from rows.values_list("name", "at", "payload").iterator()


def _unknown_files() -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    known = set(ArchiveFile.objects.values_list("file", flat=True))
    for path in sorted(archive.folder().glob("entries-*.parquet")):
        if path.name in known:
            continue
        with suppress(ArrowInvalid, OSError):  # half written when the end came
            for rows in archive.rows_of(path):
                for row in rows.select(["kind", "name", "at", "payload"]).to_pylist():
                    if row["kind"] == "event" and row["name"].startswith(PREFIX):
                        yield row["name"], row["at"].replace(tzinfo=UTC), json.loads(row["payload"])
