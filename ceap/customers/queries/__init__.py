"""Reads of customers. `visible_to` is the only door to rows."""

from ceap.customers.queries.customers import (
    contexts,
    find,
    identities,
    identity_value,
    merged_into,
    named_by,
    redirected,
    resolve,
    time_zones,
    visible_to,
)
from ceap.customers.queries.facts import disclosure, facts, may, names_of
from ceap.customers.queries.fields import all_fields, contract, fields, read_columns, reading
from ceap.customers.queries.index import Counts, Filters, Page, counts, filtered, page, page_of_all, suggestions, views
from ceap.customers.rules.looks import looks_like

__all__ = [
    "Counts", "Filters", "Page", "all_fields", "contexts", "contract", "counts", "disclosure", "facts",
    "fields", "filtered", "find", "identities", "identity_value", "looks_like", "may", "merged_into", "named_by",
    "names_of", "page", "page_of_all", "read_columns", "reading", "redirected", "resolve", "suggestions", "time_zones",
    "views", "visible_to",
]  # fmt: skip
