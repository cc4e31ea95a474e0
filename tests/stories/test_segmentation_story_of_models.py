"""The life of a model on its page: a dirty file is uploaded, looked at, learnt from, deployed, and rolled back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ceap.core.learning import grocery as chain
from ceap.core.learning import table
from tests.stories.installations import Installation, ceap
from tests.stories.screen import choose, defects, get, look, settle, shot, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]
STORY = "models"
FILE = "chain of 400.csv"


def members(page: Any) -> int:
    """How many customers the discovered segments hold."""
    board = get(page, "/api/segments/discovered/dashboard")
    return int(board["portrait"]["kpis"]["customers"])


def wait_for_members(page: Any, count: int) -> None:
    page.wait_for_function(
        """async (count) => {
          const answer = await fetch('/api/segments/discovered/dashboard')
          return answer.ok && (await answer.json()).portrait.kpis.customers === count
        }""",
        arg=count, polling=300,
    )  # fmt: skip


def sure(page: Any, action: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    settle(page)


@pytest.mark.req("O-2")
@pytest.mark.timeout(600)
def test_a_dirty_file_becomes_a_version_whose_segments_have_members_and_is_rolled_back(
    grocery: Installation, page: Any, tmp_path: Path
) -> None:
    file = tmp_path / FILE
    table.write(chain.soiled(chain.chain(400, seed=5).table(), part=0.02), file)
    sign_in(page, grocery.url)
    before = members(page)
    page.goto(f"{grocery.url}/segmentation/models?tab=files")
    page.locator("input[type=file]").set_input_files(file)
    card = page.get_by_role("region", name=FILE)
    expect(card.get_by_role("cell", name="is written in words")).to_be_visible()
    expect(card.get_by_text("One thousand four hundread ruppes").first).to_be_visible()
    assert card.get_by_label("What outlet_city is").input_value() == "outlet"
    card.get_by_label("Add the customers that are not there yet").check()
    card.get_by_role("button", name="Save and look again").click()
    expect(card.get_by_role("button", name="Save and look again")).to_be_hidden()
    settle(page)
    shot(page, STORY, "file")
    assert defects(page) == []

    card.get_by_role("button", name="Train on this file").click()
    page.get_by_label("Number of segments").fill("6")
    shot(page, STORY, "train")
    assert defects(page) == []
    page.get_by_role("button", name="Start training").click()
    tab(page, "Versions")
    newest = page.get_by_role("region", name="Version 2", exact=True)
    newest.get_by_role("button", name="Compare with the one in use").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Who moved")).to_be_visible()
    settle(page)
    shot(page, STORY, "compare")
    assert defects(page) == []
    page.keyboard.press("Escape")
    newest.get_by_role("button", name="Evaluate on a file").click()
    choose(page, page.get_by_role("dialog"), "File", FILE)
    page.get_by_role("dialog").get_by_role("button", name="Evaluate").click()
    expect(page.get_by_role("row", name="Customers 391", exact=True)).to_be_visible()  # 408 rows, 17 refused
    shot(page, STORY, "evaluate")
    page.keyboard.press("Escape")
    newest.get_by_role("button", name="Deploy").click()
    sure(page, "Deploy")
    expect(page.get_by_text(f"Scores “{FILE}”")).to_be_visible()
    usable = get(page, "/api/learning/scorings")["items"][0]["usable"]
    wait_for_members(page, usable)
    for name in ("Versions", "Files", "Drift", "Recommendations", "Journal", "Schedule"):
        tab(page, name)
        shot(page, STORY, name.lower())
        assert defects(page) == []
    page.get_by_role("radio", name="Every week").check()
    choose(page, page, "Day", "Sunday")
    page.get_by_role("button", name="Save schedule").click()
    expect(page.get_by_text("Set by")).to_be_visible()
    assert get(page, "/api/learning/schedule")["weekday"] == 6
    page.get_by_role("radio", name="Off").check()
    page.get_by_role("button", name="Save schedule").click()
    for scheme, width in (("dark", 1440), ("light", 390)):
        look(page, scheme, width)
        tab(page, "Versions")
        shot(page, STORY, f"versions-{scheme}-{width}")
        assert defects(page) == []

    older = page.get_by_role("region", name="Version 1", exact=True)
    older.get_by_role("button", name="Roll back").click()
    sure(page, "Roll back")
    wait_for_members(page, before)
    assert [one["version"] for one in get(page, "/api/learning/deployments")["items"]] == [1, 2, 1]
    told = ceap("discover", "deploy", "--version", "1", home=grocery.home)
    assert told["version"] == told["before"] == 1
    entry = get(page, "/api/audit?verb=learning.deploy")["items"][0]
    assert entry["actor_name"].endswith("(command line)")
    wait_for_members(page, before)
