"""Reads of customers. `visible_to` is the only door to rows."""

from ceap.customers.queries.customers import (
    beyond,
    contexts,
    find,
    identities,
    identity_value,
    known_as,
    merged_into,
    named,
    named_by,
    redirected,
    resolve,
    time_zones,
    visible_to,
)
from ceap.customers.queries.erasures import discover, erasure, erasures, progress_of, tables_to_compact
from ceap.customers.queries.facts import disclosure, facts, identities_of, known_to, may, names_of, user_names_in
from ceap.customers.queries.fields import (
    HiddenField,
    access,
    all_fields,
    asking,
    contract,
    fields,
    fields_for,
    hidden_from,
    hides_address,
    read_columns,
    reading,
    require_seen,
    retired,
)
from ceap.customers.queries.files import Opened, open_file
from ceap.customers.queries.index import Counts, Filters, Page, counts, filtered, page, page_of_all, suggestions, views
from ceap.customers.queries.mending import unmended
from ceap.customers.queries.retention import (
    aged,
    everybody_is_held,
    held_person,
    hold_over,
    kept_names,
    retention_runs,
)
from ceap.customers.queries.uses import field_uses, role_names, uses
from ceap.customers.rules.looks import looks_like

__all__ = [
    "Counts", "Filters", "HiddenField", "Opened", "Page", "access", "aged", "all_fields", "asking", "beyond",
    "contexts",
    "contract", "counts", "disclosure", "discover", "erasure", "erasures", "everybody_is_held", "facts",
    "field_uses", "fields", "fields_for", "filtered", "find", "held_person", "hidden_from", "hides_address",
    "hold_over", "identities", "identities_of", "identity_value", "kept_names", "known_as", "known_to",
    "looks_like", "may", "merged_into", "named", "named_by", "names_of", "open_file", "page", "page_of_all",
    "progress_of", "read_columns", "reading", "redirected", "require_seen", "resolve", "retention_runs", "retired",
    "role_names", "suggestions", "tables_to_compact", "time_zones", "unmended", "user_names_in", "uses", "views",
    "visible_to",
]  # fmt: skip
