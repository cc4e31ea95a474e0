"""Where imports and webhooks keep what customers could be known by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from ceap.connectors.contracts import State
from ceap.connectors.models import Finding, Import
from ceap.connectors.queries.imports import path_of
from ceap.core import copies
from ceap.core.copies import Folder, NotYet, Person, Table, listed
from ceap.core.redaction import redact_file
from ceap.core.retention import Order, kept
from ceap.core.sheets.reading import forget
from ceap.jobs import queries as jobs

OWN = "what the organisation set up"

listed(
    Table(
        "connectors_import",
        "target file sha256 size form choice mapping options state job_id rows position created updated unchanged "
        "rejected left_out created_by_id created_at finished_at",
        "which file was brought in when, and its columns",
        scrubbed="file_name message",
        excluded="Files that users brought in; what they said of the customer is in the fields and the activity.",
    ),
    Table(
        "connectors_finding",
        "row column rejected of_id",
        "which row of which file",
        scrubbed="reason",
        handled={"value": "emptied with the row of the kept file; elsewhere what names the person is replaced"},
        excluded="Values that were refused: nothing of them was taken in.",
    ),
    Table(
        "connectors_webhook",
        "url description events segments secret former former_until failures resting_until succeeded_at failed_at "
        "created_by_id created_at updated_at identities state",
        OWN,
    ),
    Table(
        "connectors_notice",
        "event subject customers size at",
        "numbers of customers; their identities are read when they are sent and not kept",
        json="data",
        excluded="Notices on their way to the organisation's own systems.",
    ),
    Table(
        "connectors_call",
        "state part parts attempts tries due_at lease_token lease_until status milliseconds tried_at created_at "
        "finished_at webhook_id notice_id",
        "what became of a call",
        scrubbed="answer error",
        excluded="Answers of the organisation's own systems.",
    ),
    Folder(
        "media/imports/*",
        "rewritten without the rows of the person, under a new checksum",
        excluded="Files that users brought in; what they said of the customer is in the fields and the activity.",
    ),
)


@copies.step("imported files", order=20)
def _imports(person: Person) -> None:
    """Empty the person's rows of every kept file, and the values that its receipt quotes of them.

    Raises:
        NotYet: an import is under way, which would bring the person back.
    """
    running = [row.job_id for row in Import.objects.filter(state=State.RUNNING) if row.job_id]
    if any(job.state in ("queued", "running") for job in jobs.progress(running).values()):
        raise NotYet("An import is running; its file is rewritten as soon as that has ended.")
    for row in Import.objects.exclude(file=""):
        path = path_of(row)
        done = redact_file(path, person, columns=_columns(row, person), form=row.form)
        if done.rows:
            Finding.objects.filter(of=row, row__in=done.rows).update(value="")
        if done.changed:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            Import.objects.filter(pk=row.pk).update(sha256=sha256, size=path.stat().st_size)
        person.beat("imported files")


@copies.step("findings of imports", order=5)
def _findings(person: Person) -> None:
    """Written in any way, a phone number is found in Python only: receipts are short."""
    for row in Finding.objects.exclude(value="").iterator():
        value = person.traces.scrub(row.value)
        if value != row.value or person.traces.names_row([row.value]):
            Finding.objects.filter(pk=row.pk).update(value=value if value != row.value else "")


ENDED = (State.DONE, State.CANCELLED, State.FAILED)


def _columns(row: Import, person: Person | None) -> dict[str, list[str]]:
    """Kind of identity -> the columns of the file that were said to hold it."""
    kinds = person.fields if person else ()
    return {kind: [name for name, key in row.mapping.items() if key == kind] for kind in kinds}


def _free(order: Order, rows: QuerySet[Import]) -> list[Import]:
    """Those whose file names nobody under a legal hold."""
    return [row for row in rows if not order.spares(path_of(row), _columns(row, order.person), row.form)]


def _old_files(order: Order) -> list[Import]:
    rows = Import.objects.filter(state__in=ENDED, finished_at__lt=order.before).exclude(file="")
    return _free(order, rows.order_by("finished_at", "pk"))


def _old_drafts(order: Order) -> list[Import]:
    rows = Import.objects.filter(state=State.DRAFT, created_at__lt=order.before)
    return _free(order, rows.order_by("created_at", "pk"))


@kept("import_file_days", "Imported files", count=lambda order: len(_old_files(order)))
def _files_by_age(order: Order) -> Iterator[int]:
    """The file goes, and the values that its receipt quotes; the receipt's counts and reasons stay."""
    for row in _old_files(order):
        path = path_of(row)
        path.unlink(missing_ok=True)
        forget(path)
        with transaction.atomic():
            Finding.objects.filter(of=row).update(value="")
            Import.objects.filter(pk=row.pk).update(file="")
        yield 1


@kept("draft_days", "Uploads that were never imported", count=lambda order: len(_old_drafts(order)))
def _drafts_by_age(order: Order) -> Iterator[int]:
    for row in _old_drafts(order):
        with transaction.atomic():
            gone = Import.objects.filter(pk=row.pk, state=State.DRAFT).delete()[0]
        if gone:  # nobody started it meanwhile
            path_of(row).unlink(missing_ok=True)
            forget(path_of(row))
        yield int(bool(gone))
