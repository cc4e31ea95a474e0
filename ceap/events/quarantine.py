"""A damaged warehouse file is moved aside, never opened again and again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ceap.kit.clock import now

log = logging.getLogger("ceap.events")
_PREFIX = "duckdb://"


def file_of(url: str) -> Path | None:
    """The file of a DuckDB warehouse; None when it is no file."""
    path = url.removeprefix(_PREFIX)
    return Path(path) if url.startswith(_PREFIX) and path else None


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
