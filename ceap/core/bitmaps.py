"""Membership as roaring bitmaps of dense customer keys: how they are made, stored and compared."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pyroaring import BitMap

if TYPE_CHECKING:  # the data plane and the worker read bitmaps and start without NumPy and Arrow
    import numpy as np
    import pyarrow as pa

LARGEST = 2**32 - 1


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


def after(bitmap: BitMap, key: int | None) -> Iterator[int]:
    """The keys of `bitmap` in ascending order, those above `key` when it is given."""
    found = iter(bitmap) if key is None else bitmap.iter_equal_or_larger(key + 1)
    yield from found
