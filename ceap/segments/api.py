"""The wire of segments: parse, call, return."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["segments"])
