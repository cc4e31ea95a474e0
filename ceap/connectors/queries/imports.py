"""Reads about imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ceap.accounts.contracts import SYSTEM, Actor
from ceap.connectors.contracts import Form, Guess, State, Target
from ceap.connectors.files import Part, rows
from ceap.connectors.forms import forms_of
from ceap.connectors.guessing import guess
from ceap.connectors.layouts import Layout, recognise
from ceap.connectors.models import Finding, Import
from ceap.connectors.targets import fields_of
from ceap.core.values.forms import Detected
from ceap.customers.contracts import Field, spreadsheet_safe
from ceap.customers.queries import hidden_from
from ceap.jobs import queries as jobs
from ceap.kit import pagination
from ceap.kit.home import Home
from ceap.kit.problem import Forbidden, NotFound

PREVIEW, TORN = 200, 20


@dataclass(frozen=True)
class Preview:
    """The first rows of a file as it says them, what its columns seem to be, and what they may become.

    torn, unreadable: the first rows of the whole file that cannot be taken apart (number, text, why), and how many
    there are. top: the beginning of the sheet, its row of names and what stands above it too. sheets: of a workbook,
    and whether each is hidden. layout: the export that the file seems to be, of this target or another. date_forms,
    number_forms: which ones they have.
    """

    columns: list[Guess]
    rows: list[list[str]]
    numbers: list[int]
    torn: list[tuple[int, str, str]]
    unreadable: int
    top: list[list[str]]
    sheets: list[tuple[str, bool]]
    fields: list[Field]
    layout: Layout | None
    date_forms: Detected
    number_forms: Detected


def visible_to(actor: Actor) -> QuerySet[Import]:
    """The imports that `actor` may see: files hold customers, so who may not see every customer sees the own ones.

    The own ones of a key are those of keys and the command line: of a program no more is known than that it was one.
    """
    rows = Import.objects.all() if actor.may("customers_import") else Import.objects.none()
    return rows if actor.customers_seen == "all" else rows.filter(created_by_id=actor.user_id)


def history(
    actor: Actor, *, cursor: str | None = None, limit: int = pagination.PAGE_SIZE
) -> tuple[list[Import], str | None, int]:
    """A page of the imports, newest first; the cursor of the next page; how many there are in all.

    Raises:
        Forbidden: the actor may not import. Invalid: the cursor is damaged.
    """
    actor.require("customers_import")
    rows = visible_to(actor)
    found, following = pagination.page(rows.select_related("created_by"), "-created_at", cursor=cursor, limit=limit)
    _with_jobs(found)
    return found, following, rows.count()


def get(actor: Actor, id: UUID | str) -> Import:
    """One import.

    Raises:
        Forbidden: the actor may not import.
        NotFound: there is none.
    """
    actor.require("customers_import")
    row = visible_to(actor).select_related("created_by").filter(pk=id).first()
    if row is None:
        raise NotFound("There is no such import.")
    _with_jobs([row])
    return row


def opened(actor: Actor, id: UUID | str) -> Import:
    """One import whose file and receipt `actor` may read.

    Raises:
        NotFound: there is none.
        Forbidden: somebody else uploaded it, and it may hold fields that the actor's role may not see.
    """
    row = get(actor, id)
    if row.created_by_id != actor.user_id and hidden_from(actor):
        raise Forbidden("Somebody else uploaded this file, and it may hold fields that your role may not see.")
    return row


def _with_jobs(rows: list[Import]) -> None:
    """A running import whose job has ended without its handler (cancelled in the queue, died for good) says so."""
    running = {row.job_id: row for row in rows if row.state == State.RUNNING and row.job_id}
    for job in jobs.visible_to(SYSTEM).filter(pk__in=running):
        if job.state in ("cancelled", "failed"):
            running[job.pk].state = State.CANCELLED if job.state == "cancelled" else State.FAILED
            running[job.pk].message = job.message
            running[job.pk].finished_at = job.finished_at


def path_of(row: Import) -> Path:
    """Where the file is kept."""
    return Home.load().path / "media" / row.file


def preview(actor: Actor, id: UUID | str) -> Preview:
    """What is in the file of a draft.

    Raises:
        NotFound: there is none.
        BadFile: the file cannot be read.
    """
    row = opened(actor, id)
    target = Target(row.target)
    found = rows(path_of(row), form=Form(**row.form))
    part = next(found.parts(PREVIEW), None) or Part(found.whole.select(found.columns), [], [])
    fields = fields_of(target, actor)
    shown = [[("" if v is None else str(v))[:200] for v in values.values()] for values in part.table.to_pylist()[:50]]
    unreadable, torn = found.torn(TORN)
    layout = recognise(found.columns)
    guesses = guess(target, part.table, fields, layout if layout and layout.target is target else None)
    dates, numbers = forms_of(part.table, guesses, fields)
    return Preview(
        guesses, shown, part.numbers[:50], torn, unreadable, found.top, found.sheets, fields, layout, dates, numbers
    )


def findings(actor: Actor, id: UUID | str) -> QuerySet[Finding]:
    """The receipt's lines about rows, in the order of the file."""
    return Finding.objects.filter(of=opened(actor, id)).order_by("pk")


def receipt_lines(actor: Actor, id: UUID | str) -> Iterator[str]:
    """The receipt as CSV, line by line; text that a spreadsheet would calculate has an apostrophe in front."""
    row = opened(actor, id)
    out = io.StringIO()
    writer = csv.writer(out)

    def line(*cells: Any) -> str:
        out.seek(0)
        out.truncate()
        writer.writerow([spreadsheet_safe(cell) for cell in cells])
        return out.getvalue()

    yield "\ufeff" + line("row", "column", "value", "what happened", "reason")
    last = 0
    while found := list(Finding.objects.filter(of=row, pk__gt=last).order_by("pk")[:2_000]):
        for each in found:
            happened = "row rejected" if each.rejected else "value left out"
            yield line(each.row, each.column, each.value, happened, each.reason)
        last = found[-1].pk


def job_of(row: Import) -> Any:
    """The job that brings a file in."""
    return jobs.get(SYSTEM, str(row.job_id))
