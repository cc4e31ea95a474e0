"""Entry points of a campaign's coarse jobs and its heartbeat."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ceap.campaigns import actions
from ceap.jobs.actions import Progress, job


@job("campaigns.plan")
def plan(progress: Progress, campaign_id: str) -> dict[str, Any]:
    """Write one delivery row for every customer of the pinned audience."""
    return {"planned": actions.plan(UUID(campaign_id), progress)}
