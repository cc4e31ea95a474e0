"""A marketing user looks at discovered segments, narrows them, reads about one, and takes its rule to the builder."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.stories.installations import Installation
from tests.stories.screen import LOOKS, defects, get, look, settle, shot, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]
STORY = "segmentation"
NARROW = {"last_within": 30, "categories": "luxury"}
NO_MATCH = "No matching customers found. Try adjusting filters."


def on_cards(page: Any) -> list[int]:
    """The number of customers on each card."""
    cards = page.get_by_role("list", name="Segments", exact=True).locator("> li")
    return [int(re.search(r"([\d,]+)\s+customers", text)[1].replace(",", "")) for text in cards.all_inner_texts()]  # type: ignore[index]


def shows(page: Any, matched: int, total: int) -> None:
    """Wait until the page counts so many; the cards add up to them."""
    expect(page.get_by_text(f"{matched:,} of {total:,} customers", exact=True)).to_be_visible()
    settle(page)
    assert sum(on_cards(page)) == matched


def narrowed_to(page: Any, **filters: Any) -> int:
    """What the API says of the filters that the page should have."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    board = get(page, f"/api/segments/discovered/dashboard?{query}")
    return int(board["portrait"]["kpis"]["customers"])


@pytest.mark.req("O-1")
@pytest.mark.req("O-3")
@pytest.mark.req("O-4")
@pytest.mark.req("O-5")
@pytest.mark.req("O-8")
def test_from_the_menu_to_the_rule_of_a_segment(grocery: Installation, page: Any) -> None:
    sign_in(page, grocery.url)
    page.get_by_role("navigation").get_by_role("link", name="Segmentation", exact=True).click()
    page.get_by_role("heading", name="Segmentation", level=1).wait_for()
    everybody = narrowed_to(page)
    shows(page, everybody, everybody)
    assert len(on_cards(page)) == len(get(page, "/api/segments/discovered/dashboard")["cards"]) > 2
    expect(page.get_by_text("Suggested campaign").first).to_be_visible()
    for chart in ("Share of customers", "Spend by category", "Customers by outlet", "Days since the last purchase"):
        expect(page.get_by_role("img", name=chart)).to_be_visible()
    shot(page, STORY, "dashboard")

    page.evaluate("window.notReloaded = true")
    narrow_by_each_kind(page, everybody)
    assert page.evaluate("window.notReloaded")
    one, two = (narrowed_to(page, **NARROW, outlets=names) for names in ("Galle", "Galle&outlets=Kandy"))
    url = page.url
    page.reload()
    shows(page, two, everybody)
    assert page.url == url
    expect(page.get_by_role("button", name="Outlet: Galle +1")).to_be_visible()
    page.go_back()
    shows(page, one, everybody)
    page.goto(f"{grocery.url}/segmentation?age_from=120")
    expect(page.get_by_role("heading", name=NO_MATCH)).to_be_visible()
    page.get_by_role("button", name="Remove all filters").first.click()
    shows(page, everybody, everybody)
    without_defects(page)

    page.goto(f"{grocery.url}/segmentation?categories=%5B%22fresh%22%5D")
    shows(page, narrowed_to(page, categories="fresh"), everybody)
    first = page.get_by_role("list", name="Segments", exact=True).locator("> li").first
    name = first.get_by_role("link").inner_text()
    size = on_cards(page)[0]
    first.get_by_role("link").click()
    page.get_by_role("heading", name=name, level=1).wait_for()
    expect(page.get_by_text(re.compile(rf"^{size:,} of [\d,]+ customers$"))).to_be_visible()
    assert "categories" in page.url
    for part in ("What sets it apart", "Recommended campaign", "Readable rule", "Expected reach by email"):
        expect(page.get_by_role("heading", name=part)).to_be_visible()
    expect(page.get_by_role("list", name="Expected reach by email")).to_contain_text(f"{size:,}")
    shot(page, STORY, "detail")
    without_defects(page)
    compare(page, name)
    page.go_back()
    page.get_by_role("link", name=re.compile("in the rule builder")).click()
    page.get_by_role("heading", name="Create segment", level=1).wait_for()
    expect(page.get_by_text(re.compile(r"customers? matched")).first).to_be_visible()
    expect(page.get_by_role("button", name="Save segment")).to_be_visible()
    shot(page, STORY, "rule")


def narrow_by_each_kind(page: Any, everybody: int) -> None:
    """Age, outlets, categories and last purchase, one after the other: counts and cards follow."""
    page.get_by_role("button", name="Age", exact=True).click()
    youngest = page.get_by_role("slider", name="Youngest")
    least = int(youngest.get_attribute("aria-valuenow"))
    for _ in range(12):
        youngest.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(f"age_from={least + 12}"))
    older = narrowed_to(page, age_from=least + 12)
    shows(page, older, everybody)
    page.get_by_role("button", name="Remove all filters").click()
    page.get_by_role("button", name="Last purchase", exact=True).click()
    page.get_by_role("button", name="within 30 days").click()
    recent = narrowed_to(page, last_within=30)
    shows(page, recent, everybody)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Category", exact=True).click()
    page.get_by_role("checkbox", name="luxury").check()
    page.keyboard.press("Escape")
    shows(page, narrowed_to(page, **NARROW), everybody)
    page.get_by_role("button", name="Outlet", exact=True).click()
    page.get_by_role("checkbox", name="Galle").check()
    page.get_by_role("checkbox", name="Kandy").check()
    page.keyboard.press("Escape")
    two = narrowed_to(page, **NARROW, outlets="Galle&outlets=Kandy")
    shows(page, two, everybody)
    assert two < recent < everybody > older


def compare(page: Any, name: str) -> None:
    """The segment beside another one."""
    page.get_by_role("link", name="Compare", exact=True).click()
    page.get_by_role("heading", name="Compare two segments", level=1).wait_for()
    page.get_by_role("combobox", name="Second segment").click()
    page.get_by_role("option").and_(page.locator(":not([data-combobox-disabled])")).last.click()
    settle(page)
    numbers = page.get_by_role("table", name="Numbers of both segments")
    expect(numbers.get_by_role("columnheader", name=name)).to_be_visible()
    expect(page.get_by_text("Nobody is in both")).to_be_visible()
    shot(page, STORY, "compare")
    without_defects(page)
    page.go_back()


def without_defects(page: Any) -> None:
    """In both schemes and widths."""
    for scheme, width in LOOKS:
        look(page, scheme, width)
        assert defects(page) == []
    look(page, "light", 1440)
