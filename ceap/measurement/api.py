"""The wire of measurement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from ceap.accounts.authentication import actor
from ceap.measurement import home, queries
from ceap.measurement.schemas import CampaignReport, HomeOut

router = Router(tags=["measurement"])


@router.get("/campaigns/{campaign_id}", response=CampaignReport)
def campaign(request: HttpRequest, campaign_id: UUID) -> Any:
    """How a campaign went, and what it was worth."""
    return queries.campaign_report(actor(request), campaign_id)


@router.get("/home", response=HomeOut)
def start(request: HttpRequest) -> Any:
    """What needs the caller, and what is being sent today."""
    return home.of(actor(request))
