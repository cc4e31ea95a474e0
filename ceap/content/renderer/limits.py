"""What one render may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """CPU seconds and wall seconds of one render, bytes of memory of the whole child, characters of one message."""

    cpu: float = 0.5
    wall: float = 5.0
    memory: int = 384 * 1024 * 1024
    output: int = 2_000_000
