"""The wire of consent: parse, call, return."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["consent"])
