"""Reads about discovered segments: who is in them, narrowed by filters, and what they buy."""

from ceap.segments.queries.discovered.filters import Filters
from ceap.segments.queries.discovered.shapes import (
    Band,
    BuilderRule,
    CategoryPart,
    Detail,
    Kpis,
    OutletPart,
    Portrait,
    Recommendation,
    Trait,
)

__all__ = [
    "Band",
    "BuilderRule",
    "CategoryPart",
    "Detail",
    "Filters",
    "Kpis",
    "OutletPart",
    "Portrait",
    "Recommendation",
    "Trait",
]
