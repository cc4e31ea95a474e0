"""The list of imports: all of them, page by page."""

from __future__ import annotations

import pytest

from ceap.accounts.contracts import SYSTEM
from ceap.connectors import actions
from tests import actors
from tests.segments.people import Browser

pytestmark = pytest.mark.django_db


def test_every_import_is_listed_newest_first_page_by_page() -> None:
    made = [str(actions.upload(SYSTEM, "customers", f"{n}.csv", [b"email\na@x.test\n"]).pk) for n in range(5)]
    browser = Browser(actors.user("Ada"))
    seen, cursor = [], ""
    for size in (2, 2, 1):
        page = browser.get(f"/api/connectors/imports?limit=2{cursor}").json()
        assert (len(page["items"]), page["total"]) == (size, 5)
        seen += [row["id"] for row in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert (seen, page["next"]) == (made[::-1], None)
