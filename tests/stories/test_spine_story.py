"""From real purchases to what a campaign was worth: one person, one browser, real mail, the product's own demo data."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stories.installations import Installation
from tests.stories.screen import choose, get, shot, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]


def figure(page: Any, label: str) -> Any:
    """The box of one number on the live page."""
    section = page.get_by_role("region", name="What came of it")
    return section.locator("div", has=page.get_by_text(label, exact=True)).last.locator("xpath=../..")


@pytest.mark.req("S-3")
@pytest.mark.req("C-9")
@pytest.mark.timeout(600)
def test_from_purchases_to_what_a_campaign_was_worth(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    _customers(page, demo, expect)
    size = _segment(page, demo, expect)
    _email(page, demo, expect)
    campaign = _campaign(page, demo, expect, size)
    clicker = _mails(page, demo, expect)
    _live(page, demo, expect, campaign, clicker)
    _reports(page, expect)


def _customers(page: Any, demo: Installation, expect: Any) -> None:
    """The index, and one customer with purchases."""
    page.goto(f"{demo.url}/customers")
    expect(page.get_by_role("heading", name="Customers", level=1)).to_be_visible()
    expect(page.get_by_text(re.compile(r"of 4,372"))).to_be_visible()
    shot(page, "spine", "1-customers")
    page.get_by_role("table").get_by_role("row").nth(1).click()
    page.wait_for_url(re.compile(r"/customers/\d+"))
    expect(page.get_by_text(re.compile(r"£\d")).first).to_be_visible()
    shot(page, "spine", "2-customer")


def _segment(page: Any, demo: Installation, expect: Any) -> int:
    """Two conditions with a live count; saved, it turns ready with exactly that many."""
    page.goto(f"{demo.url}/segments/new")
    page.get_by_label("Segment name").fill("Loyal over WhatsApp")
    page.get_by_role("button", name="Continue to the rules").click()
    group = page.get_by_role("group", name="Group 1").first
    choose(page, group, "Field", "Purchased")
    group.get_by_label("Times").fill("3")
    group.get_by_role("button", name="Add condition").click()
    row = group.get_by_role("combobox", name="Field").last
    row.click()
    row.fill("Source")
    page.get_by_role("option", name="Source", exact=True).click()
    value = group.get_by_label("Value of Source")
    value.fill("WhatsApp")
    page.get_by_role("option", name=re.compile("WhatsApp")).first.click()
    expect(page.get_by_text("Filter results from 4,372 customers")).to_be_visible()
    preview = page.get_by_role("region", name="Preview")
    words = "purchased at least 3 times in the last 365 days and Source is “WhatsApp”"
    expect(preview.get_by_text(words)).to_be_visible()
    matched = int(re.findall(r"([\d,]+)\s*customers matched", preview.inner_text())[0].replace(",", ""))
    shot(page, "spine", "3-segment-rules")
    page.get_by_role("button", name="Save segment").click()
    page.wait_for_url(re.compile(r"/segments/[0-9a-f-]{36}$"))
    expect(page.get_by_text("Ready", exact=True).first).to_be_visible()
    found = next(one for one in get(page, "/api/segments")["items"] if one["name"] == "Loyal over WhatsApp")
    shot(page, "spine", "4-segment-ready")
    assert get(page, f"/api/segments/{found['id']}")["sentence"] == words
    assert found["size"] == matched > 50
    return int(found["size"])


def _email(page: Any, demo: Installation, expect: Any) -> None:
    """A template from the gallery under a name of its own."""
    page.goto(f"{demo.url}/content")
    page.get_by_role("button", name="New template").first.click()
    page.get_by_role("button", name=re.compile("^Use this: (?!Blank|Empty)")).first.click()
    name = page.get_by_role("dialog", name="Name of the template").get_by_label("Name")
    name.fill("Story mail")
    page.get_by_role("button", name="Create template").click()
    page.wait_for_url(re.compile(r"/content/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name="Story mail", level=1)).to_be_visible()
    expect(page.get_by_title("The mail")).to_be_visible()
    shot(page, "spine", "5-email")


def _campaign(page: Any, demo: Installation, expect: Any, size: int) -> str:
    """A draft for the segment, through the four steps, to a launch that says how many it goes to."""
    page.goto(f"{demo.url}/segments")
    page.get_by_role("table").get_by_role("link", name="Loyal over WhatsApp").click()
    page.get_by_role("button", name="Send campaign").click()
    dialog = page.get_by_role("dialog", name="Send campaign")
    expect(dialog.get_by_text(re.compile(rf"of {size:,} matched customers have filled email$"))).to_be_visible()
    dialog.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/campaigns/[0-9a-f-]{36}"))
    expect(page.get_by_text(f"of {size:,} matched will receive it")).to_be_visible()
    shot(page, "spine", "6-audience")
    page.get_by_role("button", name="Continue").click()
    choose(page, page, "Email template", "Story mail · version 1")
    expect(page.get_by_title("The email")).to_be_visible()
    shot(page, "spine", "7-message")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("Fixed cost, GBP").fill("20")
    page.get_by_label("Cost of a message, GBP").fill("0.01")
    shot(page, "spine", "8-budget")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("region", name="Checks")).to_contain_text("Sent as Gift House <hello@gifthouse.test>.")
    shot(page, "spine", "9-check")
    page.get_by_role("button", name="Launch").click()
    page.get_by_role("button", name=re.compile(r"^Send to [\d,]+ people$")).click()
    expect(page.get_by_text(f"of {size:,} planned")).to_be_visible()
    expect(page.get_by_text("Completed", exact=True)).to_be_visible(timeout=120_000)
    shot(page, "spine", "10-sent")
    return str(page.url.split("/campaigns/")[1][:36])


def _mails(page: Any, demo: Installation, expect: Any) -> str:
    """Read what arrived in the Inbox; click in one mail, unsubscribe with another. Returns who clicked."""
    page.context.route(lambda url: "127.0.0.1" not in url, lambda route: route.fulfill(body="elsewhere"))
    campaign = page.url
    page.goto(f"{demo.url}/inbox")
    mails = page.get_by_role("navigation", name="Mails").get_by_role("button")
    clicker = mails.nth(0).locator("p").first.inner_text()
    mails.nth(0).click()
    page.get_by_role("article").get_by_text(f"To {clicker}").wait_for()
    mail = page.frame_locator("article iframe")
    expect(mail.get_by_role("heading").first).to_be_visible()
    shot(page, "spine", "11-inbox")
    with page.context.expect_page() as opened:
        mail.locator(f"a[href^='{demo.edge}/c/']").first.click()
    opened.value.get_by_text("elsewhere").wait_for()
    opened.value.close()
    mails.nth(1).click()
    page.get_by_role("article").get_by_text(f"To {clicker}").wait_for(state="detached")
    with page.context.expect_page() as opened:
        page.get_by_role("article").get_by_role("link", name="Unsubscribe").click()
    other = opened.value
    assert other.url.startswith(f"{demo.edge}/u/")
    other.get_by_role("button", name="Unsubscribe").wait_for()
    shot(other, "spine", "12-unsubscribe")
    other.get_by_role("button", name="Unsubscribe").click()
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    expect(other.get_by_role("button", name="Unsubscribe")).to_have_count(0)
    shot(other, "spine", "13-unsubscribed")
    other.close()
    page.goto(campaign)
    return str(clicker)


def _live(page: Any, demo: Installation, expect: Any, campaign: str, clicker: str) -> None:
    """The click and the opt-out show; a purchase of the clicker moves revenue and the return on investment."""
    expect(figure(page, "Clicked")).to_contain_text(re.compile(r"Clicked\s*1"))
    expect(figure(page, "Unsubscribed")).to_contain_text(re.compile(r"Unsubscribed\s*1"))
    before = get(page, f"/api/measurement/campaigns/{campaign}")
    assert (before["clicked"], before["unsubscribed"], before["revenue"]) == (1, 1, "0")
    bought = httpx.post(
        f"{demo.edge}/v1/events",
        headers={"Authorization": f"Bearer {demo.key}"},
        json={
            "kind": "purchase", "customer": {"email": clicker}, "order_id": "STORY-1", "currency": "GBP",
            "lines": [{"item": "85123A", "quantity": 20, "unit_price": "25.00"}],
        },
    )  # fmt: skip
    assert bought.status_code == 202, bought.text
    expect(page.locator("[data-stat=revenue]")).to_have_text("£500.00")
    expect(page.locator("[data-stat=roi]")).to_have_text(re.compile(r"^\+[\d,.]+ %$"))
    expect(figure(page, "Converted")).to_contain_text(re.compile(r"Converted\s*1"))
    after = get(page, f"/api/measurement/campaigns/{campaign}")
    assert sum(after["states"].values()) == after["planned"]
    assert after["orders"] == after["converted"] == 1
    shot(page, "spine", "14-worth")


def _reports(page: Any, expect: Any) -> None:
    """The PDF and the workbook are what they say they are."""
    for label, begins in (("PDF", b"%PDF-"), ("Excel", b"PK\x03\x04")):
        page.get_by_role("button", name="Export report").click()
        page.get_by_role("menuitem", name=label).click()
        dialog = page.get_by_role("dialog", name="Export report")
        link = dialog.get_by_role("link", name="Download")
        expect(link).to_be_visible()
        with page.expect_download() as waiting:
            link.click()
        file = Path(waiting.value.path())
        assert file.read_bytes().startswith(begins)
        assert file.stat().st_size > 5_000
        if label == "PDF":
            from pypdf import PdfReader

            text = "".join(one.extract_text() for one in PdfReader(file).pages)
            assert "Campaign to Loyal over WhatsApp" in text
            assert "500.00" in text
        else:
            from openpyxl import load_workbook

            book = load_workbook(BytesIO(file.read_bytes()), read_only=True)
            cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
            assert any("Campaign to Loyal over WhatsApp" in cell for cell in cells)
            book.close()
        dialog.get_by_role("button", name="Close").click()
    shot(page, "spine", "15-reports")
