"""Entry points of the jobs of connectors."""

from __future__ import annotations

from typing import Any

from ceap.connectors import actions
from ceap.jobs.actions import Progress, job


@job("connectors.import")
def bring_in(progress: Progress, import_id: str, actor_kind: str = "", actor_id: str = "") -> dict[str, Any]:
    """Bring the rest of a file in."""
    return actions.run(progress, import_id, actor_kind, actor_id)
