"""Which segments a customer is in: the current memberships of all active segments, kept in memory.

A request reads the customer's row from the store, which decides who that is now (merged, erased), and then only memory.
Memberships are read again when a segment's current version has changed, in a thread, so that no request waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pyroaring import BitMap

from ceap.core.bitmaps import DamagedBitmap, unpack
from ceap.core.sql import statement
from ceap.edge.problems import Unavailable
from ceap.edge.requests import encode
from ceap.edge.store import Store
from ceap.kit.problem import Problem

log = logging.getLogger("ceap.edge")

LOOK_SECONDS = 0.25
STALE_SECONDS = 10.0  # memberships that could not be looked at for so long are not given out
FIRST_SECONDS = 10.0  # how long a request waits for the first look after the start
AT_ONCE = 16  # memberships read before they take effect together
_CURRENT = "SELECT id, name, current_id FROM segments_segment WHERE archived_at IS NULL AND current_id IS NOT NULL"
_BITMAP = "SELECT bitmap FROM segments_membershipversion WHERE id = %s"


@dataclass(slots=True)
class _Membership:
    """One segment's members, and how the segment is written into an answer."""

    version: Any
    name: str
    shown: bytes
    members: BitMap


@dataclass
class Segments:
    """The current memberships. `damaged`: names of segments whose stored membership cannot be read."""

    store: Store
    damaged: list[str] = field(default_factory=list)
    _known: dict[str, _Membership] = field(default_factory=dict)
    _served: Sequence[tuple[bytes, BitMap]] = ()
    _looked: float = float("-inf")
    _first: asyncio.Event = field(default_factory=asyncio.Event)

    async def ready(self) -> None:
        """Wait until the memberships have been read.

        Raises:
            Unavailable: they have not, or were not looked at for `STALE_SECONDS`.
        """
        if time.monotonic() - self._looked <= STALE_SECONDS:
            return
        try:
            if not self._first.is_set():
                await asyncio.wait_for(self._first.wait(), FIRST_SECONDS)
                return
        except TimeoutError:
            pass
        raise Unavailable("The memberships of segments cannot be read at this moment.", retry_after=2)

    def answer(self, customer: int, name: str) -> bytes:
        """The JSON of one customer's segments, in the order of their names."""
        inside = b",".join([shown for shown, members in self._served if customer in members])
        return b'{"customer_name":%b,"segments":[%b]}' % (encode(name), inside)

    async def look_for_ever(self) -> None:
        """Keep the memberships up to date."""
        failing = False
        while True:
            try:
                await self.look()
                failing = False
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the next look may do better; requests are refused meanwhile
                if not failing:
                    log.warning("memberships could not be read: %s", error, exc_info=not isinstance(error, Problem))
                failing = True
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Read the memberships that changed since the last look, and forget those that are gone."""
        at = time.monotonic()
        current = {str(row[0]): row for row in await self.store.aside(lambda cursor: _rows(cursor, _CURRENT))}
        known = {id: one for id, one in self._known.items() if id in current}
        changed = len(known) != len(self._known)
        damaged, wanted = [], []
        for id, (_, name, version) in current.items():
            have = known.get(id)
            if have is None or have.version != version:
                wanted.append(id)
            elif have.name != name:
                known[id] = _Membership(version, name, _shown(id, name), have.members)
                changed = True
        for start in range(0, len(wanted), AT_ONCE):
            for id in wanted[start : start + AT_ONCE]:
                _, name, version = current[id]
                try:
                    members = await self.store.aside(partial(self._read, version))
                except DamagedBitmap:
                    damaged.append(name)
                    continue
                if members is not None:  # else thinned out meanwhile: there is a newer one by the next look
                    known[id] = _Membership(version, name, _shown(id, name), members)
            self._serve(known)
            changed = False
        if changed:
            self._serve(known)
        if damaged and damaged != self.damaged:
            log.error("damaged memberships of %s; recalculate these segments", ", ".join(damaged))
        self.damaged, self._looked = damaged, at
        self._first.set()

    def _read(self, version: Any, cursor: Any) -> BitMap | None:
        cursor.execute(statement(self.store.vendor, _BITMAP), [version])
        row = cursor.fetchone()
        return unpack(row[0]) if row and row[0] is not None else None

    def _serve(self, known: dict[str, _Membership]) -> None:
        self._known = known
        ordered = sorted(known.items(), key=lambda pair: (pair[1].name.casefold(), pair[0]))
        self._served = tuple((one.shown, one.members) for _, one in ordered)


def _rows(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _shown(id: str, name: str) -> bytes:
    raw = id.replace("-", "")
    dashed = "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))
    return encode({"segment_id": dashed, "segment_name": name})
