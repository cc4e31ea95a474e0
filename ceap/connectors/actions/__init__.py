"""Writes of imports and webhooks."""

from ceap.connectors.actions.notices import notify, notify_moves
from ceap.connectors.actions.run import run
from ceap.connectors.actions.start import check, delete, start
from ceap.connectors.actions.upload import upload

__all__ = ["check", "delete", "notify", "notify_moves", "run", "start", "upload"]
