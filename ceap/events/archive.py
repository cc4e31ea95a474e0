"""The files of the event archive: written whole, checked by their SHA-256 before a row of them is believed."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ceap.events.contracts import ArchiveDamaged
from ceap.events.models import ArchiveFile
from ceap.kit.disk import flush
from ceap.kit.home import Home
from ceap.kit.ids import uuid7

log = logging.getLogger("ceap.events")
MOVING = threading.Lock()  # held by what moves entries into files, and by what rewrites files
ORPHAN_AFTER = 24 * 3600.0  # seconds: no transaction that wrote a file stays open so long
ENTRIES = pa.schema(
    [
        ("seq", pa.int64()),
        ("tx", pa.int64()),
        ("at", pa.timestamp("us")),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("customer", pa.int64()),
        ("dedupe", pa.string()),
        ("payload", pa.string()),
    ]
)


def folder() -> Path:
    """Where the files are."""
    return Home.load().path / "archive"


def write(table: str, rows: pa.Table, name: str = "") -> tuple[str, str]:
    """Write `rows` to a new file, on the disk before this returns; its name and SHA-256."""
    name = name or f"{table}-{uuid7()}.parquet"
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        pq.write_table(rows, path, compression="zstd", row_group_size=250_000)
        flush(path)
        flush(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name, _sha256(path)


def read(name: str, sha256: str, size: int = 250_000) -> Iterator[pa.Table]:
    """The rows of a file, in parts of at most `size` rows.

    Raises:
        ArchiveDamaged: the file is missing or not what was written.
    """
    path = folder() / name
    if not path.is_file():
        raise ArchiveDamaged(
            f"The archive file {name} is missing. Put it back from a backup, or rebuild without it: "
            f"ceap warehouse rebuild --without {name}",
            file=name,
        )
    if _sha256(path) != sha256:
        raise ArchiveDamaged(
            f"The archive file {name} is damaged (its checksum is wrong). Put it back from a backup, or rebuild "
            f"without it: ceap warehouse rebuild --without {name}",
            file=name,
        )
    yield from rows_of(path, size)


def rows_of(path: Path, size: int = 250_000) -> Iterator[pa.Table]:
    """The rows of a file, in parts of at most `size` rows, whoever wrote it."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=size):
            yield pa.Table.from_batches([batch])


def current(name: str, sha256: str) -> tuple[str, str]:
    """The name and SHA-256 by which a file that an entry announces is kept now: it may have been rewritten."""
    row = ArchiveFile.objects.filter(original=name).values_list("file", "sha256").first()
    return row or (name, sha256)


def following(name: str) -> str:
    """The name of a file that takes the place of `name`, with the same place in the order of names."""
    stem, _, revision = name.removesuffix(".parquet").partition(".r")
    return f"{stem}.r{int(revision or 0) + 1}.parquet"


def is_whole(name: str, sha256: str) -> bool:
    """Whether a file is there and is what was written."""
    path = folder() / name
    return path.is_file() and _sha256(path) == sha256


def sweep() -> list[str]:
    """Remove files whose transaction never committed; their names."""
    known = set(ArchiveFile.objects.values_list("file", flat=True))
    swept = []
    for path in sorted(folder().glob("*.parquet")):
        if path.name not in known and time.time() - path.stat().st_mtime > ORPHAN_AFTER:
            path.unlink(missing_ok=True)
            swept.append(path.name)
    if swept:
        log.info("archive: removed %d files that no committed transaction knows", len(swept))
    return swept


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
