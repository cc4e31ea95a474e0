"""The wire of channels: parse, call, return."""

from __future__ import annotations

from ninja import Router

from ceap.channels.api import inbox, messages, senders

router = Router(tags=["channels"])
for part in (senders, messages, inbox):
    router.add_router("", part.router)
