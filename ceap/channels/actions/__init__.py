"""Writes about deliveries: plan, pause, resume, cancel; what a restored store may no longer do."""

from ceap.channels.actions.identities import (
    archive_sender,
    create_sender,
    ensure_sink_sender,
    try_sender,
    update_sender,
)
from ceap.channels.actions.planning import plan, register
from ceap.channels.actions.restoring import after_restore
from ceap.channels.actions.stopping import cancel_source, pause, resume
from ceap.channels.actions.testing import send_test

__all__ = [
    "after_restore", "archive_sender", "cancel_source", "create_sender", "ensure_sink_sender", "pause", "plan",
    "register", "resume", "send_test", "try_sender", "update_sender",
]  # fmt: skip
