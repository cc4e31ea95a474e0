"""How a request to the control plane says who it is: a browser session, or a service key."""

from __future__ import annotations

from typing import Any

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from ceap.accounts.actions import note_key_use, refuse_key
from ceap.accounts.contracts import Actor
from ceap.accounts.models import ApiKey
from ceap.accounts.queries import actor_of, actor_of_key
from ceap.accounts.receivers import source
from ceap.kit.clock import now
from ceap.kit.ids import digest

_signer = Signer(salt="session cookie", sep=".")


def session_cookie(key: str) -> str:
    """What the browser keeps of the session with this key."""
    return _signer.sign(key)


def session_key(cookie: str) -> str | None:
    """The key of the session that a browser's cookie names; None unless it was signed with the home's secret."""
    try:
        return _signer.unsign(cookie)
    except BadSignature:
        return None


class Session(APIKeyCookie):
    """The browser's session, with CSRF checked on writes. A request with an Authorization header has no session."""

    param_name = "sessionid"
    openapi_name = "session"

    def __call__(self, request: HttpRequest) -> Any:
        return None if "Authorization" in request.headers else super().__call__(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        user = request.user
        if not user.is_authenticated or not user.is_active:
            return None
        return actor_of(user)


class ServiceKey(HttpBearer):
    """`Authorization: Bearer ceap_sk_…`: a service key, without cookies and therefore without CSRF."""

    openapi_name = "service key"

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        key = ApiKey.objects.filter(digest=digest(token), kind="service").first()
        reason = _refusal(key)
        if reason or key is None:
            refuse_key(key, reason, source(request))
            return None
        note_key_use(key)
        return actor_of_key(key)


def _refusal(key: ApiKey | None) -> str:
    if key is None:
        return "unknown"
    if key.revoked_at:
        return "revoked"
    return "expired" if key.expires_at and key.expires_at <= now() else ""


def actor(request: HttpRequest) -> Actor:
    """Who makes this (authenticated) request."""
    return request.auth  # type: ignore[attr-defined, no-any-return]
