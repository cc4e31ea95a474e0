"""Writing what a list shows to a file."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.accounts.queries import user_names
from ceap.customers.contracts import Field, FieldType, spreadsheet_safe
from ceap.customers.models import Customer
from ceap.customers.queries.customers import visible_to
from ceap.customers.queries.facts import facts
from ceap.customers.queries.fields import fields_for
from ceap.customers.queries.index import Filters, page_of_all
from ceap.customers.rules.values import kept
from ceap.jobs.actions import enqueue
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import Conflict

BATCH = 2_000
SHEET_ROWS = 1_048_575
Step = Callable[[int, int], None]


def start_export(actor: Actor, filters: Filters, format: str) -> Any:
    """Queue the export of everything the filters leave of what the actor may see.

    Raises:
        Forbidden: the actor may not export. Invalid: a filter is wrong. Conflict: nothing is left to export.
    """
    page_of_all(actor, filters)
    with transaction.atomic():
        job = enqueue(
            "customers.export", actor, subject="customers:export", filters=asdict(filters), format=format,
            actor_kind=actor.kind, actor_id=actor.id,
        )  # fmt: skip
        audit(actor, "customers.export", "job", job.pk, after={"filters": asdict(filters), "format": format})
    return job


def folder() -> Path:
    """Where exports are kept."""
    return Home.load().create().path / "media" / "exports"


def write_export(actor: Actor, filters: Filters, format: str, name: str, step: Step) -> dict[str, Any]:
    """Write the file `name` (from nothing, if it was begun before); `step` is told rows done and rows in all.

    Returns:
        The manifest: rows, columns, sha256, size and when.

    Raises:
        Conflict: more rows than a worksheet holds.
    """

    def batches() -> Iterator[list[Customer]]:
        last = 0
        while batch := list(page_of_all(actor, filters, may_be_empty=True).filter(pk__gt=last)[:BATCH]):
            yield batch
            last = batch[-1].pk

    total = page_of_all(actor, filters).count()
    return _write(actor, batches(), total, format, name, step) | {"filters": asdict(filters)}


def write_chosen(actor: Actor, ids: Sequence[int], format: str, name: str, step: Step) -> dict[str, Any]:
    """As `write_export`, of the customers `ids` (in order) as far as the actor may see them.

    Raises:
        Forbidden: the actor may not export. Conflict: more rows than a worksheet holds.
    """
    actor.require("customers_export")
    rows = visible_to(actor).order_by("pk")
    starts = range(0, len(ids), BATCH)
    batches = (list(rows.filter(pk__in=list(ids[start : start + BATCH]))) for start in starts)
    return _write(actor, batches, len(ids), format, name, step)


def _write(
    actor: Actor, batches: Iterable[list[Customer]], total: int, format: str, name: str, step: Step
) -> dict[str, Any]:
    chosen, names = fields_for(actor), user_names()
    if format == "xlsx" and total > SHEET_ROWS:
        raise Conflict(f"A worksheet holds {SHEET_ROWS:,} rows and these are {total:,}: choose CSV.")
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / name
    part = path.with_suffix(".part")
    write = _xlsx if format == "xlsx" else _csv
    count = write(part, [f.label for f in chosen], _values(batches, chosen, names, lambda done: step(done, total)))
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    part.replace(path)
    return {
        "rows": count, "columns": len(chosen), "sha256": digest, "size": path.stat().st_size, "format": format,
        "file": name, "made_at": now().isoformat(),
    }  # fmt: skip


def _values(
    batches: Iterable[list[Customer]], chosen: Sequence[Field], names: dict[int, str], step: Callable[[int], None]
) -> Iterator[list[Any]]:
    done = 0
    numbers = [f.key for f in chosen if f.type is FieldType.NUMBER and not f.custom]
    for batch in batches:
        for row in batch:
            found = facts(row, chosen) | {key: _number(getattr(row, key)) for key in numbers}
            yield [_shown(found[f.key], f, names) for f in chosen]
        done += len(batch)
        step(done)


def _number(value: Decimal | None) -> Any:
    """A number as spreadsheets hold it, as text where they would lose digits."""
    plain = kept(value)
    return plain if value is None or Decimal(str(plain)) == value else f"{value:f}"


def _shown(value: Any, field: Field, names: dict[int, str]) -> Any:
    if value is None:
        return ""
    if field.type is FieldType.USER:
        return names.get(value, "")
    if field.type in (FieldType.FILE, FieldType.SIGNATURE):
        return json.dumps(value, ensure_ascii=False)  # what an import reads as the same files
    return ";".join(map(str, value)) if isinstance(value, list) else value


def _csv(path: Path, header: list[str], rows: Iterator[list[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([spreadsheet_safe(name) for name in header])
        for row in rows:
            writer.writerow([spreadsheet_safe("true" if v is True else "false" if v is False else v) for v in row])
            count += 1
    return count


def _xlsx(path: Path, header: list[str], rows: Iterator[list[Any]]) -> int:
    import xlsxwriter

    count = 0
    plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), plain)
    sheet = book.add_worksheet("Customers")
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.write_string(0, column, name)
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(count, column, value)
            elif isinstance(value, (int, float)):
                sheet.write_number(count, column, value)
            elif value != "":
                sheet.write_string(count, column, str(value))
    book.close()
    return count
