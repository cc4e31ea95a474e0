"""A damaged warehouse (a file, or Spark's folder) is moved aside, never opened again and again."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ceap.kit.clock import now

log = logging.getLogger("ceap.events")


def file_of(url: str) -> Path | None:
    """The file of a DuckDB warehouse, the folder of one on Spark; None when it is neither."""
    scheme, _, rest = url.partition("://")
    if scheme == "duckdb":
        return Path(rest) if rest else None
    return Path(urlsplit(url).path) if scheme in ("spark", "spark-local-cluster") else None


def move_away(path: Path, reason: str) -> Path:
    """Move the file (and its log) to `<name>.damaged-<time>`; where it is now."""
    target = path.with_name(f"{path.name}.damaged-{now():%Y%m%dT%H%M%S%f}")
    for suffix in ("", ".wal"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(target.with_name(target.name + suffix))
    _marker(path).unlink(missing_ok=True)
    log.error("warehouse: %s is damaged (%s); moved to %s, rebuilding from the store", path.name, reason, target.name)
    return target


def forget_damaged(path: Path) -> None:
    """Delete what was moved away before: another copy of everything."""
    for old in path.parent.glob(f"{path.name}.damaged-*"):
        remove(old)


def remove(path: Path) -> None:
    """Delete a warehouse's file with what belongs to it, or its folder."""
    for suffix in ("", ".wal", ".tmp"):
        part = path.with_name(path.name + suffix)
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def crashed_while_opening(path: Path) -> bool:
    """Whether the last two processes that opened the file died doing so: damage can end a process outright."""
    marker = _marker(path)
    return marker.exists() and marker.read_text().count("opening") >= 2


@contextmanager
def opening(path: Path | None) -> Iterator[None]:
    """Leave a mark beside the file while it is being opened."""
    if path is None:
        yield
        return
    marker = _marker(path)
    with marker.open("a") as file:
        file.write("opening\n")
    try:
        yield
    finally:
        marker.unlink(missing_ok=True)


def _marker(path: Path) -> Path:
    return path.with_name(path.name + ".opening")
