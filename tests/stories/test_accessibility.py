"""Every page of the demos, in both schemes and two widths: no serious defect, none wider than a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.counts import often
from tests.stories.installations import Installation
from tests.stories.screen import LOOKS, defects, get, look, send, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]

BARE = {"/", "/customers", "/customers/fields", "/customers/imports", "/segments", "/segments/new",
        "/segments/new/list", "/campaigns", "/campaigns/new", "/campaigns?q=nothing-like-it", "/content", "/reports",
        "/inbox", "/settings/rates", "/settings/senders", "/settings/suppressions",
        "/settings/webhooks", "/segmentation"}  # fmt: skip


def made(page: Any, segment: str) -> str:
    """A new draft of a campaign."""
    return str(send(page, "POST", "/api/campaigns", {"name": "To look at", "segment_id": segment})["id"])


def paths(page: Any) -> list[str]:
    """Every page there is to look at, with things to show on it."""
    segment, template, customer = (
        get(page, f"/api/{what}")["items"][0]["id"] for what in ("segments", "content/templates", "customers")
    )
    campaign = made(page, segment)
    steps = [f"/campaigns/{campaign}?step={step}" for step in ("audience", "message", "schedule", "check")]
    pair = ",".join(one["id"] for one in get(page, "/api/segments")["items"][:2])
    tabs = [f"/segments/{segment}?tab={tab}" for tab in ("performance", "history", "used-by")]
    imported = [f"/customers/imports/{one['id']}" for one in get(page, "/api/connectors/imports")["items"][:1]]
    about = [f"/customers/{customer}?tab={tab}" for tab in ("messages", "consent", "identities", "privacy")]
    return sorted({
        *BARE, *steps, *tabs, *about, *imported, f"/segments/compare?ids={pair}", f"/segments/{segment}",
        f"/segments/{segment}/edit", f"/content/{template}", f"/customers/{customer}",
    })  # fmt: skip


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("scenario", "share"), [("demo", 0), ("grocery", 1)])
def test_no_page_has_a_serious_defect(request: pytest.FixtureRequest, page: Any, scenario: str, share: int) -> None:
    """In make test half of the pages in each demo, for the two run side by side; in make soak all in both."""
    home: Installation = request.getfixturevalue(scenario)
    sign_in(page, home.url)
    found: dict[str, list[str]] = {}
    every = paths(page)
    for path in often(every[share::2], every):
        page.goto(home.url + path)
        page.get_by_role("heading", level=1).wait_for()
        for scheme, width in LOOKS:
            look(page, scheme, width)
            if problems := defects(page):
                found[f"{path} {scheme} {width}"] = problems
    assert len(every) >= 34
    assert found == {}
