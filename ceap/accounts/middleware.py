"""What holds for every request about accounts, whichever of the two APIs it goes to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from ceap.accounts.authentication import session_cookie, session_key
from ceap.core import addresses
from ceap.core.values import text
from ceap.kit.clock import now
from ceap.kit.problem import Forbidden

_ALLAUTH = "/_allauth/browser/v1/"
# What the page uses. The rest of allauth (sign-up, changing one's address, phones, codes by mail) is not there.
_OPEN = {
    "config", "auth/session", "auth/login", "auth/reauthenticate", "auth/password/request", "auth/password/reset",
    "auth/2fa/authenticate", "auth/2fa/reauthenticate", "auth/webauthn/authenticate", "auth/webauthn/reauthenticate",
    "auth/webauthn/login", "auth/sessions", "account/password/change", "account/authenticators",
    "account/authenticators/totp", "account/authenticators/recovery-codes", "account/authenticators/webauthn",
}  # fmt: skip
_BEFORE_NEW_PASSWORD = {
    "/api/session", "/api/sign-in", *(_ALLAUTH + name for name in ("config", "auth/session", "account/password/change"))
}  # fmt: skip
_READ: dict[str, Callable[[str], str]] = {
    "email": lambda given: addresses.email(text.visible(given)),
    "name": lambda given: " ".join(text.visible(given).split()),  # of a passkey
}
_SEEN_EVERY = timedelta(minutes=5)


class Sessions(SessionMiddleware):
    """Sessions whose cookie is signed with the home's secret: the keys in the store alone sign nobody in."""

    def process_request(self, request: HttpRequest) -> None:
        request.session = self.SessionStore(session_key(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and cookie.value:
            response.cookies[settings.SESSION_COOKIE_NAME] = session_cookie(cookie.value)
        return response


class MustChangePassword(Forbidden):
    title = "Choose your own password first"


class Guard:
    """API answers are not stored, a one-time password must be changed before anything else, sessions are seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path
        if not path.startswith(("/api/", "/_allauth/")):
            return self.get_response(request)
        if path.startswith("/_allauth/") and path.removeprefix(_ALLAUTH) not in _OPEN:
            raise Http404
        if path.startswith("/_allauth/") and request.method != "GET":
            _read_as_everywhere(request)
        by_session = "Authorization" not in request.headers and request.user.is_authenticated
        if by_session and getattr(request.user, "must_change_password", False) and path not in _BEFORE_NEW_PASSWORD:
            problem = MustChangePassword("You signed in with a one-time password; choose your own, then continue.")
            response: HttpResponse = JsonResponse(problem.body(), status=403, content_type="application/problem+json")
        else:
            if by_session:
                _note_seen(request)
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response


def _read_as_everywhere(request: HttpRequest) -> None:
    """Have allauth, which parses bodies by itself, read addresses and names as the rest of the product does."""
    try:
        body = json.loads(request.body)
        given = {name: read(body[name]) for name, read in _READ.items() if isinstance(body.get(name), str)}
    except (ValueError, AttributeError, RecursionError):  # no JSON object, or half a character: allauth says so
        return
    if any(body[name] != value for name, value in given.items()):
        request._body = json.dumps(body | given).encode()


def _note_seen(request: HttpRequest) -> None:
    sessions = UserSession.objects.filter(session_key=request.session.session_key)
    sessions.filter(last_seen_at__lt=now() - _SEEN_EVERY).update(last_seen_at=now())
