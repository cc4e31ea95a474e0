"""Membership as roaring bitmaps of dense customer keys: how they are made, stored and compared."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pyroaring import BitMap

if TYPE_CHECKING:  # the data plane and the worker read bitmaps and start without NumPy and Arrow
    import numpy as np
    import pyarrow as pa

LARGEST = 2**32 - 1
CONTAINER, ARRAY, COOKIE = 65_536, 4_096, 12_346  # of the format: keys, most keys kept as a list, no runs
SPREAD = 8  # keys for each customer, up to which they lie close together
NEAR = 1.25  # the same for rows whose keys ascend, up to which these are laid out at once
LONG = 256  # rows from which on that is done, and the longest step from one key to the next


class DamagedBitmap(ValueError):
    """The bytes are not a serialised bitmap."""


def pack(bitmap: BitMap) -> bytes:
    """The bitmap in the portable roaring format, runs compressed."""
    compact = bitmap.copy()
    compact.run_optimize()
    return bytes(compact.serialize())


def unpack(data: bytes | memoryview) -> BitMap:
    """The bitmap that `pack` wrote.

    Raises:
        DamagedBitmap: the bytes are not a bitmap.
    """
    try:
        return BitMap.deserialize(bytes(data))
    except (ValueError, IndexError, MemoryError) as error:
        raise DamagedBitmap("This stored membership is damaged; recalculate the segment.") from error


def of(ids: Iterable[int] | np.ndarray | pa.Array | pa.ChunkedArray) -> BitMap:
    """The bitmap of customer keys, each from 0 to 2**32 - 1; nulls are refused.

    Raises:
        OverflowError: a key lies outside that range.
    """
    import numpy as np

    if not isinstance(ids, np.ndarray) and hasattr(ids, "null_count"):
        if ids.null_count:
            raise ValueError("a customer key is null")
        ids = np.asarray(ids)
    if not isinstance(ids, np.ndarray):
        return BitMap(ids)
    if len(ids) and (int(ids.min()) < 0 or int(ids.max()) > LARGEST):
        raise OverflowError("a customer key does not fit into 32 bits")
    return BitMap(array("I", ids.astype(np.uint32, copy=False).tobytes()))


def where(ids: np.ndarray, flags: pa.ChunkedArray | pa.Array) -> BitMap:
    """The bitmap of those `ids` whose flag (boolean, same length and order) is true; a null flag counts as false."""
    import numpy as np
    import pyarrow.compute as pc

    return of(ids[np.asarray(pc.fill_null(flags, False))])


class Rows:
    """The customers of a scan by row, each once: makes the bitmap of any of its columns of flags.

    Where their keys lie close together, they are looked at once: each column is laid out by key, and what that gives
    is written as a serialised bitmap (https://github.com/RoaringBitmap/RoaringFormatSpec), one container for 65,536
    keys.

    Raises:
        OverflowError: a key lies outside 0 to 2**32 - 1.
    """

    def __init__(self, ids: np.ndarray):
        import numpy as np

        self.ids = ids
        lowest, highest = (int(ids.min()), int(ids.max())) if len(ids) else (0, -1)
        first = lowest // CONTAINER
        room = -(-(highest + 1) // CONTAINER) * CONTAINER - first * CONTAINER
        self._first, self._room = first, np.zeros(room if room <= SPREAD * len(ids) else 0, np.uint8)
        if not len(self._room) or lowest < 0 or highest > LARGEST:
            self.everyone = of(ids)
            return
        places = (ids - first * CONTAINER).astype(np.int64, copy=False)
        steps = np.diff(places)
        edges = np.flatnonzero((steps <= 0) | (steps > LONG)) + 1
        starts, ends = np.concatenate([[0], edges]), np.concatenate([edges, [len(ids)]])
        width = places[ends - 1] - places[starts] + 1
        long = (ends - starts >= LONG) & (width <= NEAR * (ends - starts))
        stretches = zip(*(each[long].tolist() for each in (starts, ends, places[starts], width)), strict=True)
        self._stretches = [
            (slice(start, end), slice(place, place + wide), _held(places[start:end] - place, wide))
            for start, end, place, wide in stretches
        ]
        self._rest = np.flatnonzero(np.repeat(~long, ends - starts))
        self._places = places[self._rest]
        self.everyone = self._laid_out(np.ones(len(ids), np.uint8))

    def where(self, flags: pa.ChunkedArray | pa.Array) -> BitMap:
        """The bitmap of those whose flag (boolean, one a row) is true; a null flag counts as false."""
        return self._laid_out(_bytes(flags)) if len(self._room) else where(self.ids, flags)

    def _laid_out(self, said: np.ndarray) -> BitMap:
        """The bitmap of those whose byte is 1 (the others' is 0)."""
        for rows, places, held in self._stretches:
            self._room[places][held] = said[rows]
        self._room[self._places] = said[self._rest]
        return BitMap.deserialize(_serialised(self._room, self._first))


def _held(places: np.ndarray, width: int) -> np.ndarray | slice:
    """Which of `width` places there are, for an assignment."""
    import numpy as np

    if width == len(places):
        return slice(None)
    found = np.zeros(width, bool)
    found[places] = True
    return found


def _bytes(flags: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """A byte for each flag, 1 for true, made of Arrow's bits; a null counts as false."""
    import numpy as np
    import pyarrow as pa

    if isinstance(flags, pa.ChunkedArray):
        flags = flags.combine_chunks()
    known, bits = (np.frombuffer(buffer or b"", np.uint8) for buffer in flags.buffers())
    if flags.null_count:
        bits = bits[: len(known)] & known[: len(bits)]
    return np.unpackbits(bits, count=flags.offset + len(flags), bitorder="little")[flags.offset :]


def _serialised(room: np.ndarray, first: int) -> bytes:
    """The portable format of the keys whose byte in `room` is 1 (the others' is 0); `first`: the container that `room`
    begins with."""
    import numpy as np

    rooms = room.view(bool).reshape(-1, CONTAINER)
    bits = np.packbits(room, bitorder="little").reshape(len(rooms), -1)
    counts = np.bitwise_count(bits.view(np.uint64)).sum(axis=1, dtype=np.int64)
    used = np.flatnonzero(counts)
    bodies = [
        (bits[n] if counts[n] > ARRAY else np.flatnonzero(rooms[n]).astype("<u2")).tobytes() for n in used.tolist()
    ]
    heads = np.column_stack([used + first, counts[used] - 1]).astype("<u2")
    begun = 8 + 8 * len(used)
    offsets = np.cumsum([begun, *map(len, bodies)])[:-1].astype("<u4")
    return b"".join([struct.pack("<II", COOKIE, len(used)), heads.tobytes(), offsets.tobytes(), *bodies])


def after(bitmap: BitMap, key: int | None) -> Iterator[int]:
    """The keys of `bitmap` in ascending order, those above `key` when it is given."""
    found = iter(bitmap) if key is None else bitmap.iter_equal_or_larger(key + 1)
    yield from found
