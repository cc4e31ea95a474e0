"""Fields of one's own: a file, a signature and a point are added, put in order, filled in and used in a rule."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.stories.installations import Installation
from tests.stories.screen import choose, get, sign_in

pytestmark = [pytest.mark.story, pytest.mark.slow]
FIELDS = {"Contract": "File", "Agreement": "Signature", "Workshop": "Point (GPS)"}


@pytest.mark.req("S-1")
@pytest.mark.timeout(600)
def test_a_file_a_signature_and_a_point_are_kept_and_found(demo: Installation, page: Any) -> None:
    from playwright.sync_api import expect

    sign_in(page, demo.url)
    page.goto(f"{demo.url}/customers/fields")
    for label, kind in FIELDS.items():
        page.get_by_role("button", name="Add field").click()
        dialog = page.get_by_role("dialog", name="Add field")
        dialog.get_by_label("Label").fill(label)
        choose(page, dialog, "Type", kind)
        dialog.get_by_role("button", name="Save field").click()
        expect(dialog).to_be_hidden()
    rows = page.get_by_role("table", name="Own fields").get_by_role("row")
    expect(rows.nth(-1)).to_contain_text("Workshop")
    handle = page.get_by_role("button", name=re.compile("^Move Workshop: drag it"))
    handle.press("ArrowUp")
    expect(rows.nth(-1)).to_contain_text("Agreement")
    handle.drag_to(rows.nth(-1))
    expect(rows.nth(-1)).to_contain_text("Workshop")
    page.reload()
    expect(rows.nth(-1)).to_contain_text("Workshop")

    someone = get(page, "/api/customers?limit=1")["items"][0]
    page.context.grant_permissions(["geolocation"], origin=demo.url)
    page.context.set_geolocation({"latitude": 6.9271, "longitude": 79.8612})
    page.goto(f"{demo.url}/customers/{someone['id']}")
    contract = page.get_by_role("group", name="Contract")
    with page.expect_file_chooser() as chooser:
        contract.get_by_role("button", name="Add a file").click()
    chooser.value.set_files({"name": "contract.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 a contract"})
    link = contract.get_by_role("link", name="contract.pdf")
    assert page.request.get(demo.url + str(link.get_attribute("href"))).body() == b"%PDF-1.7 a contract"

    agreement = page.get_by_role("group", name="Agreement")
    expect(agreement).to_contain_text("Not signed")
    agreement.get_by_role("button", name="Sign", exact=True).click()
    sheet = page.get_by_role("img", name="Sheet to sign on")
    box = sheet.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 90)
    page.mouse.down()
    for x, y in ((120, 30), (160, 120), (240, 50), (330, 100)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Save signature").click()
    expect(agreement).to_contain_text(re.compile(r"Signed .+\d{4}"))
    expect(agreement.get_by_role("img", name="Signature")).to_be_visible()

    workshop = page.get_by_role("group", name="Workshop")
    workshop.get_by_label("Latitude").fill("96")
    workshop.get_by_label("Longitude").fill("79.8612")
    expect(page.get_by_text("The latitude lies between −90 and 90.")).to_be_visible()
    workshop.get_by_role("button", name="Use my position").click()
    expect(workshop.get_by_label("Latitude")).to_have_value("6.927100")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(workshop.get_by_label("Latitude")).to_have_value("6.9271")
    expect(workshop.get_by_role("link", name="Show on a map")).to_have_attribute(
        "href", "https://www.openstreetmap.org/?mlat=6.9271&mlon=79.8612#map=16/6.9271/79.8612"
    )

    page.goto(f"{demo.url}/segments/new")
    page.get_by_label("Segment name").fill("Signed at the workshop")
    page.get_by_role("button", name="Continue to the rules").click()
    group = page.get_by_role("group", name="Group 1").first
    for place, label in enumerate(FIELDS):
        if place:
            group.get_by_role("button", name="Add condition").click()
        for box, option in (("Field", label), ("Operator", "is not empty")):
            group.get_by_role("combobox", name=box).nth(place).click()
            page.get_by_role("option", name=option, exact=True).click()
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_text("customer matched", exact=True)).to_be_visible()
    expect(preview.get_by_role("link", name=someone["name"])).to_be_visible()
