"""Writes of imports and webhooks."""

from ceap.connectors.actions.choose import choose
from ceap.connectors.actions.notices import listening, notify, notify_moves
from ceap.connectors.actions.run import run
from ceap.connectors.actions.start import check, delete, start
from ceap.connectors.actions.upload import limit, upload
from ceap.connectors.actions.webhooks import (
    create_webhook,
    delete_webhook,
    edit_webhook,
    resend,
    rotate_secret,
    send_test,
)
from ceap.connectors.files import forget, keep

__all__ = [
    "check", "choose", "create_webhook", "delete", "delete_webhook", "edit_webhook", "forget", "keep", "limit",
    "listening", "notify", "notify_moves", "resend", "rotate_secret", "run", "send_test", "start", "upload",
]  # fmt: skip
