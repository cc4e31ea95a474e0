"""The router that every part of the wire adds to."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["customers"])
