"""Writes about segments: one function per verb."""

from ceap.segments.actions.daily import due_at, run_if_due
from ceap.segments.actions.define import create, duplicate, edit, recalculate, unarchive
from ceap.segments.actions.holding import hold
from ceap.segments.actions.incremental import follow
from ceap.segments.actions.membership import queue, rescue
from ceap.segments.actions.recalculation import build_pending
from ceap.segments.actions.retire import archive, delete

__all__ = [
    "archive", "build_pending", "create", "delete", "due_at", "duplicate", "edit", "follow", "hold", "queue",
    "recalculate", "rescue", "run_if_due", "unarchive",
]  # fmt: skip
