"""One person, one browser: a one-time password, an authenticator app, recovery codes, a passkey."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = [pytest.mark.story, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CEAP_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
EMAIL, PHRASE = "root@example.test", "correct horse battery 9"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A running app on a fresh home: its URL (with a host name, as passkeys need) and the one-time password."""
    port = free_port()
    url = f"http://localhost:{port}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("CEAP_") or k == "CEAP_CHROMIUM"}
    env |= {"CEAP_HOME": str(tmp_path), "CEAP_APP_PORT": str(port), "CEAP_APP_URL": url}
    if store := os.environ.get("CEAP_STORY_STORE_URL"):
        env["CEAP_STORE_URL"] = store
    ceap = [sys.executable, "-m", "ceap"]
    made = subprocess.run(
        [*ceap, "init", "--email", EMAIL, "--name", "Root", "--json"],
        cwd=ROOT, env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    with (tmp_path / "app.log").open("w") as log:
        app = subprocess.Popen([*ceap, "app"], cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            wait_for(url)
            yield url, json.loads(made.stdout.splitlines()[-1])["one_time_password"]
        finally:
            app.terminate()
            app.wait(30)


def wait_for(url: str) -> None:
    for _ in range(150):
        try:
            with urlopen(f"{url}/api/sign-in", timeout=2) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{url} did not start")


@pytest.fixture
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB").new_page()
        browser.close()


def totp(secret: str, at: float | None = None) -> str:
    """RFC 6238 with SHA-1, 30 seconds, 6 digits: what an authenticator app shows."""
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def test_totp_is_that_of_the_rfc() -> None:
    assert totp(base64.b32encode(b"12345678901234567890").decode(), 59) == "287082"


def labelled(page: Any, label: str) -> Any:
    """The field with exactly this label, whether it is marked as required or not."""
    return page.get_by_label(re.compile(rf"^{label}(\s\*)?$"))


def sign_in(page: Any, url: str, password: str) -> None:
    page.goto(f"{url}/login?next=/settings/security")
    page.get_by_label("Email").fill(EMAIL)
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


def shot(page: Any, name: str) -> None:
    folder = ROOT / "tests" / "artifacts" / "accounts"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


@pytest.mark.timeout(180)
def test_from_a_one_time_password_to_a_passkey(installation: tuple[str, str], page: Any) -> None:
    from playwright.sync_api import expect

    url, one_time = installation
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    security = page.get_by_role("heading", name="My security")

    sign_in(page, url, "a wrong phrase here")
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    sign_in(page, url, one_time)
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    shot(page, "must-change")
    page.get_by_label("Present password").fill(one_time)
    labelled(page, "New password").fill(PHRASE)
    page.get_by_label("New password again").fill(PHRASE)
    page.get_by_role("button", name="Set the password").click()
    expect(security).to_be_visible()

    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = page.get_by_test_id("totp-secret").inner_text().replace(" ", "")
    shot(page, "totp")
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
    shot(page, "security")

    sign_out(page)
    sign_in(page, url, PHRASE)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    shot(page, "second-step")
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Continue").click()
    expect(security).to_be_visible()
    expect(codes).to_contain_text("9 of 10 are left")

    sign_out(page)
    sign_in(page, url, PHRASE)
    page.get_by_label("Code").fill(fresh_code(secret))
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
    shot(page, "audit")
    assert errors == []


def fresh_code(secret: str) -> str:
    """A code that has not been used yet: codes work once, so the next half minute may have to come."""
    time.sleep(30 - time.time() % 30 + 0.2)
    return totp(secret)
