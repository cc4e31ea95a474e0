"""Keyset pages: an opaque cursor holds the last row's sort values, never an offset."""

from __future__ import annotations

import base64
import json
from typing import Any

from ceap.kit.problem import invalid

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500


def encode(values: list[Any]) -> str:
    """The cursor after a row with these sort values."""
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def decode(cursor: str | None, length: int) -> list[Any] | None:
    """The sort values in `cursor`; None for the first page.

    Raises:
        Invalid: the cursor was not made by `encode` with `length` values.
    """
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise invalid("cursor", "This page link is damaged; start again from the first page.")
    return values
