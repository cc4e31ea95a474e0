"""Several segments beside each other: exact numbers, within what one may see; and members as a file."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import User
from ceap.core import bitmaps
from ceap.customers import actions as customer_actions
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.segments import actions, queries
from ceap.segments.contracts import Build, Cause, Kind, Selection
from ceap.segments.models import MembershipVersion, Segment
from ceap.segments.queries import algebra
from tests import actors
from tests.segments.people import Browser

pytestmark = pytest.mark.django_db


def holding(*people: int, name: str = "S", owner: User | None = None) -> Segment:
    """A segment with these members."""
    one = Segment.objects.create(name=name, kind=Kind.STATIC, created_at=now(), updated_at=now(), created_by=owner)
    one.current = MembershipVersion.objects.create(
        segment=one, number=1, rule={}, rule_version=1, cause=Cause.UPLOAD, state=Build.READY, email=0, whatsapp=0,
        bitmap=bitmaps.pack(BitMap(people)), size=len(people), total=len(people), data_as_of=now(), created_at=now(),
        ready_at=now(),
    )  # fmt: skip
    one.save()
    return one


@pytest.fixture
def ada() -> User:
    return actors.user()


@pytest.fixture
def browser(ada: User) -> Browser:
    return Browser(ada)


def made(count: int, **values: Any) -> list[int]:
    return [customer_actions.create(SYSTEM, {"customer_id": f"K-{uuid7()}", **values}).pk for _ in range(count)]


@given(st.lists(st.frozensets(st.integers(0, 40)), min_size=2, max_size=4), st.data())
@settings(max_examples=60)
def test_selections_are_what_sets_say(given_sets: list[frozenset[int]], data: st.DataObject) -> None:
    ids = [UUID(int=n) for n in range(len(given_sets))]
    sets = {one: BitMap(members) for one, members in zip(ids, given_sets, strict=True)}
    inside = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    outside = tuple(one for one in ids if one not in inside)
    plain = dict(zip(ids, given_sets, strict=True))
    for join, of in (("and", frozenset.intersection), ("or", frozenset.union)):
        expected = of(*(plain[one] for one in inside)).difference(*(plain[one] for one in outside))
        assert set(algebra._chosen(sets, Selection(tuple(inside), outside, join))) == expected
    assert {one: set(members) for one, members in sets.items()} == {one: set(m) for one, m in plain.items()}


def test_each_customer_is_in_one_region_and_pairs_add_up(browser: Browser) -> None:
    a, b, c, d, e, f = made(6)
    one, two, three = holding(a, b, c, d, name="One"), holding(c, d, e, name="Two"), holding(d, f, name="Three")
    ids = [str(s.pk) for s in (one, two, three)]
    found = browser.ask("POST", "/compare", {"segments": ids})
    counts = {tuple(ids.index(i) for i in region["inside"]): region["count"] for region in found["regions"]}
    assert counts == {(0,): 2, (1,): 1, (0, 1): 1, (2,): 1, (0, 2): 0, (1, 2): 0, (0, 1, 2): 1}
    assert (found["everywhere"]["count"], found["anywhere"]["count"]) == (1, 6) == (1, sum(counts.values()))
    first = found["pairs"][0]
    assert [first[part]["count"] for part in ("both", "first", "second")] == [2, 2, 1]
    assert [(s["name"], s["size"], s["seen"]) for s in found["segments"]] == [
        ("One", 4, 4), ("Two", 3, 3), ("Three", 2, 2),
    ]  # fmt: skip
    assert found["note"] == ""


def test_what_cannot_be_compared_is_said(browser: Browser) -> None:
    one = holding(1)
    waiting = Segment.objects.create(name="New", created_at=now(), updated_at=now())
    browser.ask("POST", "/compare", {"segments": [str(one.pk), str(one.pk)]}, expect=422)
    browser.ask("POST", "/compare", {"segments": [str(one.pk), str(uuid7())]}, expect=404)
    said = browser.ask("POST", "/compare", {"segments": [str(one.pk), str(waiting.pk)]}, expect=409)
    assert "“New” is still being calculated" in said["detail"]


@pytest.mark.req("S-14")
def test_counts_and_files_hold_only_customers_whom_one_may_see(ada: User) -> None:
    bo = actors.user("Bo", customers_view=Level.OWNED)
    own, others = made(2, owner=bo.pk), made(3)
    one, two = holding(*own, *others), holding(own[0], others[0])
    found = Browser(bo).ask("POST", "/compare", {"segments": [str(one.pk), str(two.pk)]})
    assert [(s["size"], s["seen"]) for s in found["segments"]] == [(5, 2), (2, 1)]
    assert found["everywhere"]["count"] == 1
    assert found["anywhere"]["count"] == 2
    assert found["note"].startswith("You see a part of these segments: only customers you own.")
    assert set(queries.selected(actors.actor_of(bo), Selection((one.pk,)))) == set(own)  # type: ignore[attr-defined]


def exported(browser: Browser, body: dict[str, Any]) -> bytes:
    job = browser.ask("POST", "/exports", body, expect=202)["job"]
    jobs.run(job)
    answer = browser.get(f"/api/customers/exports/{job}/file")
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_members_are_exported_without_formulas(browser: Browser) -> None:
    a = customer_actions.create(SYSTEM, {"customer_id": "C-1", "full_name": "=HYPERLINK(1)"}).pk
    b = customer_actions.create(SYSTEM, {"customer_id": "C-2", "full_name": "Bo"}).pk
    one, two = holding(a, b), holding(b)
    body = {"inside": [str(one.pk)], "outside": [str(two.pk)], "format": "csv"}
    rows = list(csv.DictReader(io.StringIO(exported(browser, body).decode("utf-8-sig"))))
    assert [(row["Customer ID"], row["Full name"]) for row in rows] == [("C-1", "'=HYPERLINK(1)")]
    book = openpyxl.load_workbook(io.BytesIO(exported(browser, {"inside": [str(one.pk)], "format": "xlsx"})))
    cells = {cell.value: cell.data_type for line in book.active.iter_rows() for cell in line}
    assert cells["=HYPERLINK(1)"] == "s"
    assert {"C-1", "C-2"} <= cells.keys()
    nobody = {"inside": [str(two.pk)], "outside": [str(one.pk)], "format": "csv"}
    assert browser.ask("POST", "/exports", nobody, expect=409)["detail"] == "There is nobody to export."


def test_an_export_has_the_rights_of_whoever_asked_for_it(ada: User) -> None:
    bo = actors.user("Bo", customers_view=Level.OWNED)
    [own], [other] = made(1, owner=bo.pk), made(1)
    browser, one = Browser(bo), holding(own, other)
    lines = exported(browser, {"inside": [str(one.pk)], "format": "csv"}).decode().splitlines()
    assert len(lines) == 2
    assert actions.write_members(SYSTEM, Selection((one.pk,)), "csv", "all.csv", lambda done, total: None)["rows"] == 2


def test_a_customers_segments_are_those_that_hold_them_and_that_one_may_see(browser: Browser, ada: User) -> None:
    a, b = made(2)
    bo = actors.user("Bo", customers_segment_view=Level.OWNED)
    mine = holding(a, name="Mine", owner=bo)
    holding(a, b, name="All")
    Segment.objects.filter(pk=holding(a, name="Old").pk).update(archived_at=now())
    assert [one["name"] for one in browser.ask("GET", f"/with/{a}")["items"]] == ["All", "Mine"]
    assert [one["name"] for one in browser.ask("GET", f"/with/{b}")["items"]] == ["All"]
    assert browser.ask("GET", "/with/999999", expect=404)
    assert Browser(bo).ask("GET", f"/with/{a}") == {"items": [{"id": str(mine.pk), "name": "Mine"}], "total": 1}
    customer_actions.merge(SYSTEM, b, a)
    assert [one["name"] for one in browser.ask("GET", f"/with/{a}")["items"]] == ["All"]
