"""Where in the log the tables of the warehouse stand, and the entries that the log has given to the archive."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa

from ceap.core.engine import Writer
from ceap.events import archive
from ceap.events.contracts import Entry
from ceap.events.models import ArchiveFile

logger = logging.getLogger("ceap.events")
VERSION = 2  # of the tables' shape and keys; another one in the file means: rebuild
PLACE = pa.schema(
    [
        ("tx", pa.int64()),
        ("seq", pa.int64()),
        ("mark", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("version", pa.int64()),
    ]
)


def write_place(writer: Writer, last: Entry | None, moment: datetime) -> tuple[int, int, str]:
    """Note that the tables have everything up to `last`, as of `moment`: (tx, seq, mark) of `last`."""
    place = (last.tx, last.seq, mark_of(last)) if last else (0, 0, "")
    row = dict(zip(PLACE.names, (*place, moment.astimezone(UTC).replace(tzinfo=None), VERSION), strict=True))
    writer.clear("_place")
    writer.append("_place", pa.Table.from_pylist([row], schema=PLACE))
    return place


def place_of(writer: Writer) -> tuple[int, int, str] | None:
    """Where the tables stand; None when they are not there, or of another version."""
    rows = writer.rows("_place")
    return (rows[0]["tx"], rows[0]["seq"], rows[0]["mark"]) if rows and rows[0]["version"] == VERSION else None


def mark_of(entry: Entry) -> str:
    """What tells an entry from another one with its number, in a store that was put back."""
    said: tuple[Any, ...] = (
        entry.seq, entry.at.isoformat(), entry.kind, entry.name, entry.customer, entry.dedupe,
        msgspec.json.encode(entry.payload, order="sorted").decode(),
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()


def archived(without: Sequence[str], batch: int) -> Iterator[list[Entry]]:
    """The entries that were moved to the archive, in their order, at most `batch` at once."""
    for name, sha256 in ArchiveFile.objects.filter(table="entries").order_by("file").values_list("file", "sha256"):
        if name in without:
            logger.warning("archive file %s (log entries) is left out, as asked", name)
            continue
        for rows in archive.read(name, sha256, batch):
            yield [
                Entry(**{**row, "at": row["at"].replace(tzinfo=UTC), "payload": msgspec.json.decode(row["payload"])})
                for row in rows.to_pylist()
            ]
