"""The wire of connectors: parse, call, return."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["connectors"])
