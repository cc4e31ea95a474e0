"""The wire of content: parse, call, return."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["content"])
