"""Authenticator apps and recovery codes over the wire, and what of them is stored."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache

from ceap.accounts.actions import create_user, remove_second_factors
from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import AuditEntry, User
from tests.accounts.browser import PASSWORD, Browser

pytestmark = pytest.mark.django_db

V1 = "/_allauth/browser/v1"
TOTP = f"{V1}/account/authenticators/totp"
SECOND = f"{V1}/auth/2fa/authenticate"


STARTED = time.time()


@pytest.fixture(autouse=True)
def _no_attempts_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """And codes do not change in the middle of a test."""
    cache.clear()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: STARTED))


def code(secret: str, steps: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(STARTED) // 30 + steps)))


def with_app() -> tuple[User, Browser, str]:
    """A user who has just turned on an authenticator app: its secret."""
    user = create_user(SYSTEM, email="ada@example.test", name="Ada", role="analyst", password=PASSWORD)
    browser = Browser()
    browser.sign_in(user.email)
    secret = browser.send("GET", TOTP).data["meta"]["secret"]
    assert browser.send("POST", TOTP, {"code": code(secret)}).status_code == 401
    assert browser.send("POST", f"{V1}/auth/reauthenticate", {"password": PASSWORD}).status_code == 200
    assert browser.send("POST", TOTP, {"code": code(secret)}).status_code == 200
    return user, browser, secret


def half_way() -> Browser:
    """A browser that has given the password and is asked for more."""
    browser = Browser()
    answer = browser.sign_in("ada@example.test")
    pending = [f for f in answer.data["data"]["flows"] if f.get("is_pending")]
    assert (answer.status_code, pending[0]["id"]) == (401, "mfa_authenticate")
    return browser


def test_the_password_alone_does_not_sign_in_any_more() -> None:
    _, _, secret = with_app()
    browser = half_way()
    assert browser.send("GET", "/api/session").status_code == 401
    assert browser.send("POST", SECOND, {"code": code(secret, steps=1)}).status_code == 200
    assert browser.send("GET", "/api/session").status_code == 200


def test_a_code_works_once() -> None:
    _, _, secret = with_app()
    used = code(secret, steps=1)
    assert half_way().send("POST", SECOND, {"code": used}).status_code == 200
    assert half_way().send("POST", SECOND, {"code": used}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_code_that_set_the_app_up_signs_nobody_in() -> None:
    _, _, secret = with_app()
    assert [half_way().send("POST", SECOND, {"code": code(secret, steps)}).status_code for steps in (0, 1)] == [
        400,
        200,
    ]


def test_wrong_codes_lock_out_and_are_audited() -> None:
    _, _, secret = with_app()
    browser = half_way()
    good = {code(secret, steps) for steps in (-1, 0, 1)}
    wrong = [f"{n:06}" for n in range(20) if f"{n:06}" not in good][:5]
    assert [browser.send("POST", SECOND, {"code": one}).status_code for one in wrong] == [400] * 5
    locked = browser.send("POST", SECOND, {"code": code(secret, steps=1)})
    assert locked.status_code == 400
    assert "Too many" in locked.data["errors"][0]["message"]
    failed = AuditEntry.objects.filter(verb="accounts.login_failed")
    assert [e.after["reason"] for e in failed] == ["totp"] * 5  # type: ignore[index]


def test_secrets_and_recovery_seeds_are_stored_sealed() -> None:
    _, browser, secret = with_app()
    codes = browser.send("POST", f"{V1}/account/authenticators/recovery-codes").data["data"]["unused_codes"]
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert len(codes) == 10
    assert not any(one in stored for one in codes)
    assert secret not in str(list(AuditEntry.objects.values()))


def test_recovery_codes_are_shown_once_and_work_once() -> None:
    _, browser, _ = with_app()
    path = f"{V1}/account/authenticators/recovery-codes"
    codes = browser.send("POST", path).data["data"]["unused_codes"]
    assert "unused_codes" not in browser.send("GET", path).data["data"]
    assert half_way().send("POST", SECOND, {"code": codes[0]}).status_code == 200
    assert half_way().send("POST", SECOND, {"code": codes[0]}).status_code == 400


def test_the_qr_code_is_there_only_while_the_app_is_being_set_up() -> None:
    create_user(SYSTEM, email="ada@example.test", name="Ada", role="analyst", password=PASSWORD)
    browser = Browser()
    browser.sign_in("ada@example.test")
    assert browser.send("GET", "/api/profile/totp-qr").status_code == 409
    browser.send("GET", TOTP)
    drawn: dict[str, Any] = browser.send("GET", "/api/profile/totp-qr").data
    assert drawn["size"] >= 21
    assert drawn["path"].startswith("M0 0h1v1h-1z")  # the corner of the finder pattern


def test_an_administrator_can_remove_lost_factors_and_the_sessions_end() -> None:
    user, browser, _ = with_app()
    remove_second_factors(SYSTEM, user.pk)
    assert browser.send("GET", "/api/session").status_code == 401
    assert Browser().sign_in(user.email).status_code == 200


def test_a_code_works_once_for_as_long_as_it_would_be_right(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, secret = with_app()
    kept: list[float] = []
    add = cache.add
    monkeypatch.setattr(
        "ceap.accounts.receivers.cache.add",
        lambda key, value, timeout: ("totp.used" in key and kept.append(timeout)) or add(key, value, timeout),
    )
    given = code(secret, steps=1)
    assert half_way().send("POST", SECOND, {"code": given}).status_code == 200
    assert kept == [90]  # right from 30 s before its period until 30 s after it
    assert half_way().send("POST", SECOND, {"code": given}).status_code == 400
