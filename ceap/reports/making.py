"""Writes the file of one report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from ceap.accounts.contracts import Actor
from ceap.kit.problem import Problem
from ceap.reports import collecting, discovered, excel, pdf
from ceap.reports.collecting import Step
from ceap.reports.models import Report
from ceap.segments.queries.discovered import Filters


def writer(actor: Actor, row: Report, step: Step) -> tuple[Callable[[BinaryIO], None], datetime | None]:
    """What writes the file of `row`, and the moment its data are as of.

    Raises:
        NotFound, Conflict: its subject is gone, or not ready.
    """
    if row.discovered:
        return _discovered(actor, row, step)
    match row.subject_kind, row.format:
        case "segment", "pdf":
            report = collecting.segment_report(actor, row.subject_id, row.number, step)
            return (lambda out: _put(out, pdf.segment_pdf(report))), report.heading.data_as_of
        case "segment", "xlsx":
            report = collecting.segment_report(actor, row.subject_id, row.number, step)
            listed = collecting.members(actor, row.subject_id, step)
            return (
                lambda out: excel.segment_xlsx(report, collecting.columns(actor), listed, out)
            ), report.heading.data_as_of
        case "campaign", kind:
            campaign = collecting.campaign_report(actor, row.subject_id, row.number, step)
            as_of = campaign.heading.data_as_of
            if kind == "pdf":
                return (lambda out: _put(out, pdf.campaign_pdf(campaign))), as_of
            return (lambda out: excel.campaign_xlsx(campaign, out)), as_of
        case other:
            raise Problem(f"There are no reports of {other}.")


def _discovered(actor: Actor, row: Report, step: Step) -> tuple[Callable[[BinaryIO], None], datetime | None]:
    filters = Filters.read(row.filters)
    report = discovered.report(actor, row.subject_id, filters, row.number, step)
    if row.format == "pdf":
        return (lambda out: _put(out, pdf.discovered_pdf(report))), report.heading.data_as_of
    columns = discovered.columns(actor, row.subject_id, filters)
    members = discovered.members(actor, row.subject_id, filters, step)
    return (lambda out: excel.discovered_xlsx(report, columns, members, out)), report.heading.data_as_of


def _put(out: BinaryIO, content: bytes) -> None:
    out.write(content)
