"""Reports through the API: made whole or not at all, kept in History, open only to those who may see what they list."""

from __future__ import annotations

import os
import resource
import signal
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from django.test import Client

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry, User
from ceap.core import copies
from ceap.core.traces import Traces
from ceap.customers.queries import discover
from ceap.jobs import actions as jobs
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.reports import actions, files, queries
from ceap.reports.contracts import EXISTS, FAILED
from ceap.reports.models import Report
from ceap.segments.models import Segment
from tests.actors import user
from tests.reports.setting import RULE, downloaded, facts_of, made, ordered, segment_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.req("O-6")
def test_the_pdf_of_a_segment_says_what_it_is_and_how_large(ada: Client, owner: User, tmp_path: Path) -> None:
    row = made(ada, segment_of(owner))
    assert (row["state"], row["number"], row["error"]) == ("done", 1, "")
    content, name = downloaded(ada, row)
    assert row["size"] == len(content)
    assert "Loyal-buyers-v1.pdf" in name
    (tmp_path / "r.pdf").write_bytes(content)
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "r.pdf").pages)
    for words in ("Loyal buyers", "Came back #often", "Source is “WhatsApp”", "Matched", "75.0 %", "31–40", "Unknown"):
        assert words in text, text
    assert AuditEntry.objects.filter(verb="reports.done").count() == 1


@pytest.mark.req("O-6")
def test_the_workbook_holds_numbers_dates_and_no_formulas(ada: Client, owner: User, tmp_path: Path) -> None:
    content, _ = downloaded(ada, made(ada, segment_of(owner), "xlsx"))
    (tmp_path / "r.xlsx").write_bytes(content)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["Summary", "Size over time", "Source", "Province", "Age", "Sex", "Members"]
    assert (facts_of(book)["Customers"], facts_of(book)["All customers"]) == (4, 4)
    members = book["Members"]
    assert members.freeze_panes == "A2"
    assert members.max_row == 5
    assert (members["C2"].value, members["C2"].data_type) == ("=1+1", "s")
    assert members["K3"].value.date() == date(1990, 5, 4)
    assert members["K3"].number_format == "yyyy-mm-dd"
    shares = [row[2].value for row in book["Source"].iter_rows(min_row=2)]
    assert sum(shares) == pytest.approx(1)
    assert [row[1].value for row in book["Size over time"].iter_rows(min_row=2)] == [2, 4]


@pytest.mark.req("O-9")
def test_a_second_report_asks_and_both_answers_work(ada: Client, owner: User) -> None:
    segment = segment_of(owner)
    first = made(ada, segment)
    refusal = ordered(ada, segment, status=409)
    assert (refusal["detail"], refusal["report"], refusal["number"]) == (EXISTS, first["id"], 1)
    assert Report.objects.count() == 1
    second = made(ada, segment, existing="new")
    assert second["number"] == 2
    third = made(ada, segment, existing="overwrite")
    assert third["number"] == 2
    assert set(map(str, Report.objects.values_list("pk", flat=True))) == {first["id"], third["id"]}
    ordered(ada, segment, "xlsx")  # another format is another report


