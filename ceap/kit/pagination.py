"""Keyset pages: an opaque, sealed cursor holds the last row's sort values, never an offset."""

from __future__ import annotations

import base64
import hmac
import json
from functools import cache
from hashlib import blake2b
from typing import Any

from ceap.kit.home import Home
from ceap.kit.problem import invalid

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500


SEAL = 9  # bytes


@cache
def _key(secret: str) -> bytes:
    return blake2b(secret.encode(), digest_size=32, person=b"ceap cursors").digest()


def _seal(body: bytes) -> bytes:
    return blake2b(body, digest_size=SEAL, key=_key(Home.load().secret)).digest()


def encode(values: list[Any]) -> str:
    """The cursor after a row with these sort values."""
    body = json.dumps(values, default=str).encode()
    return base64.urlsafe_b64encode(_seal(body) + body).decode().rstrip("=")


def decode(cursor: str | None, length: int) -> list[Any] | None:
    """The sort values in `cursor`; None for the first page.

    Raises:
        Invalid: the cursor was not made by `encode` with `length` values.
    """
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    values = json.loads(raw[SEAL:]) if hmac.compare_digest(raw[:SEAL], _seal(raw[SEAL:])) else None
    if not isinstance(values, list) or len(values) != length:
        raise invalid("cursor", "This page link is damaged; start again from the first page.")
    return values
