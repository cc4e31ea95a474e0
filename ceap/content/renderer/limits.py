"""What one render may use, and the name under which it is told the recipient's zone."""

from __future__ import annotations

from dataclasses import dataclass

ZONE = "@zone"  # in a context: the recipient's IANA time zone; no variable can have this name


@dataclass(frozen=True)
class Limits:
    """CPU seconds and wall seconds of one render, bytes of memory of the whole child, characters of one message."""

    cpu: float = 0.5
    wall: float = 5.0
    memory: int = 384 * 1024 * 1024
    output: int = 2_000_000
