"""Every page about accounts, in both schemes and two widths: no serious accessibility defect, nothing cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.stories.screen import LOOKS, defects, labelled, look, shot
from tests.stories.test_accounts_story import PHRASE, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]


def add_user(page: Any) -> None:
    page.get_by_role("button", name="Add user").click()
    page.get_by_role("dialog").get_by_label("Name").wait_for()


def new_key(page: Any) -> None:
    page.get_by_role("button", name="New key").first.click()
    page.get_by_role("dialog").get_by_text("Send events").wait_for()


def new_role(page: Any) -> None:
    page.get_by_role("button", name="New role").click()
    page.get_by_role("dialog").get_by_role("table").wait_for()


def first_entry(page: Any) -> None:
    page.get_by_role("cell", name="Create user").first.click()
    page.get_by_role("dialog").wait_for()


def secrets(page: Any) -> None:
    new_key(page)
    labelled(page.get_by_role("dialog"), "Name").fill("Shop")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_text("will not be shown again").wait_for()


STATES: list[tuple[str, str, Callable[[Any], None] | None]] = [
    ("users", "/settings/users", None),
    ("user-form", "/settings/users", add_user),
    ("roles", "/settings/users?tab=roles", None),
    ("role-form", "/settings/users?tab=roles", new_role),
    ("security", "/settings/security", None),
    ("keys-empty", "/settings/keys", None),
    ("key-form", "/settings/keys", new_key),
    ("key-secret", "/settings/keys", secrets),
    ("keys", "/settings/keys", None),
    ("audit", "/settings/audit", None),
    ("audit-entry", "/settings/audit", first_entry),
    ("organisation", "/settings", None),
]


@pytest.mark.timeout(600)
def test_pages_about_accounts_have_no_serious_defects(installation: tuple[str, str], page: Any) -> None:
    url, one_time = installation
    found: dict[str, list[str]] = {}
    page.goto(f"{url}/login")
    labelled(page, "Password").wait_for()
    found["login"] = defects(page)
    page.get_by_role("button", name="Forgotten password?").click()
    page.get_by_text("Ask an administrator").wait_for()
    found["forgotten"] = defects(page)
    sign_in(page, url, one_time)
    labelled(page, "Present password").fill(one_time)
    labelled(page, "New password").fill(PHRASE)
    labelled(page, "New password again").fill(PHRASE)
    found["must-change"] = defects(page)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("heading", name="My security").wait_for()
    for name, path, act in STATES:
        page.goto(url + path)
        page.get_by_role("heading", level=1).wait_for()
        if act:
            act(page)
        for scheme, width in LOOKS:
            look(page, scheme, width)
            found[f"{name} {scheme} {width}"] = defects(page)
            if found[f"{name} {scheme} {width}"]:
                shot(page, "accounts", f"{name}-{scheme}-{width}")
    assert {state: problems for state, problems in found.items() if problems} == {}
    assert len(found) == 3 + len(LOOKS) * len(STATES)
