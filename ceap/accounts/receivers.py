"""What happens around signing in, put into the audit trail; effects of a new password."""

from __future__ import annotations

import json
from typing import Any

from allauth.account import signals as account
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_out
from django.contrib.contenttypes.management import create_contenttypes
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.signals import post_migrate
from django.http import HttpRequest

from ceap.accounts.actions import audit, seed_roles
from ceap.accounts.actions.users import end_sessions
from ceap.accounts.contracts import Actor
from ceap.accounts.models import User
from ceap.accounts.queries import actor_of

NOBODY = Actor("anonymous", "", "nobody signed in")


def source(request: HttpRequest | None) -> str:
    """The address a request comes from; empty where none is known (a socket of files, a proxy that leaves it out)."""
    from allauth.account.adapter import get_adapter

    try:
        return str(get_adapter().get_client_ip(request)) if request is not None else ""
    except PermissionDenied:  # how allauth says that it does not know
        return ""


def login_failed(request: HttpRequest, email: str) -> None:
    """A wrong password, or an address that nobody has (kept only if it looks like one: people mistype fields)."""
    email = email.strip().lower()[:200]
    known = User.objects.filter(email=email).first()
    shown = email if "@" in email else ""
    with transaction.atomic():
        audit(
            NOBODY, "accounts.login_failed", "user", known.pk if known else "", shown,
            after={"from": source(request), "reason": "password"},
        )  # fmt: skip


def record(user: User, verb: str, **after: Any) -> None:
    with transaction.atomic():
        audit(actor_of(user), f"accounts.{verb}", "user", user.pk, user.name, after=after or None)


def logged_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    methods = [m["method"] for m in request.session.get("account_authentication_methods", [])]
    record(user, "login", methods=methods, **{"from": source(request)})


def logged_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        record(user, "logout")


def second_factor_failed(sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    with transaction.atomic():
        audit(
            NOBODY, "accounts.login_failed", "user", user.pk, user.email,
            after={"from": source(request), "reason": str(authenticator.type)},
        )  # fmt: skip


def password_set(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """A new password, typed by its owner: it need not be changed again, and every other session ends."""
    with transaction.atomic():
        if user.must_change_password:
            user.must_change_password = False
            user.save(update_fields=["must_change_password"])
        mine = request.session.session_key if request.user.is_authenticated else None
        ended = end_sessions(user, keep=mine)
        record(user, "change_password", ended_sessions=ended)


def factor_added(sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    if authenticator.type == authenticator.Type.TOTP:  # the code that was typed to set it up has been used by that
        _once(authenticator.wrap(), str(json.loads(request.body or b"{}").get("code", "")))
    record(user, "add_second_factor", kind=str(authenticator.type))


def factor_removed(sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    record(user, "remove_second_factor", kind=str(authenticator.type))


def factor_reset(sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    record(user, "reset_second_factor", kind=str(authenticator.type))


def _once(factor: Any, code: str) -> bool:
    """Whether a right code has not been used yet: remembered for as long as it stays right, not for one period."""
    seconds = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
    return bool(cache.add(factor._get_used_cache_key(code), "y", timeout=seconds))


def connect() -> None:
    """Listen to the signals of Django and allauth, once."""
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP._mark_code_used = _once
    account.user_logged_in.connect(logged_in, dispatch_uid="ceap-login")
    user_logged_out.connect(logged_out, dispatch_uid="ceap-logout")
    mfa.authentication_failed.connect(second_factor_failed, dispatch_uid="ceap-factor-failed")
    for signal in (account.password_changed, account.password_set, account.password_reset):
        signal.connect(password_set, dispatch_uid="ceap-password")
    mfa.authenticator_added.connect(factor_added, dispatch_uid="ceap-factor-added")
    mfa.authenticator_removed.connect(factor_removed, dispatch_uid="ceap-factor-removed")
    mfa.authenticator_reset.connect(factor_reset, dispatch_uid="ceap-factor-reset")
    from django.apps import apps

    # Rights are those of our roles: no rows of Django's own for each of 80 tables, looked through at each migration.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    post_migrate.connect(seed_roles, sender=apps.get_app_config("accounts"), dispatch_uid="ceap-roles")
