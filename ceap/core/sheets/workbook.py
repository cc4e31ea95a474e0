"""The rows of a sheet of an Excel workbook."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ceap.core.sheets.contracts import LIMITS, BadFile, Choice, Form
from ceap.core.sheets.detect import find_header, named
from ceap.core.sheets.pieces import Piece, raw_names

ROWS = 20_000
FIRST = 30
EXACT = 2**53  # whole numbers beyond it have no exact float


def refuse_bombs(path: Path) -> None:
    """That the archive is a workbook and does not unpack to more than reading a file may take.

    Raises:
        BadFile: it is another archive, damaged, or a bomb.
    """
    size = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadFile(f"This is no Excel workbook that can be read: {error}") from None
    if not any(m.filename.startswith("xl/") for m in members):
        raise BadFile("This is a zip archive, not a workbook: unpack it first. Send CSV, XLSX or Parquet.")
    unpacked = sum(m.file_size for m in members)
    if unpacked > LIMITS.room(size) or len(members) > 20_000:
        raise BadFile(
            f"This workbook unpacks to {unpacked / 1e6:,.0f} MB, which is more than a file of its size may hold. "
            "Save it as CSV."
        )


def sheets_of(book: Any) -> list[tuple[str, bool]]:
    """The sheets by name, and whether they are hidden."""
    return [
        (s.name, not str(s.visible).endswith(".Visible")) for s in book.sheets_metadata if "WorkSheet" in str(s.typ)
    ]


def opened(path: Path, choice: Choice | Form) -> tuple[Any, str, list[tuple[str, bool]]]:
    """The sheet (chosen, else the first visible one with more than one row), its name, and all sheets.

    Raises:
        BadFile: no workbook, or no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    refuse_bombs(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = sheets_of(book) or [(name, False) for name in book.sheet_names]
        if choice.sheet:
            if choice.sheet not in [name for name, _ in sheets]:
                raise BadFile(f"The workbook has no sheet “{choice.sheet}”.")
            return book.get_sheet_by_name(choice.sheet), choice.sheet, sheets
        visible = [name for name, hidden in sheets if not hidden] or [name for name, _ in sheets]
        for name in visible[:50]:
            sheet = book.get_sheet_by_name(name)
            if sheet.height > 1:
                return sheet, name, sheets
        name = visible[0]
        return book.get_sheet_by_name(name), name, sheets
    except (CalamineError, ValueError, OSError, IndexError) as error:
        raise BadFile(f"This is no Excel workbook that can be read: {error}") from None


def form_of(path: Path, choice: Choice) -> Form:
    """What the workbook is taken for."""
    sheet, name, _ = opened(path, choice)
    start = sheet.start[0] if sheet.start else 0
    header_row, header = find_header(_first(sheet), start + 1, choice.header_row)
    return Form("xlsx", header=header, sheet=name, header_row=header_row)


def overview(path: Path, form: Form) -> tuple[list[tuple[str, bool]], list[list[str]]]:
    """The sheets of the workbook, and the first rows of the chosen one whether they are data or not."""
    sheet, _, sheets = opened(path, form)
    return sheets, _first(sheet)


def _first(sheet: Any) -> list[list[str]]:
    blank: list[list[str]] = [[] for _ in range(min(sheet.start[0] if sheet.start else 0, FIRST))]
    return blank + [[cell_text(cell) for cell in row] for row in islice(sheet.iter_rows(), FIRST)]


def read(path: Path, form: Form) -> Iterator[Piece]:
    """The rows in pieces; empty ones are left out."""
    sheet, name, _ = opened(path, form)
    if sheet.width > LIMITS.columns:
        raise BadFile(f"The sheet “{name}” has {sheet.width:,} columns; a sheet may have at most {LIMITS.columns:,}.")
    number = sheet.start[0] if sheet.start else 0
    given: list[str] | None = None if form.header else [""] * sheet.width
    pending: list[list[str]] = []
    numbers: list[int] = []
    for row in sheet.iter_rows():
        number += 1
        if number < form.header_row:
            continue
        cells = [cell_text(cell) for cell in row]
        if given is None:
            given = cells if number == form.header_row else [""] * len(cells)
            yield raw_names(given, named(given))
            continue
        if any(cells):
            pending.append(cells)
            numbers.append(number)
        if len(pending) == ROWS:
            yield _piece(named(given), pending, numbers)
            pending, numbers = [], []
    if given is None:
        raise BadFile(f"The sheet “{name}” is empty, or has no row {form.header_row}.")
    if not form.header:
        yield raw_names(given, named(given))
    yield _piece(named(given), pending, numbers)


def _piece(names: list[str], rows: list[list[str]], numbers: list[int]) -> Piece:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    table = pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})
    return Piece(table, np.array(numbers, np.int64))


def cell_text(value: Any) -> str:
    """An Excel cell as text: whole numbers without a point, dates as ISO, yes and no as true and false.

    Excel keeps 15 digits of a number: a longer one that it has rounded is said the way Excel shows it
    (6.23456789012345E+15), which no reader of identities takes for one.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if isinstance(value, float) and not value.is_integer():
            return repr(value)
        whole = int(value)
        damaged = abs(whole) >= 10**15 and (whole % 10 == 0 or abs(whole) >= EXACT)
        return f"{whole:.14E}" if damaged else str(whole)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
