"""Writes about deliveries: plan, pause, resume, cancel."""

from ceap.channels.actions.planning import plan
from ceap.channels.actions.stopping import cancel_source, pause, resume

__all__ = ["cancel_source", "pause", "plan", "resume"]
