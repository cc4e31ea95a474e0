"""Where reports keep what customers could be known by."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ceap.core import copies
from ceap.core.copies import Folder, Person, Table, listed
from ceap.core.redaction import redact_file
from ceap.core.retention import Order, kept
from ceap.reports.models import Report
from ceap.reports.queries import folder

KEYS = {"id": ("Key",), "customer_id": ("Customer ID",)}  # columns of workbooks
MADE = "Reports that users made; the workbooks list the fields of members once more."

listed(
    Table(
        "reports_report",
        "subject_kind subject_id discovered format number every_customer state file size data_as_of job_id replaces_id "
        "made_by_kind made_by_id created_by_id created_at finished_at",
        "which report was made when",
        scrubbed="name words error",
        json="filters",
        excluded=MADE,
    ),
    Table(
        "reports_schedule",
        "segment_id format existing every day at next_at last_at missed_at last_report_id failures made_by_kind "
        "made_by_id created_by_id created_at",
        "which report is made when",
        scrubbed="name words problem",
        json="filters",
        excluded=MADE,
    ),
    Folder(
        "reports/*",
        "workbooks are rewritten without the rows of the person; PDFs list nobody, and those named after the person go",
        excluded=MADE,
    ),
)


@copies.step("reports named after the person", order=-1)
def _titled(person: Person) -> None:
    """Before the rows are scrubbed: a PDF carries its title and filters, and cannot be rewritten."""
    for row in Report.objects.filter(format="pdf"):
        if person.traces.found_in(f"{row.name}\n{row.words}\n{json.dumps(row.filters, ensure_ascii=False)}"):
            if row.file:
                (folder() / row.file).unlink(missing_ok=True)
            row.delete()


@copies.step("report files", order=20)
def _reports(person: Person) -> None:
    for file in sorted(folder().glob("*.xlsx")):
        redact_file(file, person, columns=KEYS)
        person.beat("report files")


def _old_reports(order: Order) -> list[Report]:
    rows = Report.objects.filter(created_at__lt=order.before).exclude(state="queued").order_by("created_at", "pk")
    return [row for row in rows if not (row.file and order.spares(folder() / row.file, KEYS))]


@kept("report_days", "Reports", count=lambda order: len(_old_reports(order)))
def _reports_by_age(order: Order) -> Iterator[int]:
    for row in _old_reports(order):
        if row.file:
            (folder() / row.file).unlink(missing_ok=True)
        row.delete()
        yield 1
