"""A campaign that needs an approval, and is steered while it runs: what the page asks, says and accounts for."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ceap.kit.home import Home
from tests.stories.installations import Installation
from tests.stories.screen import get, person, send, shot, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]
WOMEN = {"kind": "field", "field": "sex", "operator": "is", "value": "Female"}
RULE = {"join": "and", "groups": [{"join": "and", "conditions": [WOMEN]}]}


@pytest.mark.req("C-9")
@pytest.mark.timeout(600)
def test_a_campaign_is_approved_paused_resumed_cancelled_and_accounted_for(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    segment = send(page, "POST", "/api/segments", {"name": "Women", "rule": RULE})
    page.goto(f"{demo.url}/segments/{segment['id']}")
    expect(page.get_by_text("Ready", exact=True).first).to_be_visible()
    size = get(page, f"/api/segments/{segment['id']}")["size"]
    assert size > 1_000
    slow = _slow_sender(page, demo)
    with person(page.context.browser) as executive, person(page.context.browser) as manager:
        campaign = _approved(executive, manager, demo, expect, segment["id"], slow, size)
        _steered(executive, expect, campaign, size)
        _accounted(executive, demo, expect, campaign)


def _slow_sender(page: Any, demo: Installation) -> str:
    """A sender like the demo's own that hands over two mails a second, so that its campaigns go on for a while."""
    default = next(one["id"] for one in get(page, "/api/channels/senders")["items"] if one["default"])
    like = get(page, f"/api/channels/senders/{default}")
    names = ("from_name", "from_address", "provider", "config")
    slow = {name: like[name] for name in names} | {"name": "Slow", "rate_per_second": 2, "burst": 1}
    slow["config"] |= {"password": Home.load(demo.home).sink_password}
    return str(send(page, "POST", "/api/channels/senders", slow)["id"])


def _approved(
    executive: Any, manager: Any, demo: Installation, expect: Any, segment: str, sender: str, size: int
) -> str:
    """The executive asks, the manager finds it and approves, the executive launches. Returns the campaign's id."""
    sign_in(executive, demo.url, "executive@demo.test")
    version = get(executive, "/api/content/templates?purpose=marketing")["items"][0]["current_id"]
    draft = {"name": "To all women", "segment_id": segment, "content_version_id": version, "sender_id": sender}
    campaign = str(send(executive, "POST", "/api/campaigns", draft)["id"])
    executive.goto(f"{demo.url}/campaigns/{campaign}?step=check")
    needed = f"Approval is needed: it targets {size:,} contacts, more than 1,000."
    expect(executive.get_by_role("region", name="Checks")).to_contain_text(needed)
    launch = executive.get_by_role("button", name="Launch")
    expect(launch).to_have_attribute("aria-disabled", "true")
    expect(launch).to_have_attribute("aria-description", needed)
    expect(executive.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    executive.get_by_role("button", name="Ask for approval").click()
    expect(executive.get_by_text("Awaiting approval", exact=True)).to_be_visible()
    shot(executive, "campaign", "1-awaiting")

    sign_in(manager, demo.url, "manager@demo.test")
    manager.goto(f"{demo.url}/campaigns")
    manager.get_by_role("switch", name="Awaiting approval").check(force=True)
    manager.get_by_role("table").get_by_role("link", name="To all women").click()
    manager.get_by_role("tab", name="Check & launch").click()
    manager.get_by_role("button", name="Approve", exact=True).click()
    expect(manager.get_by_role("region", name="Checks")).to_contain_text("Approved.")

    executive.reload()
    expect(executive.get_by_role("region", name="Checks")).to_contain_text("Approved.")
    expect(launch).not_to_have_attribute("aria-disabled", "true")
    launch.click()
    executive.get_by_role("button", name=re.compile(r"^Send to [\d,]+ people$")).click()
    expect(executive.get_by_text(f"of {size:,} planned")).to_be_visible()
    return campaign


def _steered(page: Any, expect: Any, campaign: str, size: int) -> None:
    """Paused it stands still and says so; resumed it goes on; cancelled nobody else gets it."""
    moving = page.get_by_role("region", name="How it is moving")
    held = page.get_by_role("region", name="Why is nothing moving?")
    expect(moving).to_contain_text("It is moving: nothing holds it back.")
    expect(moving).to_contain_text(re.compile(r"[\d,]+ waiting, \d+ claimed, \d+ being handed over"))
    expect(page.locator("[data-state=sent]")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    asked = page.get_by_role("dialog", name="Pause this campaign?")
    expect(asked).to_contain_text(re.compile(rf"[\d,]+ of {size:,} are still to be sent."))
    asked.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused by Eve Executive")).to_be_visible()
    expect(held).to_contain_text("It is paused.")
    expect(page.locator("[data-state=sending]")).to_have_count(0)
    shot(page, "campaign", "2-paused")

    page.get_by_role("button", name="Resume").click()
    expect(moving).to_contain_text("It is moving: nothing holds it back.")
    expect(page.get_by_text("Paused by Eve Executive")).to_have_count(0)

    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Cancel the campaign").click()
    asked = page.get_by_role("dialog", name="Cancel this campaign?")
    expect(asked).to_contain_text("This cannot be undone; what has been handed over cannot be called back.")
    asked.get_by_role("button", name="Cancel the campaign").click()
    expect(page.get_by_text("Cancelled by Eve Executive")).to_be_visible()
    expect(page.get_by_text("100 % done")).to_have_count(0)
    expect(moving).to_have_count(0)


def _accounted(page: Any, demo: Installation, expect: Any, campaign: str) -> None:
    """Every reason opens the people behind it, the states add to the plan, and a person's own page says the same."""
    page.reload()
    table = page.get_by_role("table", name="Not sent")
    rows = table.get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    report = get(page, f"/api/measurement/campaigns/{campaign}")
    assert sum(report["states"].values()) == report["planned"]
    left_out = [one for one in report["reasons"] if one["state"] != "sent"]
    assert rows.count() - 1 == len(left_out) >= 2
    assert sum(one["count"] for one in left_out) + report["states"]["sent"] == report["planned"]
    for one in left_out:
        table.get_by_role("button", name=f"Show the {one['count']:,} people: {one['words']}").click()
        drawer = page.get_by_role("dialog", name=one["words"])
        expect(drawer.get_by_role("table").get_by_role("row").nth(1)).to_be_visible()
        if one["count"] < 40:
            expect(drawer.get_by_role("table").get_by_role("row")).to_have_count(one["count"] + 1)
        shot(page, "campaign", f"3-left-out-{one['reason']}")
        customer = str(drawer.get_by_role("table").get_by_role("link").first.get_attribute("href"))
        assert customer.endswith("?tab=messages")
        drawer.get_by_role("button", name="Close").click()
        expect(drawer).to_have_count(0)
    page.goto(f"{demo.url}{customer}")
    ledger = page.get_by_role("table", name="Messages")
    expect(ledger.get_by_role("row").nth(1)).to_contain_text(left_out[-1]["words"])
    expect(ledger.get_by_role("row").nth(1).get_by_role("link", name="To all women")).to_be_visible()
    shot(page, "campaign", "4-ledger")
