"""Entry points of measurement's coarse jobs."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from ceap.accounts.contracts import SYSTEM
from ceap.jobs.actions import Progress, job
from ceap.measurement import queries


@job("measurement.report")
def report(progress: Progress, campaign_id: str) -> dict[str, Any]:
    """The report of a campaign, JSON-ready: only the app can read the warehouse."""
    found: dict[str, Any] = json.loads(json.dumps(queries.campaign_report(SYSTEM, UUID(campaign_id)), default=str))
    return found
