"""The organisation and its settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from ceap.accounts import actions, queries
from ceap.accounts.authentication import actor
from ceap.accounts.models import Organisation
from ceap.accounts.rules import SETTINGS
from ceap.accounts.schemas import OrganisationIn, OrganisationOut

router = Router()


def _out(row: Organisation) -> dict[str, Any]:
    return {
        "name": row.name, "time_zone": row.time_zone, "currency": row.currency, "scenario": row.scenario,
        "synthetic": row.synthetic,
        "settings": [{**vars(s), "value": row.settings.get(s.key, s.default)} for s in SETTINGS.values()],
    }  # fmt: skip


@router.get("/organisation", response=OrganisationOut)
def read(request: HttpRequest) -> Any:
    """The organisation, and every setting with its value, default and bounds."""
    return _out(queries.organisation())


@router.patch("/organisation", response=OrganisationOut)
def change(request: HttpRequest, payload: OrganisationIn) -> Any:
    """Change what is given."""
    return _out(actions.change_organisation(actor(request), **payload.dict(exclude_none=True)))
