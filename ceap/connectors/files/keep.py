"""Keeping an uploaded file: streamed to disk as it came, hashed, and read once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ceap.core.sheets import Choice, Form
from ceap.core.sheets.reading import forget, rows
from ceap.kit.problem import Problem


class TooLarge(Problem):
    """The file is over the limit `import_max_mb`."""

    status = 413
    title = "This file is too large"


@dataclass(frozen=True)
class Kept:
    """`rows` is how many rows there are behind the header, blank ones not counted."""

    sha256: str
    size: int
    form: Form
    rows: int


def keep(blocks: Iterable[bytes], path: Path, name: str, limit: int, choice: Choice = Choice()) -> Kept:
    """Write `blocks` to `path` and say what it is, as far as `choice` leaves that open.

    Raises:
        TooLarge: more than `limit` bytes.
        BadFile: nothing that can be imported.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as out:
            for block in blocks:
                size += len(block)
                if size > limit:
                    raise TooLarge(
                        f"“{name}” is larger than {limit // 1_000_000:,} MB. Split it, or have an administrator raise "
                        "the setting “Largest file to import”."
                    )
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        found = rows(path, name, choice=choice)
    except BaseException:
        path.unlink(missing_ok=True)
        forget(path)
        raise
    return Kept(digest.hexdigest(), size, found.form, found.size)