def _full(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_overwriting_keeps_the_old_report_until_the_new_one_is_done(
    ada: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = segment_of(owner)
    first = made(ada, segment)
    monkeypatch.setattr(actions.reports, "write_whole", _full)
    failed = made(ada, segment, existing="overwrite")
    assert failed["state"] == "failed"
    downloaded(ada, first)


@pytest.mark.req("O-10")
def test_a_full_disk_leaves_no_file_says_so_and_retry_works(ada: Client, owner: User, reports_folder: Path) -> None:
    row = ordered(ada, segment_of(owner))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def on_a_full_disk(path: Path, write: Any) -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
        try:
            return files.write_whole(path, write)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(actions.reports, "write_whole", on_a_full_disk)
            jobs.run(row["job_id"])
    finally:
        signal.signal(signal.SIGXFSZ, before)
    failed = ada.get(f"/api/reports/{row['id']}").json()
    assert (failed["state"], failed["error"]) == ("failed", FAILED)
    assert list(reports_folder.iterdir()) == []
    assert ada.get(f"/api/reports/{row['id']}/file").status_code == 409
    again = ada.post(f"/api/reports/{row['id']}/retry").json()
    assert again["state"] == "queued"
    jobs.run(again["job_id"])
    assert ada.get(f"/api/reports/{row['id']}").json()["state"] == "done"
    downloaded(ada, row)


@pytest.mark.req("O-10")
def test_when_the_folder_of_reports_is_broken_the_failure_is_said_in_words(
    ada: Client, owner: User, reports_folder: Path
) -> None:
    row = ordered(ada, segment_of(owner))
    away = reports_folder.with_name("away")
    reports_folder.rename(away)
    reports_folder.touch()
    try:
        jobs.run(row["job_id"])
    finally:
        reports_folder.unlink()
        away.rename(reports_folder)
    assert Report.objects.get().error == Job.objects.get().message == FAILED
    jobs.run(ada.post(f"/api/reports/{row['id']}/retry").json()["job_id"])
    downloaded(ada, row)


def test_without_a_temporary_name_a_full_disk_would_leave_half_a_file(tmp_path: Path) -> None:
    """The planted bug: writing straight to the final name."""
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            (tmp_path / "r.pdf").write_bytes(b"x" * 10_000)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert (tmp_path / "r.pdf").stat().st_size == 4096


def test_a_job_that_died_shows_as_failed_and_can_be_tried_again(ada: Client, owner: User) -> None:
    row = ordered(ada, segment_of(owner))
    Job.objects.filter(pk=row["job_id"]).update(state="failed")
    assert ada.get(f"/api/reports/{row['id']}").json()["error"] == FAILED
    again = ada.post(f"/api/reports/{row['id']}/retry").json()
    jobs.run(again["job_id"])
    assert ada.get(f"/api/reports/{row['id']}").json()["state"] == "done"


def test_cancelling_leaves_no_file(ada: Client, owner: User, reports_folder: Path) -> None:
    row = ordered(ada, segment_of(owner))
    assert ada.post(f"/api/jobs/{row['job_id']}/cancel").status_code == 200
    jobs.run(row["job_id"])
    assert ada.get(f"/api/reports/{row['id']}").json()["state"] == "cancelled"
    assert not list(reports_folder.glob("*"))


def test_making_a_report_twice_leaves_one_file(ada: Client, owner: User, reports_folder: Path) -> None:
    row = made(ada, segment_of(owner))
    assert actions.make(row["id"], jobs.Progress(row["job_id"], "another runner")) == {}
    assert len(list(reports_folder.iterdir())) == 1


@pytest.mark.req("S-14")
def test_with_owned_customers_the_size_is_actual_and_only_own_ones_are_listed(db: None, tmp_path: Path) -> None:
    eve = user("Eve", customers_view=Level.OWNED)
    content, _ = downloaded(signed_in(eve), made(signed_in(eve), segment_of(eve), "xlsx"))
    (tmp_path / "r.xlsx").write_bytes(content)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert facts_of(book)["Customers"] == 4
    assert facts_of(book)["About the members"].startswith("Only the customers owned by Eve")
    assert book["Members"].max_row == 3


@pytest.mark.req("S-15")
def test_a_workbook_of_everybody_is_closed_to_those_who_see_only_their_own(ada: Client, owner: User) -> None:
    segment = segment_of(owner)
    book, pdf = made(ada, segment, "xlsx"), made(ada, segment)
    eve = signed_in(user("Eve", customers_view=Level.OWNED))
    assert eve.get(f"/api/reports/{book['id']}").json()["barred"] == "It is about customers that you may not see."
    assert eve.get(f"/api/reports/{book['id']}/file").status_code == 403
    downloaded(eve, pdf)


def test_with_owned_only_others_reports_do_not_exist(ada: Client, owner: User) -> None:
    row = made(ada, segment_of(owner))
    eve = signed_in(user("Eve", reports_view=Level.OWNED))
    assert eve.get("/api/reports").json()["items"] == []
    for path in ("", "/file"):
        assert eve.get(f"/api/reports/{row['id']}{path}").status_code == 404
    assert eve.delete(f"/api/reports/{row['id']}").status_code == 404
    assert Report.objects.count() == 1


def test_without_the_permission_history_is_refused(owner: User) -> None:
    assert signed_in(user("Eve", reports_view=Level.DISABLED)).get("/api/reports").status_code == 403


def test_without_the_permission_no_report_is_made(owner: User) -> None:
    segment = segment_of(owner)
    ordered(signed_in(user("Eve", reports_create=Level.DISABLED)), segment, status=403)
    ordered(signed_in(user("Bea", customers_segment_view=Level.OWNED)), segment, status=404)
    assert Report.objects.count() == 0
    assert Job.objects.count() == 0


def test_what_its_maker_may_no_longer_see_is_not_made(owner: User) -> None:
    eve = user("Eve")
    row = ordered(signed_in(eve), segment_of(owner))
    eve.role.grants["customers_segment_view"] = "disabled"
    eve.role.save()
    jobs.run(row["job_id"])
    stored = Report.objects.get()
    assert (stored.state, stored.error) == ("failed", "There is no such segment.")


def test_a_segment_without_a_ready_version_is_refused(ada: Client, owner: User) -> None:
    segment = Segment.objects.create(name="New", rule=RULE, created_by=owner, created_at=now(), updated_at=now())
    ordered(ada, segment, status=409)
    assert Report.objects.count() == 0


@pytest.mark.req("O-7")
def test_history_is_searched_filtered_and_paged(ada: Client, owner: User) -> None:
    one, two = segment_of(owner, name="Alpha"), segment_of(owner, name="Beta")
    ids = [made(ada, s, f)["id"] for s in (one, two) for f in ("pdf", "xlsx")]
    assert [r["name"] for r in ada.get("/api/reports?search=alp").json()["items"]] == ["Alpha", "Alpha"]
    assert len(ada.get("/api/reports?format=pdf").json()["items"]) == 2
    seen, cursor = [], ""
    while cursor is not None:
        answer = ada.get(f"/api/reports?limit=3&cursor={cursor}").json()
        seen += [row["id"] for row in answer["items"]]
        cursor = answer["next"]
    assert seen == ids[::-1]


def test_deleting_takes_the_file_along(
    ada: Client, owner: User, reports_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    row = made(ada, segment_of(owner))
    with django_capture_on_commit_callbacks(execute=True):
        assert ada.delete(f"/api/reports/{row['id']}").status_code == 204
    assert list(reports_folder.iterdir()) == []


def test_the_sweep_removes_only_old_files_that_no_report_names(ada: Client, owner: User, reports_folder: Path) -> None:
    row = made(ada, segment_of(owner))
    for name, age in (("old.pdf", 2), (".x.pdf.1.part", 2), ("young.pdf", 0)):
        (reports_folder / name).write_bytes(b"x")
        at = (now() - timedelta(days=age)).timestamp()
        os.utime(reports_folder / name, (at, at))
    kept = Report.objects.get(pk=row["id"]).file
    os.utime(reports_folder / kept, (0, 0))
    assert actions.sweep() == 2
    assert {file.name for file in reports_folder.iterdir()} == {kept, "young.pdf"}
    assert queries.folder() == reports_folder


def test_a_campaign_that_does_not_exist_is_refused(ada: Client) -> None:
    body = {"subject_kind": "campaign", "subject_id": str(uuid7()), "format": "pdf"}
    assert ada.post("/api/reports", body, content_type="application/json").status_code == 404


@pytest.mark.req("B-14")
def test_a_pdf_named_after_a_person_who_is_erased_goes_and_the_others_stay(owner: User, reports_folder: Path) -> None:
    names = {"Friends of Ann Quorlt": {}, "Of one": {"search": "ANN@quorlt.test"}, "Spring": {}}
    for number, (name, filters) in enumerate(names.items()):
        (reports_folder / f"{number}.pdf").write_bytes(b"%PDF")
        Report.objects.create(
            subject_kind="segment", subject_id=uuid7(), name=name, filters=filters, format="pdf", state="done",
            file=f"{number}.pdf", created_at=now(),
        )  # fmt: skip
    traces = Traces.of(emails=["ann@quorlt.test"], names=["Ann Quorlt"])
    discover()
    copies.STEPS["reports named after the person"].run(copies.Person("r", (1,), traces, {}, now()))
    assert list(Report.objects.values_list("name", flat=True)) == ["Spring"]
    assert [file.name for file in reports_folder.glob("*.pdf")] == ["2.pdf"]
