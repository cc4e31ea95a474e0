"""Segments made from an uploaded list of ids."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import AuditEntry, User
from ceap.customers import actions as customer_actions
from ceap.jobs import actions as jobs
from ceap.jobs.actions import Progress
from ceap.jobs.models import Job
from ceap.kit import clock
from ceap.kit.ids import uuid7
from ceap.segments import actions, matching, queries
from ceap.segments.actions import lists
from ceap.segments.models import IdList, MembershipVersion, Segment
from tests import actors
from tests.segments.people import Browser, morning

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return actors.user()


@pytest.fixture
def browser(ada: User) -> Browser:
    return Browser(ada)


@pytest.fixture
def people() -> list[int]:
    """C-1 … C-4 with emails and phones."""
    return [
        customer_actions.create(
            SYSTEM, {"customer_id": f"C-{n}", "email": f"p{n}@example.test", "phone": f"+9477123450{n}"}
        ).pk
        for n in range(1, 5)
    ]


def send(browser: Browser, content: bytes | str, name: str = "ids.csv", expect: int = 201, **form: str) -> Any:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    answer = browser.post("/api/segments/lists", {"file": file, **form})
    assert answer.status_code == expect, answer.content
    return json.loads(answer.content)


def saved(browser: Browser, content: bytes | str, name: str = "VIPs") -> dict[str, Any]:
    listed = send(browser, content)
    return browser.ask("POST", f"/lists/{listed['id']}/segment", {"name": name}, expect=201)


def built(one: dict[str, Any]) -> set[int]:
    actions.build_pending(one["id"])
    version = queries.current(one["id"])
    assert version
    found = queries.members(version)
    assert version.size == len(found)
    return set(found)


def xlsx(*rows: tuple[Any, ...]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "column", "by"),
    [
        ("customer,city\nC-1,Galle\nC-3,Kandy\nC-9,Galle\nC-1,Galle\n", "ids.csv", "customer", "customer_id"),
        ("C-1\nC-3\nC-9\nC-1\n", "ids.txt", "Column 1", "customer_id"),
        ("C-9\nC-3\nC-1\nC-1\n", "ids.txt", "Column 1", "customer_id"),
        ("name;mail\nA;P1@Example.Test\nB; p3@example.test\nC;nobody@example.test\nD;p1@example.test\n", "e.csv",
         "mail", "email"),
        ("mobile\n(+94) 77-123-4501\n+94771234503\n0771239999\n+94 77 123 4501\n", "p.csv", "mobile", "phone"),
        (xlsx(("id",), ("C-1",), ("C-3",), ("C-9",), ("C-1",)), "ids.xlsx", "id", "customer_id"),
    ],
)  # fmt: skip
def test_a_list_is_matched_by_whatever_names_most(
    browser: Browser, people: list[int], content: Any, name: str, column: str, by: str
) -> None:
    found = send(browser, content, name)
    assert (found["column"], found["by"]) == (column, by)
    assert (found["rows"], found["found"], found["duplicates"], found["missing"]) == (4, 2, 1, 1)
    one = browser.ask("POST", f"/lists/{found['id']}/segment", {"name": "VIPs"}, expect=201)
    assert (one["kind"], one["status"], one["sentence"]) == ("static", "queued", "Customers of an uploaded list")
    assert built(one) == {people[0], people[2]}


def test_a_list_that_names_nobody_is_taken_for_what_its_columns_are_called(browser: Browser, people: list[int]) -> None:
    found = send(browser, "city,Mobile phone,mail\nGalle,+94 77 999 0000,x@example.test\n")
    assert (found["column"], found["by"], found["missing"]) == ("Mobile phone", "phone", 1)
    assert send(browser, "a,b\nx1,x2\n")["by"] == "customer_id"


def test_customers_are_found_by_their_number_here(browser: Browser, people: list[int]) -> None:
    found = send(browser, f"n\n#{people[1]}\n{people[2]}\n999999\nx\n", by="id")
    assert (found["found"], found["missing"]) == (2, 2)


def test_the_rows_that_were_not_found_are_downloaded_with_their_reason_and_without_formulas(
    browser: Browser, people: list[int]
) -> None:
    found = send(browser, "email,n\np1@example.test,1\n=cmd|x,2\n,3\nnobody@example.test,4\na,b,c\n", by="email")
    assert [(one["row"], one["value"]) for one in found["first_missing"]] == [
        (3, "'=cmd|x"), (4, ""), (5, "nobody@example.test"), (6, "a,b,c"),
    ]  # fmt: skip
    answer = browser.get(f"/api/segments/lists/{found['id']}/missing.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == found["missing"] + 1 == 5
    assert lines[2] == "4,,is empty"
    assert lines[3] == "5,nobody@example.test,names no customer (by email)"


def test_a_list_is_matched_again_by_another_column(browser: Browser, people: list[int]) -> None:
    found = send(browser, "id,friend\nC-1,p2@example.test\nC-2,x@example.test\n")
    assert (found["column"], found["found"]) == ("id", 2)
    body = {"column": "friend", "by": "email"}
    again = browser.ask("POST", f"/lists/{found['id']}/match", body)
    assert (again["found"], again["missing"]) == (1, 1)
    refused = browser.ask("POST", f"/lists/{found['id']}/match", {"column": "none", "by": "email"}, expect=422)
    assert "no column “none”" in refused["detail"]
    assert browser.ask("GET", f"/lists/{found['id']}")["column"] == "friend"


def test_lists_replace_add_and_remove_and_each_is_a_version_with_its_cause(browser: Browser, people: list[int]) -> None:
    a, b, c, d = people
    one = saved(browser, "id\nC-1\nC-2\n")
    assert built(one) == {a, b}
    for how, ids, members in (("add", "C-3", {a, b, c}), ("remove", "C-1", {b, c}), ("replace", "C-4", {d})):
        body = {"list_id": send(browser, f"id\n{ids}\n")["id"], "how": how, "rule_version": one["rule_version"]}
        one = browser.ask("POST", f"/{one['id']}/upload", body)
        assert built(one) == members
        assert browser.ask("POST", f"/{one['id']}/upload", body, expect=409)["detail"].startswith("Somebody else")
    causes = MembershipVersion.objects.filter(segment=one["id"]).values_list("cause", flat=True)
    assert set(causes) == {"upload"}
    told = browser.ask("GET", f"/{one['id']}/history")["changes"]
    assert [(each["upload"]["how"], each["upload"]["found"]) for each in told] == [
        ("replace", 1), ("remove", 1), ("add", 1), ("replace", 2),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(verb="segments.upload").count() == 3


def test_lists_that_follow_each_other_before_a_build_all_count(browser: Browser, people: list[int]) -> None:
    one = saved(browser, "id\nC-1\n")
    for how, ids in (("add", "C-2\nC-3"), ("remove", "C-2")):
        body = {"list_id": send(browser, f"id\n{ids}\n")["id"], "how": how}
        one = browser.ask("POST", f"/{one['id']}/upload", body)
    assert built(one) == {people[0], people[2]}
    browser.ask("POST", f"/{one['id']}/recalculate")
    assert built(one) == {people[0], people[2]}


def test_who_is_erased_or_merged_before_the_build_is_dealt_with(browser: Browser, people: list[int]) -> None:
    a, b, c, _ = people
    one = saved(browser, "id\nC-1\nC-2\n")
    customer_actions.erase(SYSTEM, a)
    customer_actions.merge(SYSTEM, c, b)
    assert built(one) == {c}


@pytest.mark.req("S-11")
def test_a_list_stays_ready_and_keeps_its_members_over_the_daily_run(browser: Browser, people: list[int]) -> None:
    one = saved(browser, "id\nC-1\nC-2\n")
    built(one)
    with clock.frozen(morning(3)):
        assert browser.ask("GET", f"/{one['id']}")["status"] == "stale"
        assert actions.run_if_due()
        assert built(one) == set(people[:2])
        assert browser.ask("GET", f"/{one['id']}")["ready"]


def test_the_pages_of_a_list_work(browser: Browser, people: list[int]) -> None:
    one = saved(browser, "id\nC-1\nC-2\n")
    built(one)
    for part in ("", "/members", "/performance", "/history", "/versions", "/uses", "/waterfall"):
        browser.ask("GET", f"/{one['id']}{part}")
    verdict = browser.ask("GET", f"/{one['id']}/customers/{people[0]}")
    assert (verdict["member"], verdict["matches"]) == (True, True)
    assert not browser.ask("GET", f"/{one['id']}/customers/{people[3]}")["matches"]


def test_a_list_is_part_of_a_rule(browser: Browser, people: list[int]) -> None:
    one = saved(browser, "id\nC-1\nC-2\n")
    built(one)
    rule = {"groups": [{"conditions": [{"kind": "segment", "segment": one["id"], "operator": "not_in"}]}]}
    parent = browser.ask("POST", "", {"name": "Others", "rule": rule}, expect=201)
    assert built(parent) == set(people[2:])
    refused = browser.ask("POST", f"/{one['id']}/archive", expect=409)
    assert "the segment “Others” (active)" in refused["detail"]


def test_a_list_is_renamed_but_takes_no_rule_and_a_rule_takes_no_list(browser: Browser, people: list[int]) -> None:
    one = saved(browser, "id\nC-1\n")
    renamed = browser.ask("PUT", f"/{one['id']}", {"name": "Very important", "rule": {}})
    assert (renamed["name"], renamed["rule"]) == ("Very important", {})
    assert MembershipVersion.objects.filter(segment=one["id"]).count() == 1
    rule = {"groups": [{"conditions": [{"kind": "field", "field": "city", "operator": "is_empty"}]}]}
    browser.ask("PUT", f"/{one['id']}", {"name": "x", "rule": rule}, expect=422)
    other = browser.ask("POST", "", {"name": "Rule", "rule": rule}, expect=201)
    body = {"list_id": send(browser, "id\nC-1\n")["id"], "how": "add"}
    assert "has a rule" in browser.ask("POST", f"/{other['id']}/upload", body, expect=409)["detail"]


def test_a_list_that_names_nobody_makes_no_segment(browser: Browser, people: list[int]) -> None:
    found = send(browser, "id\nC-77\n")
    assert "Nobody" in browser.ask("POST", f"/lists/{found['id']}/segment", {"name": "x"}, expect=409)["detail"]
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"id\n", "no rows"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"PK\x03\x04damaged", "workbook")],
)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_kept(
    browser: Browser, people: list[int], content: bytes, said: str
) -> None:
    assert said in send(browser, content, "x.csv", expect=422)["detail"]
    assert not IdList.objects.exists()


@pytest.mark.req("S-14")
def test_a_list_finds_only_customers_whom_one_may_see(people: list[int]) -> None:
    owner = actors.user("Bo", customers_view=Level.OWNED)
    own = customer_actions.create(SYSTEM, {"customer_id": "C-8", "owner": owner.pk}).pk
    found = send(Browser(owner), "id\nC-1\nC-8\n")
    assert (found["found"], found["missing"]) == (1, 1)
    assert found["first_missing"][0]["reason"] == "names no customer (by customer_id)"
    one = saved(Browser(owner), "id\nC-1\nC-8\n")
    assert built(one) == {own}


def test_a_hidden_field_finds_nobody(people: list[int]) -> None:
    customer_actions.limit_field(SYSTEM, "email", [actors.user("Bo").role.key])
    other = Browser(actors.user("Cy"))
    ids = "p1@example.test\np2@example.test\n"
    send(other, ids, expect=403, by="email")
    found = send(other, ids)
    assert found["found"] == 0
    assert "email" not in found["kinds"]
    other.ask("POST", f"/lists/{found['id']}/match", {"column": found["column"], "by": "email"}, expect=403)


def test_lists_are_seen_by_whoever_sent_them_and_go_after_a_week(browser: Browser, people: list[int]) -> None:
    found = send(browser, "id\nC-1\n")
    Browser(actors.user("Bo")).ask("GET", f"/lists/{found['id']}", expect=404)
    actions.sweep_lists()
    assert IdList.objects.exists()
    with clock.frozen(clock.now() + timedelta(days=8)):
        actions.sweep_lists()
        browser.ask("GET", f"/lists/{found['id']}", expect=404)
    assert not list(queries.list_file(uuid7()).parent.glob("*"))


def long_list(browser: Browser, monkeypatch: pytest.MonkeyPatch, content: str, **form: Any) -> tuple[Any, Job]:
    """A list that counts as long, as the request answers it, and the job that is to match it."""
    monkeypatch.setattr(lists, "LONG", 3)
    sent = send(browser, content, **form)
    return sent, Job.objects.get(pk=sent["job_id"])


def test_a_long_list_is_matched_by_a_job_that_says_how_far_it_is(
    browser: Browser, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[int | None, int | None]] = []
    step = Progress.step
    monkeypatch.setattr(
        Progress, "step", lambda self, *given, **more: (steps.append(given), step(self, *given, **more))
    )
    monkeypatch.setattr(matching, "PART", 2)
    sent, job = long_list(browser, monkeypatch, "mail\np1@example.test\np2@example.test\np1@example.test\nx\nC-9\n")
    assert (sent["matched"], sent["rows"], sent["column"], sent["by"], sent["first_missing"]) == (
        False, 0, "mail", "email", [],
    )  # fmt: skip
    path = f"/lists/{sent['id']}"
    said = browser.ask("POST", f"{path}/segment", {"name": "VIPs"}, expect=409)["detail"]
    assert said == "“ids.csv” is not matched with the customers yet; wait for it, or match it again."
    browser.ask("GET", f"{path}/missing.csv", expect=409)
    jobs.run(str(job.pk))
    assert steps[1:] == [(2, 5), (4, 5), (5, 5)]
    told = browser.ask("GET", path)
    assert (told["matched"], told["rows"], told["found"], told["duplicates"], told["missing"]) == (True, 5, 2, 1, 2)
    job.refresh_from_db()
    assert job.result == {"rows": 5, "found": 2, "duplicates": 1, "missing": 2}
    assert built(browser.ask("POST", f"{path}/segment", {"name": "VIPs"}, expect=201)) == set(people[:2])


def test_a_cancelled_match_leaves_no_counts_and_can_be_begun_again(
    browser: Browser, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PART", 1)
    sent, job = long_list(browser, monkeypatch, "id\nC-1\nC-2\nC-3\nC-4\n")
    named = matching.named

    def cancelled_meanwhile(*given: Any) -> dict[str, int]:
        if not Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
            answer = browser.post(f"/api/jobs/{job.pk}/cancel")
            assert answer.status_code == 200
        return named(*given)

    monkeypatch.setattr(matching, "named", cancelled_meanwhile)
    jobs.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 0)
    told = browser.ask("GET", f"/lists/{sent['id']}")
    assert (told["matched"], told["rows"]) == (False, 0)
    again = browser.ask("POST", f"/lists/{sent['id']}/match", {"column": "id", "by": "customer_id"})
    assert again["job_id"] != sent["job_id"]
    monkeypatch.undo()
    jobs.run(again["job_id"])
    assert browser.ask("GET", f"/lists/{sent['id']}")["found"] == 4


def test_a_job_whose_list_is_matched_in_another_way_by_now_changes_nothing(
    browser: Browser, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, first = long_list(browser, monkeypatch, "id,friend\nC-1,x\nC-2,x\nC-3,x\nC-4,p1@example.test\n")
    again = browser.ask("POST", f"/lists/{sent['id']}/match", {"column": "friend", "by": "email"})
    for job_id in (again["job_id"], str(first.pk)):
        jobs.run(job_id)
    told = browser.ask("GET", f"/lists/{sent['id']}")
    assert (told["column"], told["found"], told["missing"]) == ("friend", 1, 3)


def test_a_long_list_is_matched_with_the_rights_that_its_sender_has_by_then(
    ada: User, browser: Browser, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, job = long_list(browser, monkeypatch, "id\nC-1\nC-2\nC-3\nC-4\n")
    ada.role.grants |= {"customers_view": str(Level.OWNED)}
    ada.role.save()
    jobs.run(str(job.pk))
    assert browser.ask("GET", f"/lists/{sent['id']}")["found"] == 0
