"""Length-prefixed msgpack frames over a pipe."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import msgspec

HEADER = struct.Struct(">I")
decode = msgspec.msgpack.Decoder().decode
encode = msgspec.msgpack.Encoder(decimal_format="number", enc_hook=str).encode


def read(stream: BinaryIO) -> Any:
    """The next frame's value; None at the end of the stream (no frame holds None)."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    (length,) = HEADER.unpack(head)
    return decode(stream.read(length))


def pack(value: Any) -> bytes:
    """One frame."""
    body = encode(value)
    return HEADER.pack(len(body)) + body
