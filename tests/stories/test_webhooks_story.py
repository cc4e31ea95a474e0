"""Settings → Webhooks in a real browser: made, secret once, tested, what came back, sent again (S-16)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.receiver import Verifier, receiving, until
from tests.stories.installations import running
from tests.stories.screen import LOOKS, defects, labelled, look, shot
from tests.stories.test_accounts_story import PHRASE, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow, pytest.mark.req("S-16")]


@pytest.fixture(autouse=True)
def _private(tmp_path: Path) -> None:
    """The receiver is on this machine, so the installation allows that."""
    (tmp_path / "settings.toml").write_text("outbound_private = true\n")


@pytest.mark.timeout(600)
def test_a_webhook_is_made_tested_and_what_failed_is_sent_again(
    installation: tuple[str, str], page: Any, tmp_path: Path
) -> None:
    url, one_time = installation
    sign_in(page, url, one_time)
    labelled(page, "Present password").fill(one_time)
    labelled(page, "New password").fill(PHRASE)
    labelled(page, "New password again").fill(PHRASE)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("heading", name="My security").wait_for()
    with receiving() as receiver, running("worker", tmp_path):
        page.goto(f"{url}/settings/webhooks")
        page.get_by_text("No webhooks yet").wait_for()
        page.get_by_role("button", name="New webhook").first.click()
        dialog = page.get_by_role("dialog")
        assert not dialog.get_by_label("With identities").is_checked()
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
        page.get_by_text("Taken", exact=True).wait_for()
        Verifier(secret.strip()).verify(receiver.came[0][1], receiver.came[0][0])
        page.get_by_role("button", name="Send again").click()
        until(lambda: len(receiver.came) == 2)
        assert len(set(receiver.ids())) == 1
        for scheme, width in LOOKS:
            look(page, scheme, width)
            assert defects(page) == []
        shot(page, "webhooks", "delivery")
