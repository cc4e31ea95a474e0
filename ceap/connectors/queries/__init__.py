"""Reads of imports and webhooks."""

from ceap.connectors.files import columns, parts
from ceap.connectors.queries.imports import (
    Preview,
    findings,
    get,
    history,
    job_of,
    opened,
    path_of,
    preview,
    receipt_lines,
    visible_to,
)
from ceap.connectors.queries.webhooks import (
    calls_of,
    visible_calls,
    visible_webhooks,
    webhook,
    webhooks,
)

__all__ = [
    "Preview", "calls_of", "columns", "findings", "get", "history", "job_of", "opened", "parts", "path_of",
    "preview", "receipt_lines", "visible_calls", "visible_to", "visible_webhooks", "webhook", "webhooks",
]  # fmt: skip
