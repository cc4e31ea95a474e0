"""The wire of segments: parse, call, return.

Parts with fixed paths of one word (/menu, /preview) are imported before `segments`, whose /{segment_id} takes any word.
"""

from __future__ import annotations

from ceap.segments.api import algebra, discovered, history, lists, membership, menu, rules, segments
from ceap.segments.api.router import router

__all__ = ["algebra", "discovered", "history", "lists", "membership", "menu", "router", "rules", "segments"]
