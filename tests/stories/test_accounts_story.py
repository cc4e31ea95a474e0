"""One person, one browser: a one-time password, an authenticator app, recovery codes, a passkey."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

import pytest

from tests.stories.installations import ROOT_EMAIL
from tests.stories.screen import labelled, shot

pytestmark = [pytest.mark.story, pytest.mark.slow]

PHRASE = "correct horse battery 9"


def totp(secret: str, at: float | None = None) -> str:
    """RFC 6238 with SHA-1, 30 seconds, 6 digits: what an authenticator app shows."""
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def test_totp_is_that_of_the_rfc() -> None:
    assert totp(base64.b32encode(b"12345678901234567890").decode(), 59) == "287082"


def sign_in(page: Any, url: str, password: str) -> None:
    page.goto(f"{url}/login?next=/settings/security")
    page.get_by_label("Email").fill(ROOT_EMAIL)
    labelled(page, "Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Any) -> None:
    page.context.request.delete(
        page.url.split("/settings")[0] + "/_allauth/browser/v1/auth/session",
        headers={"X-CSRFToken": next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")},
    )


def prove(page: Any) -> None:
    """Security settings change only after the password once more."""
    dialog = page.get_by_role("dialog", name="Is it still you?")
    dialog.get_by_label("Your password").fill(PHRASE)
    dialog.get_by_role("button", name="Confirm").click()


@pytest.mark.timeout(600)
def test_from_a_one_time_password_to_a_passkey(installation: tuple[str, str], page: Any) -> None:
    from playwright.sync_api import expect

    url, one_time = installation
    security = page.get_by_role("heading", name="My security")

    sign_in(page, url, "a wrong phrase here")
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    sign_in(page, url, one_time)
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    shot(page, "accounts", "must-change")
    page.get_by_label("Present password").fill(one_time)
    labelled(page, "New password").fill(PHRASE)
    page.get_by_label("New password again").fill(PHRASE)
    page.get_by_role("button", name="Set the password").click()
    expect(security).to_be_visible()

    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = page.get_by_test_id("totp-secret").inner_text().replace(" ", "")
    shot(page, "accounts", "totp")
    page.get_by_label("Code that the app shows").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    page.get_by_label("Code that the app shows").fill(totp(secret))
    page.get_by_role("button", name="Turn on").click()
    prove(page)
    expect(page.get_by_text("On", exact=True)).to_be_visible()

    codes = page.get_by_role("region", name="Recovery codes")
    codes.get_by_role("button", name="New codes").click()
    page.get_by_role("button", name="Make new codes").click()
    recovery = codes.locator("code").first.inner_text()
    shot(page, "accounts", "security")

    sign_out(page)
    sign_in(page, url, PHRASE)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    shot(page, "accounts", "second-step")
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Continue").click()
    expect(security).to_be_visible()
    expect(codes).to_contain_text("9 of 10 are left")

    sign_out(page)
    sign_in(page, url, PHRASE)
    page.get_by_label("Code").fill(totp(secret, time.time() + 30))  # the next one: a code works once
    page.get_by_role("button", name="Continue").click()
    expect(security).to_be_visible()

    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.get_by_label("Name of a new passkey").fill("Work laptop")
    page.get_by_role("button", name="Add passkey").click()
    prove(page)
    expect(page.get_by_text("Work laptop")).to_be_visible()

    sign_out(page)
    page.goto(f"{url}/login?next=/settings/security")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(security).to_be_visible()

    sign_out(page)
    sign_in(page, url, PHRASE)
    page.get_by_role("button", name="Use a passkey").click()
    expect(security).to_be_visible()

    page.goto(f"{url}/settings/audit")
    expect(page.get_by_text("Unaltered")).to_be_visible()
    expect(page.get_by_text("Add second factor").first).to_be_visible()
    shot(page, "accounts", "audit")
