"""A file of JSON lines that is only ever appended to: what must outlive a restore of the store."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ceap.kit.disk import flush


def append(file: Path, record: dict[str, Any], *, sync: bool = True) -> None:
    """Add one record; on disk (fsync) when this returns, unless `sync` is false."""
    line = json.dumps(record, default=str, separators=(",", ":")).encode() + b"\n"
    with _held(file, fcntl.LOCK_SH) as fd:
        os.write(fd, line)
        if sync:
            os.fsync(fd)


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


def rewrite(file: Path, kept: Callable[[dict[str, Any]], dict[str, Any] | None]) -> int:
    """Replace every record by what `kept` makes of it (None: gone), the whole file at once; writers wait meanwhile.

    Returns:
        How many records changed or went; with none the file is left alone.
    """
    if not file.exists():
        return 0
    with _held(file, fcntl.LOCK_EX):
        records = list(read(file))
        made = [kept(record) for record in records]
        changed = sum(one != other for one, other in zip(records, made, strict=True))
        if not changed:
            return 0
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        try:
            with os.fdopen(descriptor, "wb") as out:
                for one in made:
                    if one is not None:
                        out.write(json.dumps(one, default=str, separators=(",", ":")).encode() + b"\n")
                out.flush()
                os.fsync(out.fileno())
            os.replace(draft, file)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        flush(file.parent)
    return changed


@contextmanager
def _held(file: Path, how: int) -> Iterator[int]:
    """The file open for appending, locked; opened again when it was replaced while this waited for the lock."""
    while True:
        fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, how)
            with suppress(FileNotFoundError):
                if os.fstat(fd).st_ino == os.stat(file).st_ino:
                    yield fd
                    return
        finally:
            os.close(fd)
