"""Bringing files in, as tests do it."""

from __future__ import annotations

from typing import Any

from ceap.accounts.contracts import SYSTEM, Actor
from ceap.connectors import actions
from ceap.connectors.models import Import
from ceap.jobs.actions import run


def bring(
    content: bytes | str,
    mapping: dict[str, Any],
    *,
    target: str = "customers",
    name: str = "file.csv",
    by: Actor = SYSTEM,
    **options: Any,
) -> Import:
    """Upload, start and carry out an import; returns it as it ended."""
    data = content.encode() if isinstance(content, str) else content
    row = actions.upload(by, target, name, [data[i : i + 7_000] for i in range(0, len(data), 7_000)])
    row = actions.start(by, row.pk, mapping, options)
    run(str(row.job_id))
    row.refresh_from_db()
    return row


def receipt(row: Import) -> tuple[str, int, int, int, int]:
    return row.state, row.created, row.updated, row.unchanged, row.rejected


def lines(row: Import) -> list[tuple[int, str, str, str]]:
    return list(row.findings.order_by("pk").values_list("row", "column", "value", "reason"))
