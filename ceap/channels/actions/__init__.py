"""Writes about deliveries: plan, pause, resume, cancel; what a restored store may no longer do."""

from ceap.channels.actions.planning import plan, register
from ceap.channels.actions.restoring import after_restore
from ceap.channels.actions.stopping import cancel_source, pause, resume

__all__ = ["after_restore", "cancel_source", "pause", "plan", "register", "resume"]
