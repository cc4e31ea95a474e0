"""Reads of customers. `visible_to` is the only door to rows."""

from ceap.customers.queries.customers import (
    contexts,
    find,
    identity_value,
    merged_into,
    redirected,
    resolve,
    visible_to,
)
from ceap.customers.queries.fields import all_fields, fields, reading
from ceap.customers.queries.index import Counts, Filters, Page, counts, filtered, page, page_of_all, suggestions, views

__all__ = [
    "Counts", "Filters", "Page", "all_fields", "contexts", "counts", "fields", "filtered", "find", "identity_value",
    "merged_into", "page", "page_of_all", "reading", "redirected", "resolve", "suggestions", "views", "visible_to",
]  # fmt: skip
