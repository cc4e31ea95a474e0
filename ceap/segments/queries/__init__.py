"""Reads about segments; `visible_to` is the only door to rows."""

from ceap.segments.contracts import NOT_READY
from ceap.segments.queries.algebra import Comparison, Region, compare, selected
from ceap.segments.queries.checking import HIDDEN, checked, refuse_circle
from ceap.segments.queries.history import History, history, version_on
from ceap.segments.queries.lists import (
    Missing,
    first_missing,
    get_list,
    list_file,
    list_kinds,
    missing_file,
    require_lists,
    visible_lists,
)
from ceap.segments.queries.menu import Menu, menu
from ceap.segments.queries.people import Page, members_page, segments_with, visible_count
from ceap.segments.queries.performance import Performance, performance
from ceap.segments.queries.preview import Preview, preview
from ceap.segments.queries.segments import (
    KEY,
    Filters,
    Listed,
    current,
    get,
    latest,
    listed,
    members,
    missed,
    require_ready,
    status,
    unready,
    versions,
    visible_to,
)  # fmt: skip
from ceap.segments.queries.suggestions import suggestions
from ceap.segments.queries.usage import uses, uses_of
from ceap.segments.queries.verdict import Verdict, why, why_member
from ceap.segments.queries.waterfall import Waterfall, waterfall_of_rule, waterfall_of_segment
from ceap.segments.queries.words import RULE_HIDDEN, hides, hiding, words

__all__ = [
    "HIDDEN",
    "KEY",
    "NOT_READY",
    "RULE_HIDDEN",
    "Comparison",
    "Filters",
    "History",
    "Listed",
    "Menu",
    "Missing",
    "Page",
    "Performance",
    "Preview",
    "Region",
    "Verdict",
    "Waterfall",
    "checked",
    "compare",
    "current",
    "first_missing",
    "get",
    "get_list",
    "hides",
    "hiding",
    "history",
    "latest",
    "list_file",
    "list_kinds",
    "listed",
    "members",
    "members_page",
    "menu",
    "missed",
    "missing_file",
    "performance",
    "preview",
    "refuse_circle",
    "require_lists",
    "require_ready",
    "segments_with",
    "selected",
    "status",
    "suggestions",
    "unready",
    "uses",
    "uses_of",
    "version_on",
    "versions",
    "visible_count",
    "visible_lists",
    "visible_to",
    "waterfall_of_rule",
    "waterfall_of_segment",
    "why",
    "why_member",
    "words",
]  # fmt: skip
