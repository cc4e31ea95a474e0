"""Signing in with a password."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection

from ceap.accounts.actions import create_administrator, create_user, edit_user, issue_reset_link
from ceap.accounts.authentication import session_cookie
from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import AuditEntry, Role, User
from ceap.kit.problem import Invalid
from tests.accounts.browser import LOGIN, PASSWORD, SESSION, Browser

pytestmark = pytest.mark.django_db


def test_the_built_in_roles_are_there_after_migrating() -> None:
    keys = {"administrator", "marketing_manager", "marketing_executive", "analyst", "agent"}
    assert set(Role.objects.filter(built_in=True).values_list("key", flat=True)) == keys


def test_a_new_administrator_must_choose_a_password_before_anything_else() -> None:
    password = create_administrator("Root@Example.test", "Root")
    browser = Browser()
    assert browser.sign_in("root@example.test", password).status_code == 200
    assert browser.send("GET", "/api/session").data["user"]["role"] == "Administrator"
    refused = browser.send("GET", "/api/jobs/1")
    assert refused.status_code == 403
    assert refused.data["type"] == "urn:ceap:problem:MustChangePassword"
    same = {"current_password": password, "new_password": password}
    change = "/_allauth/browser/v1/account/password/change"
    assert browser.send("POST", change, same).status_code == 400
    assert browser.send("POST", change, {**same, "new_password": "quite another phrase 7"}).status_code == 200
    assert not User.objects.get().must_change_password
    assert browser.send("GET", "/api/jobs/1").status_code != 403
    assert AuditEntry.objects.filter(verb="accounts.change_password").count() == 1


CHANGE = "/_allauth/browser/v1/account/password/change"
FORGOTTEN = "/_allauth/browser/v1/auth/password/request"


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> None:
    cache.clear()


def make(name: str = "ada", role: str = "administrator") -> User:
    return create_user(SYSTEM, email=f"{name}@example.test", name=name, role=role, password=PASSWORD)


def test_writes_with_a_session_need_the_csrf_token() -> None:
    make()
    browser = Browser()
    browser.sign_in("ada@example.test")
    for wrong in ("", "b" * 32):
        answer = browser.send("PATCH", "/api/profile", {"name": "Eve"}, **{"X-CSRFToken": wrong})
        assert answer.status_code == 403
    assert User.objects.get().name == "ada"
    assert browser.send("PATCH", "/api/profile", {"name": "Ada"}).status_code == 200


def test_signing_in_needs_the_csrf_token_too() -> None:
    make()
    answer = Browser().send("POST", LOGIN, {"email": "ada@example.test", "password": PASSWORD}, **{"X-CSRFToken": ""})
    assert answer.status_code == 403


def test_the_session_gets_a_new_key_at_sign_in() -> None:
    make()
    browser = Browser()
    session = browser.session
    session["planted"] = True
    session.save()
    before = session.session_key
    assert before
    browser.cookies["sessionid"] = session_cookie(before)
    browser.sign_in("ada@example.test")
    assert browser.cookies["sessionid"].value != session_cookie(before)
    assert not Session.objects.filter(session_key=before).exists()


def test_cookies_are_http_only_and_lax_and_the_answers_of_the_api_are_not_stored() -> None:
    make()
    browser = Browser()
    browser.sign_in("ada@example.test")
    cookie = browser.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    for path in ("/api/session", "/api/nothing", SESSION):
        assert "no-store" in browser.get(path).headers["Cache-Control"]
    headers = browser.get("/api/session").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_cookies_are_secure_exactly_under_https(tmp_path: Path) -> None:
    code = (
        "from ceap.web import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN)"
    )
    for url, expected in (("https://ceap.test", "True True False"), ("http://127.0.0.1:8000", "False False True")):
        env = {**os.environ, "CEAP_HOME": str(tmp_path), "CEAP_APP_URL": url}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "auth/signup"), ("POST", "account/email"), ("POST", "auth/code/request"), ("GET", "account/phone")],
)
def test_what_the_page_does_not_use_of_allauth_is_not_there(method: str, path: str) -> None:
    make()
    browser = Browser()
    browser.sign_in("ada@example.test")
    assert browser.send(method, f"/_allauth/browser/v1/{path}", {"email": "e@example.test"}).status_code == 404
    assert browser.send("GET", "/_allauth/app/v1/config").status_code == 404


def test_five_wrong_passwords_lock_the_account_out_even_for_the_right_one() -> None:
    make()
    make("bob")
    for _ in range(5):
        assert Browser().sign_in("ada@example.test", "wrong phrase").status_code == 400
    locked = Browser().sign_in("ada@example.test")
    assert locked.status_code == 400
    assert "Too many" in locked.data["errors"][0]["message"]
    assert Browser().sign_in("bob@example.test").status_code == 200
    entries = AuditEntry.objects.filter(verb="accounts.login_failed")
    assert [e.object_name for e in entries] == ["ada@example.test"] * 5


@pytest.mark.django_db(transaction=True)
def test_the_lock_out_holds_against_attempts_at_the_same_time() -> None:
    make()
    tried: list[str] = []
    real = User.check_password

    def counted(self: User, raw: str) -> bool:
        tried.append(raw)
        return real(self, raw)

    def attempt(number: int) -> None:
        try:
            Browser().sign_in("ada@example.test", f"wrong phrase {number}")
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(User, "check_password", counted)
        threads = [threading.Thread(target=attempt, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert 1 <= len(tried) <= 5


def test_failed_attempts_of_unknown_people_look_the_same_and_take_the_same_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make()
    hashed: list[str] = []
    encode = Argon2PasswordHasher.encode
    verify = Argon2PasswordHasher.verify
    monkeypatch.setattr(
        Argon2PasswordHasher, "encode", lambda self, *a, **k: (hashed.append("encode"), encode(self, *a, **k))[1]
    )
    monkeypatch.setattr(
        Argon2PasswordHasher, "verify", lambda self, *a, **k: (hashed.append("verify"), verify(self, *a, **k))[1]
    )
    known = Browser().sign_in("ada@example.test", "wrong phrase")
    work = len(hashed)
    unknown = Browser().sign_in("nobody@example.test", "wrong phrase")
    assert (work, len(hashed)) == (1, 2)
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)


def test_a_new_password_ends_the_other_sessions_and_the_links() -> None:
    user = make()
    mine, other = Browser(), Browser()
    for browser in (mine, other):
        browser.sign_in("ada@example.test")
        assert browser.send("GET", "/api/session").status_code == 200
    link = issue_reset_link(SYSTEM, user.pk).url.rsplit("/", 1)[1]
    answer = mine.send("POST", CHANGE, {"current_password": PASSWORD, "new_password": "quite another phrase 7"})
    assert answer.status_code == 200
    assert mine.send("GET", "/api/session").status_code == 200
    assert other.send("GET", "/api/session").status_code == 401
    reset = "/_allauth/browser/v1/auth/password/reset"
    assert Browser().send("POST", reset, {"key": link, "password": "stolen phrase 123"}).status_code == 400


def test_sessions_are_listed_and_one_can_end_another() -> None:
    make()
    mine, other = Browser(), Browser(headers={"User-Agent": "Other browser"})
    for browser in (mine, other):
        browser.sign_in("ada@example.test")
    path = "/_allauth/browser/v1/auth/sessions"
    listed = mine.send("GET", path).data["data"]
    assert sorted(s["is_current"] for s in listed) == [False, True]
    stranger = next(s for s in listed if not s["is_current"])
    assert stranger["user_agent"] == "Other browser"
    assert mine.send("DELETE", path, {"sessions": [stranger["id"]]}).status_code == 200
    assert other.send("GET", "/api/session").status_code == 401
    assert mine.send("GET", "/api/session").status_code == 200


def test_nobody_ends_the_session_of_somebody_else() -> None:
    make()
    make("eve", "agent")
    ada, eve = Browser(), Browser()
    ada.sign_in("ada@example.test")
    eve.sign_in("eve@example.test")
    path = "/_allauth/browser/v1/auth/sessions"
    target = ada.send("GET", path).data["data"][0]["id"]
    eve.send("DELETE", path, {"sessions": [target]})
    assert ada.send("GET", "/api/session").status_code == 200


def test_sign_in_and_out_are_in_the_audit_trail() -> None:
    make()
    browser = Browser()
    browser.sign_in("ada@example.test")
    assert browser.send("DELETE", SESSION).status_code == 401
    verbs = list(AuditEntry.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs == ["accounts.create_user", "accounts.login", "accounts.logout"]
    assert browser.send("GET", "/api/session").status_code == 401


def test_a_forgotten_password_is_mailed_to_users_only(settings: Any, mailoutbox: list[Any]) -> None:
    settings.EMAIL_HOST = "127.0.0.1"
    make()
    for email in ("ada@example.test", "nobody@example.test"):
        assert Browser().send("POST", FORGOTTEN, {"email": email}).status_code == 200
    for thread in threading.enumerate():
        if thread.name == "account-mail":
            thread.join()
    assert [m.to for m in mailoutbox] == [["ada@example.test"]]
    key = mailoutbox[0].body.split("/login/set-password/")[1].split()[0]
    reset = "/_allauth/browser/v1/auth/password/reset"
    assert Browser().send("POST", reset, {"key": key, "password": "a brand new phrase"}).status_code == 401
    assert Browser().sign_in("ada@example.test", "a brand new phrase").status_code == 200


def test_without_a_mail_server_the_page_is_told_so() -> None:
    assert Browser().send("GET", "/api/sign-in").data == {"organisation": "My organisation", "mail": False}


def test_the_mail_goes_through_the_smtp_server_of_the_home(settings: Any) -> None:
    from aiosmtpd.controller import Controller

    class Sink:
        received: list[Any] = []

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            self.received.append(envelope)
            return "250 taken"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = Controller(Sink(), hostname="127.0.0.1", port=port)
    sink.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        make()
        assert Browser().send("POST", FORGOTTEN, {"email": "ada@example.test"}).status_code == 200
        for thread in threading.enumerate():
            if thread.name == "account-mail":
                thread.join()
    finally:
        sink.stop()
    (envelope,) = Sink.received
    assert envelope.rcpt_tos == ["ada@example.test"]
    assert b"/login/set-password/" in envelope.content


def test_a_mail_server_that_is_down_is_logged_and_the_answer_is_the_same(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    user = make()
    assert Browser().send("POST", FORGOTTEN, {"email": user.email}).status_code == 200
    for thread in threading.enumerate():
        if thread.name == "account-mail":
            thread.join()
    assert f"user {user.pk} was not sent" in caplog.text


def test_a_password_is_the_same_however_a_keyboard_composes_it() -> None:
    user = make()
    user.set_password("cafe\u0301 au lait \u2460")
    user.save()
    assert Browser().sign_in("ada@example.test", "caf\u00e9 au lait 1").status_code == 200
    assert Browser().sign_in("ada@example.test", "cafe\u0301 au lait \u2460").status_code == 200
    assert Browser().sign_in("ada@example.test", "cafe au lait 1").status_code == 400


def test_a_password_stored_before_in_another_form_still_signs_in() -> None:
    user = make()
    user.password = Argon2PasswordHasher().encode("cafe\u0301 au lait", "some-salt-of-old")
    user.save()
    assert Browser().sign_in("ada@example.test", "cafe\u0301 au lait").status_code == 200


SPELLINGS = (" Ada@EXA\u0308MPLE.test\u200b", "\ufeffada@xn--exmple-cua.test", "ada@ex\u00e4mple.test")


@pytest.mark.parametrize("typed", SPELLINGS)
def test_an_address_is_the_same_however_it_is_typed(typed: str, caplog: pytest.LogCaptureFixture) -> None:
    """At sign-up by an administrator, at sign-in, when a password was forgotten."""
    user = create_user(SYSTEM, email=typed, name="Ada", role="administrator", password=PASSWORD)
    assert user.email == "ada@ex\u00e4mple.test"
    for other in SPELLINGS:
        assert Browser().sign_in(other).status_code == 200
        with pytest.raises(Invalid, match="There is a user with this address already"):
            create_user(SYSTEM, email=other, name="Eve", role="analyst")
    cache.clear()
    assert Browser().send("POST", FORGOTTEN, {"email": typed}).status_code == 200
    for thread in threading.enumerate():
        if thread.name == "account-mail":
            thread.join()
    assert f"the link for user {user.pk} was not sent" in caplog.text  # there is no mail server
    assert edit_user(SYSTEM, user.pk, email=typed).email == user.email


def test_names_of_users_are_composed_and_have_nothing_that_one_does_not_see() -> None:
    user = create_user(
        SYSTEM, email="zoe@example.test", name=" Zoe\u0308\u200b  Lee", role="administrator", password=PASSWORD
    )
    assert user.name == "Zo\u00eb Lee"
    browser = Browser()
    browser.sign_in("zoe@example.test")
    assert browser.send("PATCH", "/api/profile", {"name": "Ame\u0301lie\u2060"}).status_code == 200
    assert User.objects.get().name == "Am\u00e9lie"
    with pytest.raises(Invalid, match="half of a character"):
        create_user(SYSTEM, email="x@example.test", name="a\ud800", role="analyst")


@pytest.mark.parametrize("body", ["[]", "{", '{"email": 7}', '{"email": "\\ud800@x.test", "password": "x"}', '"a"', ""])
def test_a_body_that_says_no_address_is_refused_as_before(body: str) -> None:
    answer = Browser().generic("POST", LOGIN, body, "application/json", headers={"X-CSRFToken": "a" * 32})
    assert answer.status_code == 400


def test_the_keys_of_sessions_in_the_store_sign_nobody_in() -> None:
    make()
    browser = Browser()
    browser.sign_in("ada@example.test")
    [stored] = Session.objects.all()
    for stolen in (stored.session_key, f"{stored.session_key}.", stored.session_key + "." + "A" * 43):
        thief = Browser()
        thief.cookies["sessionid"] = stolen
        assert thief.send("GET", "/api/session").status_code == 401
    assert browser.send("GET", "/api/session").status_code == 200
    assert browser.cookies["sessionid"]["httponly"]
    assert stored.session_key not in {"", browser.cookies["sessionid"].value}
