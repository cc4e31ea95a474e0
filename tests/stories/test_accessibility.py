"""Every page of the demo, in both schemes and two widths: no serious defect, none wider than a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.test_accounts_pages import defects
from tests.stories.test_spine_story import Installation, demo, page, sign_in

__all__ = ["demo", "page"]
pytestmark = [pytest.mark.story, pytest.mark.slow]

WIDTHS = (1440, 390)
BARE = {"/", "/customers", "/customers/fields", "/customers/imports", "/segments", "/segments/new", "/campaigns",
        "/campaigns/new", "/campaigns?q=nothing-like-it", "/content", "/reports", "/inbox"}  # fmt: skip


def one(page: Any, demo: Installation, list_path: str) -> str:
    """The id of the first row that a list of the API answers with."""
    answer = page.context.request.get(demo.url + list_path)
    assert answer.ok, f"{list_path}: {answer.status}"
    return str(answer.json()["items"][0]["id"])


def made(page: Any, demo: Installation) -> str:
    """A new draft of a campaign."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": demo.url}
    segment = one(page, demo, "/api/segments")
    answer = page.context.request.post(
        f"{demo.url}/api/campaigns", data={"name": "To look at", "segment_id": segment}, headers=headers
    )
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def paths(page: Any, demo: Installation) -> list[str]:
    """Every page there is to look at, with things to show on it."""
    campaign = made(page, demo)
    steps = [f"/campaigns/{campaign}?step={step}" for step in ("audience", "message", "schedule", "check")]
    segment, template = one(page, demo, "/api/segments"), one(page, demo, "/api/content/templates")
    customer = one(page, demo, "/api/customers")
    return sorted({
        *BARE, *steps, f"/segments/{segment}", f"/segments/{segment}/edit", f"/content/{template}",
        f"/customers/{customer}",
    })  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.timeout(600)
def test_no_page_has_a_serious_defect(demo: Installation, page: Any, scheme: str) -> None:
    sign_in(page, demo.url)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    looked = paths(page, demo)
    for path in looked:
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(demo.url + path)
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(200)
            if problems := defects(page):
                found[f"{path} {width}"] = problems
    assert len(looked) >= 20
    assert found == {}
