"""Reads about discovered segments: who is in them, narrowed by filters, and what they buy."""

from ceap.segments.queries.discovered.dashboard import NO_MATCH, Card, Dashboard, DashboardState, dashboard
from ceap.segments.queries.discovered.detail import compare, detail, reach
from ceap.segments.queries.discovered.filters import Filters
from ceap.segments.queries.discovered.listed import check, listed
from ceap.segments.queries.discovered.shapes import (
    Band,
    BuilderRule,
    CategoryPart,
    Choices,
    Detail,
    Kpis,
    OutletPart,
    Portrait,
    Recommendation,
    Trait,
)

__all__ = [
    "NO_MATCH",
    "Band",
    "BuilderRule",
    "Card",
    "CategoryPart",
    "Choices",
    "Dashboard",
    "DashboardState",
    "Detail",
    "Filters",
    "Kpis",
    "OutletPart",
    "Portrait",
    "Recommendation",
    "Trait",
    "check",
    "compare",
    "dashboard",
    "detail",
    "listed",
    "reach",
]
