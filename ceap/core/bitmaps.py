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
LONG = 256  # keys that follow each other, from which on they are copied as one


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
    """

    def __init__(self, ids: np.ndarray):
        import numpy as np

        self.ids, self.everyone = ids, of(ids)
        first = int(ids.min()) // CONTAINER * CONTAINER if len(ids) else 0
        room = -(-(int(ids.max()) + 1 - first) // CONTAINER) * CONTAINER if len(ids) else 0
        self._room = np.zeros(room if room <= SPREAD * len(ids) else 0, bool)
        self._first = first // CONTAINER
        if len(self._room):
            places = (ids - first).astype(np.int64, copy=False)
            edges = np.flatnonzero(np.diff(places) != 1) + 1
            starts, ends = np.concatenate([[0], edges]), np.concatenate([edges, [len(ids)]])
            long = ends - starts >= LONG
            runs = starts[long], ends[long], places[starts[long]]
            self._runs = list(zip(*(each.tolist() for each in runs), strict=True))
            self._rest = np.flatnonzero(np.repeat(~long, ends - starts))
            self._places = places[self._rest]

    def where(self, flags: pa.ChunkedArray | pa.Array) -> BitMap:
        """The bitmap of those whose flag (boolean, one a row) is true; a null flag counts as false."""
        if not len(self._room):
            return where(self.ids, flags)
        import numpy as np
        import pyarrow.compute as pc

        said = np.asarray(pc.fill_null(flags, False))
        for start, end, place in self._runs:
            self._room[place : place + end - start] = said[start:end]
        self._room[self._places] = said[self._rest]
        return BitMap.deserialize(_serialised(self._room, self._first))


def _serialised(room: np.ndarray, first: int) -> bytes:
    """The portable format of the keys whose place in `room` is true; `first`: the container that `room` begins with."""
    import numpy as np

    rooms = room.reshape(-1, CONTAINER)
    counts = np.count_nonzero(rooms, axis=1)
    used = np.flatnonzero(counts)
    bits = np.packbits(rooms, axis=1, bitorder="little")
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
