"""Segments that are archived, waiting, failed or old, found by when they were made, seen by those who may."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pysqlite3 import dbapi2 as sqlite

from ceap.kit import clock
from ceap.segments.contracts import NOT_READY
from tests.stories.installations import Installation
from tests.stories.screen import get, person, send, shot, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]
CAME_BY_REFERRAL = {"kind": "field", "field": "source", "operator": "is", "value": "Referral"}
RULE = {"join": "and", "groups": [{"join": "and", "conditions": [CAME_BY_REFERRAL]}]}


def made(page: Any, name: str, rule: Any = RULE) -> str:
    """A new segment that is ready."""
    key = str(send(page, "POST", "/api/segments", {"name": name, "rule": rule})["id"])
    deadline = time.monotonic() + 30
    while get(page, f"/api/segments/{key}")["status"] != "ready":
        assert time.monotonic() < deadline, "it did not turn ready"
        time.sleep(0.1)
    return key


def written(home: Path, statement: str, *values: object) -> int:
    """How many rows of the store a statement changed: what a test cannot wait for, it writes."""
    with closing(sqlite.connect(str(home / "store.sqlite3"), timeout=20)) as store, store:
        return int(store.execute(statement, values).rowcount)


def newest(home: Path, segment: str, **changes: object) -> None:
    """Change the newest membership version of a segment."""
    names = ", ".join(f"{name} = ?" for name in changes)
    last = "id = (SELECT id FROM segments_membershipversion WHERE segment_id = ? ORDER BY number DESC LIMIT 1)"
    statement = f"UPDATE segments_membershipversion SET {names} WHERE {last}"
    assert written(home, statement, *changes.values(), UUID(segment).hex) == 1


def stamp(ago: timedelta) -> str:
    return (clock.now() - ago).strftime("%Y-%m-%d %H:%M:%S.%f")


@contextmanager
def nobody_recalculates(home: Path) -> Iterator[None]:
    """Hold the lease under which memberships are published, as another process would, while the block runs."""
    hold = "UPDATE segments_lease SET token = 'story', owner = 'build', until = ? WHERE until < ?"
    deadline = time.monotonic() + 30
    while not written(home, hold, stamp(-timedelta(hours=1)), stamp(timedelta())):
        assert time.monotonic() < deadline, "the lease was never free"
        time.sleep(0.05)
    try:
        yield
    finally:
        assert written(home, "UPDATE segments_lease SET until = '2000-01-01 00:00:00' WHERE token = 'story'") == 1


@pytest.mark.req("S-8")
@pytest.mark.req("S-10")
@pytest.mark.timeout(600)
def test_an_archived_segment_leaves_the_active_lists_and_comes_back(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    key = made(page, "To be archived")
    page.goto(f"{demo.url}/segments")
    row = page.get_by_role("row", name=re.compile("To be archived"))
    row.get_by_role("button", name="Actions for To be archived").click()
    page.get_by_role("menuitem", name="Archive", exact=True).click()
    asked = page.get_by_role("dialog", name="Archive this segment?")
    asked.get_by_role("button", name="Cancel").click()
    expect(asked).to_have_count(0)
    expect(row).to_be_visible()
    row.get_by_role("button", name="Actions for To be archived").click()
    page.get_by_role("menuitem", name="Archive", exact=True).click()
    asked.get_by_role("button", name="Archive").click()
    expect(row).to_have_count(0)
    page.goto(f"{demo.url}/customers")
    expect(page.get_by_role("link", name="Loyal WhatsApp buyers").first).to_be_visible()
    expect(page.get_by_role("link", name="To be archived")).to_have_count(0)

    page.goto(f"{demo.url}/segments")
    page.get_by_role("radiogroup", name="Which segments").get_by_text("Archived").click()
    expect(row).to_contain_text("Archived")
    shot(page, "segments", "archived")
    row.get_by_role("link", name="To be archived").click()
    expect(page.get_by_text("Total matched", exact=True)).to_be_visible()
    expect(page.get_by_text("Last updated", exact=True)).to_be_visible()
    for reachability in ("WhatsApp", "Email"):
        expect(page.locator("main").get_by_text(reachability, exact=True)).to_have_count(0)
    unsendable = page.get_by_role("button", name="Send campaign")
    expect(unsendable).to_have_attribute("aria-description", "This segment is archived; unarchive it first.")
    expect(page.get_by_role("table", name="Members").get_by_role("row").nth(1)).to_be_visible()
    shot(page, "segments", "archived-detail")

    page.goto(f"{demo.url}/segments?archived=true")
    row.get_by_role("button", name="Actions for To be archived").click()
    page.get_by_role("menuitem", name="Unarchive").click()
    expect(row).to_have_count(0)
    page.goto(f"{demo.url}/segments/{key}")
    expect(page.get_by_text("Ready", exact=True).first).to_be_visible()

    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("menuitem", name="Duplicate")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Delete")).to_have_count(0)
    send(page, "POST", f"/api/segments/{key}/archive")
    page.reload()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    asked = page.get_by_role("dialog", name="Delete this segment?")
    expect(asked).to_contain_text("“To be archived” is deleted with its history. This cannot be undone.")
    asked.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("To be archived")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    asked.get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile(r"/segments\?archived=true"))
    expect(row).to_have_count(0)
    assert page.context.request.get(f"{demo.url}/api/segments/{key}").status == 404


@pytest.mark.req("S-5")
@pytest.mark.req("S-10")
@pytest.mark.timeout(600)
def test_testing_one_customer_says_from_or_until_when_it_holds(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    month = {"kind": "field", "field": "created_at", "operator": "in_last", "value": {"count": 30, "unit": "days"}}
    key = made(page, "Made this month", {"join": "and", "groups": [{"join": "and", "conditions": [month]}]})
    one = get(page, f"/api/segments/{key}/members?limit=1")["items"][0]
    page.goto(f"{demo.url}/segments/{key}")
    page.get_by_role("combobox", name="Test one customer").fill(one["email"] or str(one["id"]))
    page.get_by_role("option", name=re.compile(rf"#{one['id']}$")).click()
    answer = page.get_by_role("status").filter(has_text=one["name"])
    expect(answer).to_contain_text(re.compile(r"matches\s*until \d+ \w+ \d{4}, \d\d:\d\d"))
    expect(answer.get_by_role("img", name="true")).to_be_visible()
    expect(answer).to_contain_text(re.compile(r"seen: .+ · true until \d+ \w+ \d{4}, \d\d:\d\d"))
    expect(answer).to_contain_text("These moments hold if nothing else happens.")
    shot(page, "segments", "test-one-customer")
    send(page, "POST", f"/api/segments/{key}/archive")


@pytest.mark.req("S-7")
@pytest.mark.timeout(600)
def test_the_index_is_narrowed_to_the_days_of_the_viewers_own_time_zone(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    names = ("Made just now", "Made last night", "Made days ago", "Made months ago")
    keys = {name: made(page, name) for name in names}
    with person(page.context.browser) as viewer:
        sign_in(viewer, demo.url, "analyst@demo.test")
        send(viewer, "PATCH", "/api/profile", {"time_zone": "Asia/Tokyo"})
        today = clock.now().astimezone(ZoneInfo("Asia/Tokyo")).replace(hour=0, minute=0, second=0, microsecond=0)
        ages = {"Made last night": 60, "Made days ago": 5 * 86_400 + 60, "Made months ago": 100 * 86_400}
        for name, seconds in ages.items():
            at = f"{today.astimezone(UTC) - timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S.%f}"
            assert written(
                demo.home, "UPDATE segments_segment SET created_at = ? WHERE id = ?", at, UUID(keys[name]).hex
            )

        def shown(*expected: str) -> None:
            for name in names:
                link = viewer.get_by_role("table", name="Segments").get_by_role("link", name=name)
                expect(link).to_have_count(1 if name in expected else 0)

        def period(preset: str) -> None:
            viewer.get_by_role("combobox", name="Created").click()
            viewer.get_by_role("option", name=preset, exact=True).click()

        viewer.goto(f"{demo.url}/segments?q=MADE")
        shown(*names)
        period("Today")
        shown("Made just now")
        period("Last 7 days")
        shown("Made just now", "Made last night", "Made days ago")
        period("Custom")
        choose = viewer.get_by_role("radiogroup", name="Period")
        choose.get_by_text("Day", exact=True).click()
        viewer.get_by_role("button", name="Created on").click()
        yesterday = today - timedelta(days=1)
        if yesterday.month != today.month:
            viewer.get_by_role("dialog").locator("button[data-direction=previous]").click()
        viewer.get_by_role("button", name=f"{yesterday.day} {yesterday:%B %Y}", exact=True).click()
        shown("Made last night")
        shot(viewer, "segments", "created-on")
        day = f"{today - timedelta(days=5):%Y-%m-%d}"
        viewer.goto(f"{demo.url}/segments?q=MADE&from={day}&to={today:%Y-%m-%d}")
        shown("Made just now", "Made last night")
        period("All time")
        shown(*names)
        search = viewer.get_by_role("searchbox", name="Search segments")
        search.fill("made m")
        shown("Made months ago")
        search.fill("xyzzy")
        expect(viewer.get_by_text("No segments found")).to_be_visible()
    for key in keys.values():
        send(page, "POST", f"/api/segments/{key}/archive")


@pytest.mark.req("S-11")
@pytest.mark.timeout(600)
def test_while_a_segment_is_not_ready_its_page_says_why_and_nothing_can_be_sent_to_it(
    demo: Installation, page: Any
) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    key = made(page, "States of a segment")
    draft = send(page, "POST", "/api/campaigns", {"name": "Waiting", "segment_id": key})["id"]
    notice = page.get_by_role("status").filter(has_text="still serves")
    badge = page.locator("main .mantine-Badge-root").first
    button = page.get_by_role("button", name="Send campaign")

    def refused(why: str) -> None:
        """The reason stands in the notice and on every button that would send."""
        expect(notice).to_contain_text(why)
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_attribute("aria-description", why)

    page.goto(f"{demo.url}/segments/{key}")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    expect(notice).to_have_count(0)
    with nobody_recalculates(demo.home):
        page.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("menuitem", name="Recalculate now").click()
        refused(NOT_READY)
        expect(notice).to_contain_text("It is next in the queue. Version 1 still serves.")
        expect(badge).to_have_text("Queued")
        shot(page, "segments", "queued")
        page.goto(f"{demo.url}/segments")
        page.get_by_role("button", name="Actions for States of a segment").click()
        item = page.get_by_role("menuitem", name="Send campaign")
        expect(item).to_have_attribute("aria-disabled", "true")
        expect(item).to_contain_text(NOT_READY)
        page.goto(f"{demo.url}/campaigns/{draft}?step=check")
        expect(page.get_by_role("region", name="Checks")).to_contain_text(NOT_READY)
        expect(page.get_by_role("button", name="Launch")).to_have_attribute("aria-description", NOT_READY)
        newest(demo.home, key, state="building", lease_token="story", lease_until=stamp(-timedelta(hours=1)))
        page.goto(f"{demo.url}/segments/{key}")
        refused(NOT_READY)
        expect(notice).to_contain_text("It has been calculated since")
        expect(badge).to_have_text("Building")
        shot(page, "segments", "building")
        page.get_by_role("button", name="Cancel recalculation").click()
        refused("The recalculation of this segment was cancelled; recalculate it first.")
        expect(notice).to_contain_text("Version 1 still serves.")
        expect(badge).to_have_text("Cancelled")
        shot(page, "segments", "cancelled")
        why = "The warehouse could not evaluate this rule."
        newest(demo.home, key, state="failed", error=why, lease_token="", lease_until=None)
    page.reload()
    refused(f"The last recalculation of this segment failed: {why}")
    expect(badge).to_have_text("Failed")
    shot(page, "segments", "failed")
    page.get_by_role("button", name="Retry").click()
    expect(notice).to_have_count(0)
    expect(badge).to_have_text("Ready")
    newest(demo.home, key, data_as_of=stamp(timedelta(hours=40)))
    page.reload()
    refused("The membership of this segment is older than a day; recalculate it first.")
    expect(badge).to_have_text("Stale")
    shot(page, "segments", "stale")
    page.get_by_role("button", name="Recalculate now").click()
    expect(notice).to_have_count(0)
    expect(badge).to_have_text("Ready")
    expect(button).not_to_have_attribute("aria-disabled", "true")


@pytest.mark.req("S-14")
@pytest.mark.req("S-15")
@pytest.mark.timeout(600)
def test_everybody_sees_the_segments_and_the_customers_that_are_theirs_to_see(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    key = made(page, "Seen by some")
    found = get(page, f"/api/segments/{key}")
    with person(page.context.browser) as agent:
        sign_in(agent, demo.url, "agent@demo.test")
        own = get(agent, f"/api/segments/{key}/members?limit=200")
        agent.goto(f"{demo.url}/segments/{key}")
        expect(agent.get_by_text("Total matched", exact=True).locator("xpath=../..")).to_contain_text(
            f"{found['size']:,}"
        )
        expect(agent.get_by_text(own["note"])).to_be_visible()
        assert 0 < own["seen"] == len(own["items"]) < found["size"]
        assert f"{own['seen']:,}" in own["note"]
        for verb in ("Send campaign", "Edit"):
            expect(agent.get_by_role("button", name=verb)).to_have_count(0)
        shot(agent, "segments", "agent")
    role = send(page, "POST", "/api/roles", {
        "name": "Own segments", "grants": {"customers_view": "all", "customers_segment_view": "owned"},
    })  # fmt: skip
    other = next(one for one in get(page, "/api/users")["items"] if one["email"] == "agent2@demo.test")
    send(page, "PATCH", f"/api/users/{other['id']}", {"role": role["id"]})
    with person(page.context.browser) as stranger:
        sign_in(stranger, demo.url, "agent2@demo.test")
        stranger.goto(f"{demo.url}/segments")
        expect(stranger.get_by_text("There are no segments yet")).to_be_visible()
        expect(stranger.get_by_role("link", name="Seen by some")).to_have_count(0)
        expect(stranger.get_by_role("link", name="Create segment")).to_have_count(0)
        stranger.goto(f"{demo.url}/segments/{key}")
        expect(stranger.get_by_role("heading", name="Seen by some")).to_have_count(0)
        expect(stranger.get_by_text("There is no such segment.")).to_be_visible()
        shot(stranger, "segments", "absent")
