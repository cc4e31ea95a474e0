"""A browser as far as the server can tell: cookies, CSRF, JSON."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

LOGIN = "/_allauth/browser/v1/auth/login"
SESSION = "/_allauth/browser/v1/auth/session"
PASSWORD = "a long enough phrase 42"


class Browser(Client):
    """CSRF is enforced; the token goes along as the page sends it."""

    def __init__(self, **defaults: Any):
        super().__init__(enforce_csrf_checks=True, raise_request_exception=False, **defaults)
        self.get(SESSION)
        self.cookies["csrftoken"] = "a" * 32

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response, with `.data` parsed from JSON when there is any."""
        response: Any = self.generic(
            method, path, json.dumps(body) if body is not None else "", "application/json",
            headers={"X-CSRFToken": self.cookies["csrftoken"].value, **headers},
        )  # fmt: skip
        kind = response.headers.get("Content-Type", "")
        response.data = json.loads(response.content) if "json" in kind and response.content else None
        return response

    def sign_in(self, email: str, password: str = PASSWORD) -> Any:
        return self.send("POST", LOGIN, {"email": email, "password": password})
