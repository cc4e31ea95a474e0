"""Which blocks of rows can hold a text at all: for each block of values, the three-byte pieces that occur in it.

A column with millions of different values has no list to look a text up in, and reading all of it takes its time. The
pieces of a block, hashed, are a kilobyte; a text whose pieces are not all there is in none of the block's values. A
block that has all of them may still not hold the text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BLOCK = 2_048  # values
SHORTEST = 3  # bytes of a text that can be looked for
_KINDS = 8_192  # of pieces, after hashing

Bytes = npt.NDArray[np.uint8]


class Trigrams:
    """The pieces of many values, block by block. Each value has a key; a block remembers its least and greatest key."""

    def __init__(self) -> None:
        self._rows: list[Bytes] = []
        self._keys: list[tuple[int, int]] = []
        self._all: Bytes | None = None

    def add(self, keys: pa.Array, values: pa.Array) -> None:
        """Add values (text, no nulls) and the key of each; blocks are narrow when the keys come in order."""
        numbers = keys.to_numpy(zero_copy_only=False)
        for start in range(0, len(values), BLOCK):
            part = numbers[start : start + BLOCK]
            self._rows.append(_pieces_of(values.slice(start, BLOCK)))
            self._keys.append((int(part.min()), int(part.max())))
        self._all = None

    def blocks(self, wanted: str) -> list[tuple[int, int]] | None:
        """The (least, greatest) key of each block that can hold a value whose fold (`str.casefold`) contains `wanted`,
        itself folded; None when `wanted` is too short to say."""
        text = wanted.encode()
        if len(text) < SHORTEST:
            return None
        if not self._rows:
            return []
        if self._all is None:
            self._all = np.stack(self._rows)
        possible = np.ones(len(self._all), bool)
        for piece in set(_hashed(np.frombuffer(text, np.uint8)).tolist()):
            possible &= (self._all[:, piece >> 3] & (0x80 >> (piece & 7))) != 0
        return [self._keys[at] for at in np.flatnonzero(possible)]


def joined(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same keys in as few (least, greatest) pairs as neighbours allow, in order."""
    found: list[tuple[int, int]] = []
    for least, greatest in sorted(ranges):
        if found and least <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(greatest, found[-1][1])
        else:
            found.append((least, greatest))
    return found


def _pieces_of(values: pa.Array) -> Bytes:
    """The pieces of some values as bits. Those that lie across two values are in as well and do no harm."""
    values = values.cast(pa.large_string())
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, np.int64, len(values) + 1, values.offset * 8)
    text = bytes(memoryview(data)[ends[0] : ends[-1]]).decode().casefold().encode() if data is not None else b""
    present = np.zeros(_KINDS, bool)
    if len(text) >= SHORTEST:
        present[_hashed(np.frombuffer(text, np.uint8))] = True
    return np.packbits(present)


def _hashed(text: Bytes) -> npt.NDArray[np.uint32]:
    wide = text.astype(np.uint32)
    found: npt.NDArray[np.uint32] = (wide[:-2] * 9_239 + wide[1:-1] * 523 + wide[2:] * 31) % _KINDS
    return found
