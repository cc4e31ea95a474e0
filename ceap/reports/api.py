"""The wire of reports: parse, call, return."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["reports"])
