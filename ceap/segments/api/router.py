"""The router that every part of the wire adds to (parts with a root of their own would end in a slash)."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["segments"])
