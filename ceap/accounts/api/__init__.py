"""The wire of accounts: parse, call, return."""

from __future__ import annotations

from ninja import Router

from ceap.accounts.api import audit, keys, organisation, roles, session, users

router = Router(tags=["accounts"])
for part in (session, organisation, users, roles, keys, audit):
    router.add_router("", part.router)
