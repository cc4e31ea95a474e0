"""Who am I, and what may I do."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.http import HttpRequest
from ninja import Router

from ceap.accounts import actions, queries
from ceap.accounts.adapters import SecondFactors
from ceap.accounts.authentication import actor
from ceap.accounts.contracts import PERMISSIONS
from ceap.accounts.models import User
from ceap.accounts.rules import qr_path
from ceap.accounts.schemas import ProfileIn, ProfileOut, QrOut, SessionOut, SignInOut
from ceap.kit.problem import Conflict

router = Router()


@router.get("/sign-in", response=SignInOut, auth=None)
def sign_in(request: HttpRequest) -> dict[str, object]:
    """What the sign-in page shows: the organisation's name, and whether forgotten passwords can be mailed."""
    return {"organisation": queries.organisation().name, "mail": queries.mail_is_configured()}


@router.get("/session", response=SessionOut)
def session(request: HttpRequest) -> dict[str, object]:
    """Who is signed in, with what permissions, in which organisation."""
    me, organisation = actor(request), queries.organisation()
    user = request.user if isinstance(request.user, User) and me.user_id else None
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
        "must_change_password": bool(user and user.must_change_password),
    }  # fmt: skip


@router.patch("/profile", response=ProfileOut)
def change_profile(request: HttpRequest, payload: ProfileIn) -> Any:
    """Change one's own name and time zone."""
    return actions.change_profile(actor(request), name=payload.name, time_zone=payload.time_zone)


@router.get("/profile/totp-qr", response=QrOut)
def totp_qr(request: HttpRequest) -> dict[str, object]:
    """The QR code of the authenticator app that is being set up in this session."""
    secret = request.session.get(SECRET_SESSION_KEY) if actor(request).user_id else None
    if not secret:
        raise Conflict("Start setting up the authenticator app first.")
    size, path = qr_path(SecondFactors().build_totp_url(request.user, secret))
    return {"size": size, "path": path}
