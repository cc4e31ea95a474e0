"""Reads about what customers did."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from ceap.events import archive, log
from ceap.events.contracts import ArchiveState, Entry, Lag
from ceap.events.models import ArchiveFile, Position
from ceap.events.warehouse import CONSUMER, Warehouse
from ceap.kit.clock import now
from ceap.kit.home import Home

_opened: Warehouse | None = None
_lock = threading.Lock()


def warehouse() -> Warehouse:
    """The warehouse of this installation, opened on first use and shared by all threads of the process.

    Raises:
        WarehouseBusy: another process holds the file.
    """
    global _opened
    with _lock:
        if _opened is None:
            _opened = Warehouse(Home.load())
        return _opened


def close_warehouse() -> bool:
    """Let go of the warehouse; whether this process had opened it."""
    global _opened
    with _lock:
        opened, _opened = _opened, None
    if opened is not None:
        opened.close()
    return opened is not None


def read(consumer: str, limit: int = 10_000) -> list[Entry]:
    """The next entries of the change log that `consumer` has not passed, in the order of commits.

    Reading changes nothing: do the work, then `actions.advance(consumer, entries[-1].seq)` in the same transaction.
    """
    place = Position.objects.filter(consumer=consumer).values_list("tx", "seq").first()
    return log.after(*(place or (0, 0)), limit)


def after(place: tuple[int, int], limit: int, without: Sequence[str] = ()) -> list[Entry]:
    """The next entries of the change log after `place` (tx, seq), in the order of commits; not of kinds `without`."""
    return log.after(*place, limit, without)


def position(consumer: str) -> int | None:
    """The `seq` up to which `consumer` has read; None before its first `actions.advance`."""
    return Position.objects.filter(consumer=consumer).values_list("seq", flat=True).first()


def last_seq() -> int:
    """The `seq` of the newest entry that readers may be given; 0 when there is none."""
    entry = log.last()
    return entry.seq if entry else 0


def archive_state() -> ArchiveState:
    """Every file of the archive, read and compared with its checksum."""
    files = list(ArchiveFile.objects.order_by("file"))
    damaged = [file.file for file in files if not archive.is_whole(file.file, file.sha256)]
    return ArchiveState(len(files), sum(file.rows for file in files), damaged)


def lags() -> list[Lag]:
    """How far each consumer is behind the log, by name."""
    places = dict.fromkeys([CONSUMER], (0, 0)) | {p.consumer: (p.tx, p.seq) for p in Position.objects.all()}
    if _opened is not None:  # the warehouse knows better than its note in the store
        places[CONSUMER] = _opened.position()
    found = []
    for consumer, place in sorted(places.items()):
        entries, oldest = log.behind(*place)
        found.append(Lag(consumer, entries, (now() - oldest).total_seconds() if oldest else 0.0))
    return found
