"""Writes about segments: one function per verb."""

from ceap.segments.actions.daily import run_if_due
from ceap.segments.actions.define import cancel, create, duplicate, edit, recalculate, unarchive
from ceap.segments.actions.discovered import deploy_model, discover, score_file
from ceap.segments.actions.export import export, write_members
from ceap.segments.actions.holding import hold
from ceap.segments.actions.incremental import follow
from ceap.segments.actions.lists import create_static, match_list, match_long, sweep_lists, upload, upload_list
from ceap.segments.actions.membership import queue, rescue
from ceap.segments.actions.recalculation import build_pending
from ceap.segments.actions.retire import archive, delete
from ceap.segments.actions.retraining import retrain, retrain_if_due

__all__ = [
    "archive", "build_pending", "cancel", "create", "create_static", "delete", "deploy_model", "discover",
    "duplicate", "edit", "export", "follow", "hold", "match_list", "match_long", "queue", "recalculate", "rescue",
    "retrain", "retrain_if_due", "run_if_due", "score_file", "sweep_lists", "unarchive", "upload", "upload_list",
    "write_members",
]  # fmt: skip
