"""Is there a signature on a picture? PNG (W3C, 2nd edition) as browsers draw it: 8 bits a channel, not interlaced."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

MAGIC = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # colour type → bytes a pixel: grey, RGB, grey + alpha, RGBA
WIDEST, HIGHEST = 1_600, 800
DARK = 200  # a pixel that is darker, and not more than half transparent, is ink
LEAST_INK, LEAST_REACH = 60, 24  # pixels of ink, and how far apart: less is a dot or a slip


class NoPicture(ValueError):
    """The bytes are no such PNG; the message says why."""


def signed(png: bytes) -> bool:
    """Whether more than a dot is drawn on the picture.

    Raises:
        NoPicture: it cannot be read, or is larger than 1,600 × 800 pixels.
    """
    count, left, right, top, bottom = 0, WIDEST, 0, HIGHEST, 0
    for x, y in _ink(png):
        count += 1
        left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
    return count >= LEAST_INK and max(right - left, bottom - top) >= LEAST_REACH


def _ink(png: bytes) -> Iterator[tuple[int, int]]:
    width, height, colour, data = _parts(png)
    size = CHANNELS[colour]
    alpha = size if size in (2, 4) else 0
    for y, row in enumerate(_rows(data, width * size, height, size)):
        for x in range(width):
            pixel = row[x * size : (x + 1) * size]
            if (not alpha or pixel[-1] >= 128) and sum(pixel[: size - 1 if alpha else size]) < DARK * (
                1 if size < 3 else 3
            ):
                yield x, y


def _parts(png: bytes) -> tuple[int, int, int, bytes]:
    """Width, height, colour type and the filtered rows."""
    if not png.startswith(MAGIC):
        raise NoPicture("is not a PNG picture")
    place, header, packed = len(MAGIC), b"", b""
    try:
        while place < len(png):
            (length,), kind = struct.unpack(">I", png[place : place + 4]), png[place + 4 : place + 8]
            body = png[place + 8 : place + 8 + length]
            if zlib.crc32(kind + body) != struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0]:
                raise NoPicture("is a damaged picture")
            header, packed = (body if kind == b"IHDR" else header), (packed + body if kind == b"IDAT" else packed)
            place += 12 + length
        width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    except struct.error:
        raise NoPicture("is a damaged picture") from None
    if depth != 8 or interlaced or colour not in CHANNELS:
        raise NoPicture("is not a PNG picture of 8 bits a channel")
    if not 0 < width <= WIDEST or not 0 < height <= HIGHEST:
        raise NoPicture(f"is larger than {WIDEST} × {HIGHEST} pixels")
    whole = height * (1 + width * CHANNELS[colour])
    reader = zlib.decompressobj()
    try:
        data = reader.decompress(packed, whole)
    except zlib.error:
        raise NoPicture("is a damaged picture") from None
    if len(data) != whole:
        raise NoPicture("is a damaged picture")
    return width, height, colour, data


def _rows(data: bytes, length: int, height: int, size: int) -> Iterator[bytes]:
    """The rows without their filters; `size` is the bytes of a pixel."""
    above = bytearray(length)
    for start in range(0, height * (length + 1), length + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + length])
        if kind > 4:
            raise NoPicture("is a damaged picture")
        if kind == 2:
            row = bytearray((a + b) & 255 for a, b in zip(row, above, strict=True))
        elif kind:
            for i in range(length):
                left = row[i - size] if i >= size else 0
                if kind == 1:
                    guess = left
                elif kind == 3:
                    guess = (left + above[i]) // 2
                else:
                    guess = _paeth(left, above[i], above[i - size] if i >= size else 0)
                row[i] = (row[i] + guess) & 255
        yield bytes(row)
        above = row


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    by_left, by_up, by_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner
