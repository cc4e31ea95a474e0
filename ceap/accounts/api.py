"""The wire of accounts: who am I, and what may I do."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from ceap.accounts import queries
from ceap.accounts.authentication import actor
from ceap.accounts.contracts import PERMISSIONS, Level
from ceap.accounts.models import User

router = Router(tags=["accounts"])


class Me(Schema):
    id: str
    kind: str
    name: str
    email: str
    role: str
    time_zone: str


class OrganisationOut(Schema):
    name: str
    time_zone: str
    currency: str


class Environment(Schema):
    scenario: str
    label: str
    synthetic: bool


class SessionOut(Schema):
    user: Me
    permissions: dict[str, Level]
    environment: Environment
    organisation: OrganisationOut


@router.get("/session", response=SessionOut)
def session(request: HttpRequest) -> dict[str, object]:
    """Who is signed in, with what permissions, in which organisation."""
    me, organisation = actor(request), queries.organisation()
    user = User.objects.select_related("role").get(pk=me.user_id) if me.user_id else None
    return {
        "user": {
            "id": me.id, "kind": me.kind, "name": me.name, "email": user.email if user else "",
            "role": user.role.name if user else "key", "time_zone": me.time_zone,
        },
        "permissions": {key: me.level(key) for key in PERMISSIONS},
        "environment": {
            "scenario": organisation.scenario, "synthetic": organisation.synthetic,
            "label": "synthetic data" if organisation.synthetic else "",
        },
        "organisation": {
            "name": organisation.name, "time_zone": organisation.time_zone, "currency": organisation.currency,
        },
    }  # fmt: skip
