"""A manager narrows a segment, exports it, finds it in History, makes it again, and tries again what failed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from playwright.sync_api import expect

from tests.stories.installations import Installation
from tests.stories.screen import LOOKS, defects, get, look, settle, shot, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]
STORY = "reports"
WORDS = "Age 25–45 · outlet Galle or Kandy"
FILTERS = "age_from=25&age_to=45&outlets=%5B%22Galle%22%2C%22Kandy%22%5D"
FAILED = "Export failed. Please try again later or contact support."


@contextmanager
def full_disk(home: Path) -> Iterator[None]:
    """Nothing can be written where reports are kept, as on a full disk."""
    away = home / "reports.away"
    (home / "reports").rename(away)
    (home / "reports").touch()
    yield
    (home / "reports").unlink()
    away.rename(home / "reports")


def export(page: Any, choice: str) -> Any:
    """Choose a line of the menu "Export report"; the dialog."""
    page.get_by_role("button", name="Export report").click()
    page.get_by_role("menuitem", name=choice).click()
    return page.get_by_role("dialog")


def close(dialog: Any) -> None:
    dialog.get_by_role("button", name="Close").first.click()
    dialog.wait_for(state="detached")


def downloaded(page: Any, link: Any) -> bytes:
    with page.expect_download() as waiting:
        link.click()
    return Path(waiting.value.path()).read_bytes()


def looked_at(page: Any, name: str) -> None:
    """A picture, and no defect in any scheme and width."""
    shot(page, STORY, name)
    for scheme, width in LOOKS:
        look(page, scheme, width)
        assert defects(page) == [], (name, scheme, width)
    look(page, "light", 1440)


@pytest.mark.req("O-6")
@pytest.mark.req("O-7")
@pytest.mark.req("O-9")
@pytest.mark.req("O-10")
def test_a_filtered_segment_is_exported_again_and_again(grocery: Installation, page: Any) -> None:
    sign_in(page, grocery.url, "manager@demo.test")
    board = get(page, "/api/segments/discovered/dashboard")
    segment, name = board["cards"][0]["segment"], board["cards"][0]["name"]
    here = f"{grocery.url}/segmentation/{segment}?{FILTERS}"
    page.goto(here)
    page.get_by_role("heading", name=name, level=1).wait_for()

    dialog = export(page, "PDF")
    expect(dialog.get_by_text("The report is ready")).to_be_visible()
    expect(dialog.get_by_text(WORDS)).to_be_visible()
    shot(page, STORY, "confirmation")
    whole = downloaded(page, dialog.get_by_role("link", name="Download"))
    text = "\n".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(whole)).pages)
    for words in (name, WORDS, "SYNTHETIC DATA", "Recommended campaign", "Expected reach by email"):
        assert words in text, text

    dialog.get_by_role("link", name="History").click()
    page.get_by_role("heading", name="Reports", level=1).wait_for()
    page.get_by_label("Search reports").fill("galle or kandy")
    row = page.get_by_role("row").filter(has_text=WORDS)
    expect(row).to_have_count(1)
    assert downloaded(page, row.get_by_role("link", name="Download")) == whole
    looked_at(page, "history")

    page.goto(here)
    dialog = export(page, "PDF")
    expect(dialog.get_by_text("Would you like to overwrite or create a new version?")).to_be_visible()
    dialog.get_by_role("button", name="New version").click()
    expect(dialog.get_by_text("Report, version 2")).to_be_visible()
    expect(dialog.get_by_text("The report is ready")).to_be_visible()
    close(dialog)
    dialog = export(page, "PDF")
    dialog.get_by_role("button", name="Overwrite").click()
    expect(dialog.get_by_text("The report is ready")).to_be_visible()
    close(dialog)
    kept = get(page, f"/api/reports?subject_id={segment}&format=pdf")["items"]
    assert [one["number"] for one in kept] == [2, 1]

    with full_disk(grocery.home):
        dialog = export(page, "Excel")
        expect(dialog.get_by_text(FAILED)).to_be_visible()
        shot(page, STORY, "failed")
    dialog.get_by_role("button", name="Retry").click()
    expect(dialog.get_by_text("The report is ready")).to_be_visible()
    book = openpyxl.load_workbook(io.BytesIO(downloaded(page, dialog.get_by_role("link", name="Download"))))
    detail = get(page, f"/api/segments/discovered/{segment}?age_from=25&age_to=45&outlets=Galle&outlets=Kandy")
    assert book["Customers"].max_row - 1 == detail["portrait"]["kpis"]["customers"]
    close(dialog)


@pytest.mark.req("O-6")
def test_a_report_is_scheduled_paused_and_deleted(grocery: Installation, page: Any) -> None:
    sign_in(page, grocery.url, "manager@demo.test")
    segment = get(page, "/api/segments/discovered/dashboard")["cards"][1]["segment"]
    page.goto(f"{grocery.url}/segmentation/{segment}?{FILTERS}")
    dialog = export(page, "Schedule…")
    looked_at(page, "schedule")
    dialog.get_by_role("button", name="Schedule", exact=True).click()
    expect(dialog.get_by_text("Every week on Monday at 08:00.")).to_be_visible()
    close(dialog)
    page.goto(f"{grocery.url}/reports?tab=scheduled")
    row = page.get_by_role("row").filter(has_text=WORDS)
    expect(row).to_contain_text("08:00")
    looked_at(page, "scheduled")
    row.get_by_role("button", name="Pause").click()
    expect(row.get_by_text("Paused")).to_be_visible()
    row.get_by_role("button", name="Resume").click()
    expect(row.get_by_role("button", name="Pause")).to_be_visible()
    row.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No scheduled reports")).to_be_visible()
    settle(page)
