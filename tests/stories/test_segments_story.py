"""The pages of segments: built, listed, copied, looked at, sent to; each quoted sentence as quoted."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from tests.stories.installations import Installation
from tests.stories.screen import choose, get, send, shot, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]
NOBODY = "No customers match your filters. Recheck the filters you have applied and refresh."


@pytest.mark.req("S-3")
@pytest.mark.req("S-4")
@pytest.mark.req("S-5")
@pytest.mark.req("S-6")
@pytest.mark.req("S-9")
@pytest.mark.timeout(600)
def test_a_segment_is_built_in_two_steps_within_its_limits(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    page.goto(f"{demo.url}/customers")
    page.get_by_role("link", name="All filter").click()
    page.get_by_label("Segment name").fill("x" * 70)
    expect(page.get_by_text("60/60")).to_be_visible()
    expect(page.get_by_text("0/250")).to_be_visible()
    page.get_by_label("Segment name").fill("Pages of segments")
    page.get_by_role("button", name="Continue to the rules").click()
    group = page.get_by_role("group", name="Group 1").first
    choose(page, group, "Field", "Purchased")
    group.get_by_label("Times").fill("900000")
    expect(page.get_by_text(re.compile(r"Filter results from [\d,]+ customers"))).to_be_visible()
    expect(page.get_by_text(NOBODY)).to_be_visible()
    group.get_by_label("Times").fill("2")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_text(re.compile(r"purchased at least twice"))).to_be_visible()
    expect(preview.get_by_text("customers matched")).to_be_visible()
    for _ in range(2):
        group.get_by_role("button", name="Add condition").click()
    add = group.get_by_role("button", name="Add condition")
    expect(add).to_have_attribute("aria-disabled", "true")
    expect(add).to_have_attribute("aria-description", "A group has at most 3 conditions.")
    page.get_by_role("button", name="Add group").click()
    more = page.get_by_role("button", name="Add group")
    expect(more).to_have_attribute("aria-description", "A rule has at most 2 groups.")
    before = get(page, "/api/segments")["total"]
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url(re.compile(r"/segments$"))
    assert get(page, "/api/segments")["total"] == before
    page.get_by_role("link", name="Create segment").first.click()
    expect(page.get_by_label("Segment name")).to_have_value("")
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url(re.compile(r"/segments$"))


@pytest.mark.req("S-7")
@pytest.mark.req("S-8")
@pytest.mark.req("S-10")
@pytest.mark.req("S-11")
@pytest.mark.req("S-12")
@pytest.mark.req("S-13")
@pytest.mark.timeout(600)
def test_a_segment_is_found_copied_looked_at_and_sent_to(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    first = get(page, "/api/segments")["items"][-1]
    page.goto(f"{demo.url}/segments?q={first['name'][:5].upper()}")
    page.get_by_role("button", name=f"Actions for {first['name']}").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    page.wait_for_url(re.compile(r"/edit$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Edit Copy of {first['name']}")
    copy = page.url.split("/")[-2]
    page.goto(f"{demo.url}/segments/{copy}")
    expect(page.get_by_text("Ready", exact=True).first).to_be_visible()
    for label in ("Total matched", "Reach", "WhatsApp", "Email", "Last updated"):
        expect(page.get_by_text(label, exact=True).first).to_be_visible()
    for column in ("Customer", "Source", "Last activity", "Added by"):
        expect(page.get_by_role("columnheader", name=column)).to_be_visible()
    one = get(page, f"/api/segments/{copy}")
    page.get_by_role("tab", name="Performance").click()
    for what in ("By source", "By domicile", "By age", "By gender"):
        rows = page.get_by_role("table", name=f"{what}: counts and shares").get_by_role("row")
        expect(rows.nth(1)).to_be_visible()
        cells = [row.split("\t") for row in rows.all_inner_texts()[1:]]
        assert sum(int(cell[1].replace(",", "")) for cell in cells) == one["size"]
        assert round(sum(float(cell[2].split()[0]) for cell in cells), 1) == 100
    page.get_by_role("button", name="Send campaign").click()
    dialog = page.get_by_role("dialog", name="Send campaign")
    dialog.get_by_label("WhatsApp").check()
    words = f"{one['whatsapp']['count']:,} of {one['size']:,} matched customers have filled phone numbers"
    expect(dialog.get_by_text(words)).to_be_visible()
    dialog.get_by_label("Email").check()
    words = f"{one['email']['count']:,} of {one['size']:,} matched customers have filled email"
    expect(dialog.get_by_text(words)).to_be_visible()
    dialog.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/campaigns/[0-9a-f-]{36}"))
    made = get(page, f"/api/campaigns/{page.url.split('/')[-1].split('?')[0]}")
    assert (made["segment"]["id"], made["channel"], made["status"]) == (copy, "email", "draft")
    _variables_are_mapped(demo, page, made["id"])
    page.goto(f"{demo.url}/segments/{copy}?tab=used-by")
    row = page.get_by_role("table", name="Used by").get_by_role("row").filter(has_text=made["name"])
    expect(row).to_contain_text("Draft")
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("table", name="Who changed what")).to_contain_text("Created")
    built = date.fromisoformat(get(page, f"/api/segments/{copy}/history")["days"][-1]["day"])  # the organisation's
    page.get_by_role("textbox", name="Members on").click()
    page.get_by_role("button", name=f"{built.day} {built:%B %Y}", exact=True).click()
    days = page.get_by_role("region", name="Members on a date")
    expect(days.get_by_role("columnheader", name="Customer")).to_be_visible()
    expect(days.get_by_text(re.compile(rf"shown of {one['size']:,}$"))).to_be_visible()


def _variables_are_mapped(demo: Installation, page: Any, campaign: str) -> None:
    """An email without variables shows no mapping; with some, each is named until it has a field or a fallback."""
    from playwright.sync_api import expect

    plain = send(page, "POST", "/api/content/templates", {"name": "Plain words", "starter": "welcome"})
    open_ = send(page, "POST", "/api/content/templates", {"name": "Open words", "starter": "welcome"})
    source = open_["current"]["source"]
    source["blocks"].insert(0, {"id": "open", "type": "text", "html": "<p>Dear {{ name }}, take {{1}}.</p>"})
    body = {"base": 1, "subject": "For {{ name }}", "preheader": "", "source": source}
    send(page, "POST", f"/api/content/templates/{open_['id']}/versions", body)
    page.goto(f"{demo.url}/campaigns/{campaign}?step=message")
    mapping = page.get_by_role("region", name="Template variables")
    mail = page.frame_locator("iframe[title='The email']")
    choose(page, page, "Email template", f"{plain['name']} · version 1")
    expect(mail.get_by_text("Good to have you with us")).to_be_visible()
    expect(mapping).to_have_count(0)
    choose(page, page, "Email template", "Open words · version 2")
    expect(mapping).to_contain_text("Not mapped yet: 1, name")
    page.get_by_role("button", name="Save and continue").click()
    checks = page.get_by_role("region", name="Checks")
    page.goto(f"{demo.url}/campaigns/{campaign}?step=check")
    for name in ("1", "name"):
        expect(checks).to_contain_text(
            f"The variable “{name}” is not mapped: choose a field for it, or write a fallback that everybody gets."
        )
    checks.get_by_role("listitem").filter(has_text="“name” is not mapped").get_by_role("button").click()
    mapping.get_by_role("button", name="Use “Full name”").click()
    first, named = (mapping.get_by_role("group", name=re.compile(rf"{{{{ {name} }}}}")) for name in ("1", "name"))
    expect(named.get_by_role("combobox", name="Field")).to_have_value("Full name")
    field = first.get_by_role("combobox", name="Field")
    field.fill("provin")
    expect(page.get_by_role("option")).to_have_text(["Province"])
    page.get_by_role("option", name="Province").click()
    first.get_by_label("Fallback").fill("the 20 % off")
    named.get_by_label("Fallback").fill("friend")
    expect(mapping).to_contain_text("Every variable is mapped.")
    somebody = mail.get_by_text(re.compile(r"^Dear \w.+, take .+\.$"))
    expect(somebody).to_be_visible()
    expect(mail.get_by_text("[name]")).to_have_count(0)
    shot(page, "segments", "template-variables")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{demo.url}/campaigns/{campaign}?step=check")
    expect(checks).to_contain_text("Every variable of the email is mapped.")
    fills = get(page, f"/api/campaigns/{campaign}")["mapping"]
    assert (fills["1"]["path"], fills["name"]["fallback"]) == ("customer.province", "friend")


@pytest.mark.req("S-13")
@pytest.mark.timeout(600)
def test_a_whatsapp_campaign_is_drafted_and_says_that_it_cannot_be_sent(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    one = get(page, "/api/segments")["items"][-1]
    page.goto(f"{demo.url}/segments/{one['id']}")
    page.get_by_role("button", name="Send campaign").click()
    dialog = page.get_by_role("dialog", name="Send campaign")
    dialog.get_by_label("WhatsApp").check()
    plainly = "A WhatsApp campaign can be drafted, not sent yet"
    expect(dialog).to_contain_text(plainly)
    dialog.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/campaigns/[0-9a-f-]{36}"))
    key = page.url.split("/")[-1].split("?")[0]
    made = get(page, f"/api/campaigns/{key}")
    assert (made["channel"], made["segment"]["id"]) == ("whatsapp", one["id"])
    page.get_by_role("tab", name=re.compile("Message")).click()
    expect(page.get_by_text(plainly)).to_be_visible()
    page.get_by_role("tab", name=re.compile("Check")).click()
    expect(page.get_by_role("button", name="Launch")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("region", name="Checks")).to_contain_text("WhatsApp is not connected in this installation")
    send(page, "DELETE", f"/api/campaigns/{key}")


@pytest.mark.req("S-13")
@pytest.mark.timeout(600)
def test_where_none_can_be_reached_a_campaign_is_not_continued(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    empty = {"kind": "field", "field": "email", "operator": "is_empty", "value": None}
    rule = {"join": "and", "groups": [{"join": "and", "conditions": [empty]}]}
    key = send(page, "POST", "/api/segments", {"name": "Without an address", "rule": rule})["id"]
    page.goto(f"{demo.url}/segments/{key}")
    expect(page.get_by_text("Ready", exact=True).first).to_be_visible()
    size = get(page, f"/api/segments/{key}")["size"]
    page.get_by_role("button", name="Send campaign").click()
    dialog = page.get_by_role("dialog", name="Send campaign")
    dialog.get_by_label("Email").check()
    expect(dialog.get_by_text(f"0 of {size:,} matched customers have filled email")).to_be_visible()
    proceed = dialog.get_by_role("button", name="Continue")
    expect(proceed).to_have_attribute("aria-disabled", "true")
    expect(proceed).to_have_attribute("aria-description", "None of the matched customers have an email address.")
    send(page, "POST", f"/api/segments/{key}/archive")


@pytest.mark.timeout(600)
def test_a_segment_is_made_from_a_list_compared_and_shown_with_its_customers(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    people = [one for one in get(page, "/api/customers?limit=50")["items"] if one["email"]][:3]
    known = [one["email"] for one in people]
    ids = "\n".join(["mail", *known, known[0], "nobody@example.test"])
    page.goto(f"{demo.url}/segments")
    page.get_by_role("link", name="From a list").click()
    page.get_by_label("Segment name").fill("Guests of the evening")
    page.locator("input[type=file]").set_input_files({"name": "g.csv", "mimeType": "text/csv", "buffer": ids.encode()})
    told = page.get_by_role("region", name="Whom the list names")
    expect(told.get_by_role("row").filter(has_text="nobody@example.test")).to_contain_text("names no customer")
    expect(told).to_have_text(re.compile(r"Rows5Customers found3Duplicates1Not found1"))
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Guests of the evening")
    expect(page.get_by_text("Ready", exact=True).first).to_be_visible()
    expect(page.get_by_text("Customers of an uploaded list")).to_be_visible()
    page.get_by_role("button", name="More", exact=True).click()
    copying = page.get_by_role("menuitem", name="Duplicate")
    expect(copying).to_have_attribute("aria-disabled", "true")
    expect(copying).to_contain_text("An uploaded list has no rule to copy; upload it again under another name.")
    expect(page.get_by_role("menuitem", name="Recalculate now")).to_contain_text("An uploaded list has nothing to")
    page.keyboard.press("Escape")
    made, other = page.url.split("/")[-1], get(page, "/api/segments?limit=50")["items"][-1]
    page.goto(f"{demo.url}/segments/compare?ids={made},{other['id']}")
    expect(page.get_by_role("table", name="Two by two").get_by_role("row")).to_have_count(4)
    anybody = page.get_by_role("row").filter(has_text="In at least one of them")
    size = get(page, f"/api/segments/{other['id']}")["size"]
    assert size <= int(anybody.inner_text().split("\t")[1].split()[0].replace(",", "")) <= size + 3
    anybody.get_by_role("button").click()
    page.get_by_role("menuitem", name="Save as segment").click()
    page.get_by_role("dialog").get_by_label("Segment name").fill("Guests or others")
    page.get_by_role("dialog").get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Guests or others")
    page.goto(f"{demo.url}/customers/{people[0]['id']}")
    expect(page.get_by_role("navigation", name="In segments").get_by_text("Guests of the evening")).to_be_visible()
