"""Identifiers: UUIDv7 (RFC 9562) for rows, random tokens for links and keys."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 64 & 0xFFF) << 64
    return UUID(int=value | 0b10 << 62 | random & (1 << 62) - 1)


def token(bits: int = 128) -> str:
    """An unguessable URL-safe token of at least `bits` random bits."""
    return secrets.token_urlsafe((bits + 7) // 8)


def signing_key(secret: str) -> str:
    """What the holder of a key signs with: the SHA-256 of its secret in hex. The store holds it sealed alone."""
    return hashlib.sha256(secret.encode()).hexdigest()


def digest(secret: str) -> str:
    """By what a key is found in the store: the SHA-256, in hex, of what its holder signs with."""
    return digest_of(signing_key(secret))


def digest_of(signing: str) -> str:
    """The digest of the key whose `signing_key` this is; it cannot be turned back."""
    return hashlib.sha256(signing.encode()).hexdigest()
