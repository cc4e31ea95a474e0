"""A file of JSON lines that is only ever appended to: what must outlive a restore of the store."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def append(file: Path, record: dict[str, Any], *, sync: bool = True) -> None:
    """Add one record; on disk (fsync) when this returns, unless `sync` is false."""
    line = json.dumps(record, default=str, separators=(",", ":")).encode() + b"\n"
    fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(fd, line)
        if sync:
            os.fsync(fd)
    finally:
        os.close(fd)


def read(file: Path) -> Iterator[dict[str, Any]]:
    """Its records, oldest first; a line that a crash left unfinished was never acknowledged and is passed over."""
    if not file.exists():
        return
    with file.open("rb") as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                continue
