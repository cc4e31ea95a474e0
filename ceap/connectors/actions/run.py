"""Bringing a file in, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeAlias

import pyarrow as pa
from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM, Actor
from ceap.accounts.queries import actor_by, actor_of
from ceap.connectors import queries
from ceap.connectors.contracts import Form, Options, State, Target
from ceap.connectors.files import Part, forget, parts
from ceap.connectors.models import Finding, Import
from ceap.connectors.targets import Outcome, Row, Seen, chosen, count_again, take
from ceap.customers.actions import Reader, Rows
from ceap.customers.queries import reading
from ceap.events.queries import warehouse
from ceap.jobs import queries as jobs
from ceap.jobs.actions import Progress
from ceap.jobs.contracts import Cancelled
from ceap.kit.clock import now
from ceap.kit.problem import Forbidden, Problem

Given: TypeAlias = pa.Table | Rows
LINES = (Target.PURCHASES, Target.EVENTS)


def run(progress: Progress, import_id: str, actor_kind: str = "", actor_id: str = "") -> dict[str, Any]:
    """Bring in what is not in yet of an import; the handler of its job, safe to run again.

    It is done with the rights that whoever started it has by now, user or key: (`actor_kind`, `actor_id`). A job queued
    before that was noted has those of the user who uploaded the file.

    Each part's effect, its lines of the receipt and the position behind it are committed together: a run that dies is
    continued where it stopped.

    Returns:
        The receipt's counts.

    Raises:
        Cancelled: somebody asked for it; what is done stays.
        BadFile: the rest of the file cannot be read; what is done stays.
        Forbidden: the user or the key was deactivated meanwhile; what is done stays.
    """
    row = Import.objects.select_related("created_by__role").get(pk=import_id)
    if row.state != State.RUNNING:
        return counts(row)
    uploader = actor_of(row.created_by) if row.created_by else SYSTEM
    try:
        actor = actor_by(actor_kind or uploader.kind, actor_id or uploader.id)
    except Forbidden:
        _end(uploader, row, State.FAILED, "Whoever started this import was deactivated.")
        raise
    options, target = Options.of(row.options), Target(row.target)
    try:
        progress.step(total=row.rows, message=f"Importing {row.file_name}")
        if target in LINES:
            warehouse().sync()
        seen = Seen()
        context = reading(dates=options.dates, numbers=options.numbers)
        for part, given in ahead(_rest(row, target, options, context, seen), _reader(row, target, context)):
            _bring_in(actor, target, row, part, given, options, seen)
            progress.step(done=row.position, total=max(row.rows or 0, row.position))
    except Cancelled:
        row.refresh_from_db()
        if jobs.get(SYSTEM, progress.job_id).cancel_requested:
            _end(actor, row, State.CANCELLED, f"Cancelled after {row.position:,} rows; what was done stays.")
        raise
    except Problem as problem:
        row.refresh_from_db()
        _end(actor, row, State.FAILED, problem.detail)
        raise
    row.rows = row.position
    _end(actor, row, State.DONE, "")
    return counts(row)


def counts(row: Import) -> dict[str, Any]:
    """The receipt in numbers; created + updated + unchanged + rejected = rows done."""
    names = ("position", "created", "updated", "unchanged", "rejected", "left_out")
    return {"import": str(row.pk)} | {name: getattr(row, name) for name in names}


def _rest(row: Import, target: Target, options: Options, context: Any, seen: Seen) -> Iterator[Part]:
    """The parts behind the position; of lines, what is in front of it is counted again."""
    path, form, done = queries.path_of(row), Form(**row.form), row.position
    if target not in LINES:
        yield from parts(path, form, options.chunk, done)
        return
    for part in parts(path, form, options.chunk):
        if done > 0:
            count_again(target, chosen(part.table, row.mapping), context, seen)
            done -= part.size
        else:
            yield part


def _reader(row: Import, target: Target, context: Any) -> Callable[[Part], Given]:
    """What is done with a part before its turn: its mapped columns, of customers their values too."""
    if target is not Target.CUSTOMERS:
        return lambda part: chosen(part.table, row.mapping)
    reader = Reader(context)
    return lambda part: reader.read(chosen(part.table, row.mapping))


def ahead(parts: Iterator[Part], read: Callable[[Part], Given]) -> Iterator[tuple[Part, Given]]:
    """Each part with what `read` makes of it; the next is on its way in a thread while this one is dealt with."""

    def following() -> tuple[Part, Given] | None:
        part = next(parts, None)
        return None if part is None else (part, read(part))

    with ThreadPoolExecutor(1, "import-reader") as thread:
        coming = thread.submit(following)
        while found := coming.result():
            coming = thread.submit(following)
            yield found


def _bring_in(
    actor: Actor, target: Target, row: Import, part: Part, given: Given, options: Options, seen: Seen
) -> None:
    with transaction.atomic():
        now_at = Import.objects.select_for_update().get(pk=row.pk)
        if now_at.position != row.position or now_at.state != State.RUNNING:
            raise Cancelled  # another runner went on while this one was thought dead
        source = f"Import of {row.file_name}"
        told = take(actor, target, given, options, source=source, seen=seen)
        _note(row, part, told)
        row.position += part.size
        row.created += told.created
        row.updated += told.updated
        row.unchanged += told.unchanged
        row.rejected += told.rejected + len(part.torn)
        row.left_out += sum(not r.rejected for r in told.said)
        row.save(update_fields=["position", "created", "updated", "unchanged", "rejected", "left_out"])


def _note(row: Import, part: Part, told: Outcome) -> None:
    """Keep the receipt's lines, with the file's own row numbers and column names."""
    columns = {key: column for column, key in row.mapping.items()}
    said = [(number, Row(0, "", text, why)) for number, text, why in part.torn]
    said += [(part.numbers[r.index], replace(r, field=columns.get(r.field, r.field))) for r in told.said]
    Finding.objects.bulk_create(
        (
            Finding(
                of=row, row=number, column=r.field[:250], value=r.value[:250].replace("\x00", ""),
                reason=r.reason[:500], rejected=r.rejected,
            )
            for number, r in sorted(said, key=lambda pair: pair[0])
        ),
        batch_size=5_000,
    )  # fmt: skip


def _end(actor: Actor, row: Import, state: State, message: str) -> None:
    row.state, row.message, row.finished_at = state, message[:500], now()
    with transaction.atomic():
        row.save(update_fields=["state", "message", "finished_at", "rows"])
        transaction.on_commit(lambda: forget(queries.path_of(row)))
        audit(actor, f"imports.{state}", "import", row.pk, row.file_name, after=counts(row))
