"""How a request to the control plane says who it is: a browser session, or a service key."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from ceap.accounts.contracts import Actor
from ceap.accounts.models import ApiKey
from ceap.accounts.queries import actor_of, actor_of_key
from ceap.kit.clock import now
from ceap.kit.ids import digest


class Session(APIKeyCookie):
    """The browser's session, with CSRF checked on writes."""

    param_name = "sessionid"
    openapi_name = "session"

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        user = request.user
        if not user.is_authenticated or not user.is_active:
            return None
        return actor_of(user)


class ServiceKey(HttpBearer):
    """`Authorization: Bearer ceap_…` with a service key."""

    openapi_name = "service key"

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        key = ApiKey.objects.filter(digest=digest(token), kind="service", revoked_at=None).first()
        if key is None or (key.expires_at and key.expires_at <= now()):
            return None
        return actor_of_key(key)


def actor(request: HttpRequest) -> Actor:
    """Who makes this (authenticated) request."""
    return request.auth  # type: ignore[attr-defined, no-any-return]
