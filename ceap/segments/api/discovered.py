"""Putting a version of the model to use, which fills the discovered segments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ceap.accounts.authentication import actor
from ceap.segments import actions
from ceap.segments.api.router import router


@router.post("/discovered/versions/{version}/deploy", response={204: None})
def deploy(request: HttpRequest, version: int) -> Any:
    """Put a version of the model to use, a newer or an older one; its segments get their members right after."""
    actions.deploy_model(actor(request), version)
