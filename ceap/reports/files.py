"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ceap.kit.disk import flush


def write_whole(path: Path, write: Callable[[BinaryIO], None]) -> int:
    """Make `path` with what `write` writes: under a temporary name, fsynced, then renamed. Gives its size in bytes.

    Raises:
        OSError: it could not be written; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as out:
            write(out)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell() if out.seekable() else part.stat().st_size
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    flush(path.parent)
    return size
