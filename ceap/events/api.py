"""The wire of events: parse, call, return."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["events"])
