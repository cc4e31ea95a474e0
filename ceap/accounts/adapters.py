"""allauth, as this product wants it: no sign-up, sealed TOTP secrets, own mails, failures in the audit trail."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import HttpRequest

from ceap.accounts.actions import send_reset_link
from ceap.accounts.models import User
from ceap.kit.seal import seal, unseal


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Password login of users whom administrators created."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address a request comes from; refuses (403) where sign-ins could not be limited by address."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured as wrong:  # a request that went around the proxies
            raise PermissionDenied("This request names fewer proxies than the setting trusted_proxies.") from wrong

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        send_reset_link(user, context["password_reset_url"])

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The page says what happened; nothing is kept in the session for a template."""

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        from ceap.accounts.receivers import login_failed

        login_failed(request, str(credentials.get("email") or ""))


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets are sealed with the home's secret before they are stored."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(settings.HOME.secret, {"totp": text})).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return str(unseal(settings.HOME.secret, base64.b64decode(encrypted_text))["totp"])


class NotTheCurrent:
    """A password validator: a new password is another one."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk and user.check_password(password):
            raise ValidationError("Choose a password other than the present one.", code="password_unchanged")

    def get_help_text(self) -> str:
        return "Your password must differ from the present one."
