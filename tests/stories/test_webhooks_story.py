"""Settings → Webhooks in a real browser: made, secret once, tested, what came back, sent again (S-16)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from tests.connectors.receiver import receiving, until
from tests.stories.test_accounts_pages import defects
from tests.stories.test_accounts_story import PHRASE, ROOT, installation, labelled, page, shot, sign_in

__all__ = ["installation", "page"]
pytestmark = [pytest.mark.story, pytest.mark.slow, pytest.mark.req("S-16")]


@pytest.fixture(autouse=True)
def _private(tmp_path: Path) -> None:
    """The receiver is on this machine, so the installation allows that."""
    (tmp_path / "settings.toml").write_text("outbound_private = true\n")


@pytest.mark.timeout(200)
def test_a_webhook_is_made_tested_and_what_failed_is_sent_again(
    installation: tuple[str, str], page: Any, tmp_path: Path
) -> None:
    url, one_time = installation
    env = {k: v for k, v in os.environ.items() if not k.startswith("CEAP_")} | {"CEAP_HOME": str(tmp_path)}
    sign_in(page, url, one_time)
    labelled(page, "Present password").fill(one_time)
    labelled(page, "New password").fill(PHRASE)
    labelled(page, "New password again").fill(PHRASE)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("heading", name="My security").wait_for()
    with receiving() as receiver, subprocess.Popen([sys.executable, "-m", "ceap", "worker"], cwd=ROOT, env=env) as work:
        try:
            page.goto(f"{url}/settings/webhooks")
            page.get_by_text("No webhooks yet").wait_for()
            page.get_by_role("button", name="New webhook").first.click()
            dialog = page.get_by_role("dialog")
            labelled(dialog, "Address").fill("ftp://example.org")
            dialog.get_by_role("button", name="Make the webhook").click()
            labelled(dialog, "Address").fill("http://a:b@example.org/")
            dialog.get_by_role("button", name="Make the webhook").click()
            dialog.get_by_text("Leave name and password out of the address").wait_for()
            labelled(dialog, "Address").fill(receiver.url)
            dialog.get_by_role("button", name="Make the webhook").click()
            page.get_by_text("will not be shown again").wait_for()
            secret = labelled(page, "Secret that signs what is sent").input_value()
            page.get_by_role("button", name="Done").click()
            page.get_by_text(receiver.url).click()
            page.get_by_text("Nothing was sent yet").wait_for()
            page.get_by_role("button", name="Send test").click()
            page.get_by_text("webhook.test").wait_for()
            page.get_by_text("Taken", exact=True).wait_for(timeout=20_000)
            Verifier(secret.strip()).verify(receiver.came[0][1], receiver.came[0][0])
            page.get_by_role("button", name="Send again").click()
            until(lambda: len(receiver.came) == 2)
            assert len(set(receiver.ids())) == 1
            for scheme, width in (("light", 1440), ("dark", 390), ("dark", 1440), ("light", 390)):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size({"width": width, "height": 900})
                page.wait_for_timeout(300)
                assert defects(page) == []
                shot(page, f"webhook-{scheme}-{width}")
        finally:
            work.terminate()
            work.wait(30)
