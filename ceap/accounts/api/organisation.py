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
    changes = queries.last_changes_of_settings()
    return {
        "name": row.name, "time_zone": row.time_zone, "currency": row.currency, "scenario": row.scenario,
        "synthetic": row.synthetic,
        "settings": [
            {
                **vars(setting), "value": row.settings.get(key, setting.default),
                "changed_by": changes[key].actor_name if key in changes else "",
                "changed_at": changes[key].at if key in changes else None,
            }
            for key, setting in SETTINGS.items()
        ],
    }  # fmt: skip


@router.get("/organisation", response=OrganisationOut)
def read(request: HttpRequest) -> Any:
    """The organisation, and every setting with its value, default and bounds."""
    return _out(queries.organisation())


@router.patch("/organisation", response=OrganisationOut)
def change(request: HttpRequest, payload: OrganisationIn) -> Any:
    """Change what is given."""
    return _out(actions.change_organisation(actor(request), **payload.dict(exclude_none=True)))
