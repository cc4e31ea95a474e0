"""Writes about campaigns: one function a verb, checked again under the row's lock."""

from ceap.campaigns.actions.approving import approve, request_approval
from ceap.campaigns.actions.editing import create, delete, duplicate, update
from ceap.campaigns.actions.heartbeat import tick
from ceap.campaigns.actions.launching import NotLaunchable, launch, plan
from ceap.campaigns.actions.steering import after_restore, cancel, pause, resume

__all__ = [
    "NotLaunchable", "after_restore", "approve", "cancel", "create", "delete", "duplicate", "launch", "pause", "plan",
    "request_approval", "resume", "tick", "update",
]  # fmt: skip
