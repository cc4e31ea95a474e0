"""The rows of a file, in parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from ceap.connectors.contracts import BadFile, Form

BLOCK = 8 << 20


@dataclass(frozen=True)
class Part:
    """Some rows of a file. `numbers` are theirs as a spreadsheet counts (the header is row 1).

    `torn` are the rows among them that could not be taken apart: (row, what was found, why).
    """

    table: pa.Table
    numbers: list[int]
    torn: list[tuple[int, str, str]]

    @property
    def size(self) -> int:
        """Rows of the file, torn ones included."""
        return len(self.numbers) + len(self.torn)


def columns(path: Path, form: Form) -> list[str]:
    """The names of the file's columns.

    Raises:
        BadFile: the file is damaged or has no columns.
    """
    for piece in _reader(path, form):
        return list(piece.table.column_names)
    return []


def parts(path: Path, form: Form, size: int, skip: int = 0) -> Iterator[Part]:
    """The file's rows in parts of `size` (the last one smaller), beginning behind the first `skip` rows.

    Cells of CSV and XLSX are text ("" = empty); Parquet keeps its types.

    Raises:
        BadFile: the file is damaged; parts that came before it hold.
    """
    yield from _in_parts(_reader(path, form), size, skip)


def _reader(path: Path, form: Form) -> Iterator[Part]:
    return {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}[form.kind](path, form)


def _in_parts(pieces: Iterable[Part], size: int, skip: int) -> Iterator[Part]:
    """Cut pieces of any length into parts of exactly `size` rows, so that a resumed import meets the same parts."""
    tables: list[pa.Table] = []
    numbers: list[int] = []
    torn: list[tuple[int, str, str]] = []
    schema: pa.Schema | None = None
    for piece in pieces:
        schema = piece.table.schema
        tables.append(piece.table)
        numbers += piece.numbers
        torn += piece.torn
        while len(numbers) + len(torn) >= size:
            everything = sorted([*numbers, *(row for row, _, _ in torn)])
            last = everything[size - 1]
            taken = [n for n in numbers if n <= last]
            table = pa.concat_tables(tables)
            if skip >= size:
                skip -= size
            else:
                part = Part(table.slice(0, len(taken)), taken, [t for t in torn if t[0] <= last])
                yield _behind(part, skip)
                skip = 0
            tables = [table.slice(len(taken))]
            numbers = numbers[len(taken) :]
            torn = [t for t in torn if t[0] > last]
    if schema is not None and len(numbers) + len(torn) > skip:
        yield _behind(Part(pa.concat_tables(tables), numbers, torn), skip)


def _behind(part: Part, skip: int) -> Part:
    if not skip:
        return part
    first = sorted([*part.numbers, *(row for row, _, _ in part.torn)])[skip]
    kept = [n for n in part.numbers if n >= first]
    table = part.table.slice(len(part.numbers) - len(kept))
    return Part(table, kept, [t for t in part.torn if t[0] >= first])


def named(given: Iterable[Any]) -> list[str]:
    """Column names: trimmed, empty ones "Column n", repeated ones numbered."""
    names: list[str] = []
    for number, value in enumerate(given, 1):
        name = " ".join(str(value if value is not None else "").split())[:200] or f"Column {number}"
        stem, times = name, 2
        while name in names:
            name, times = f"{stem} ({times})", times + 1
        names.append(name)
    return names


def _csv(path: Path, form: Form) -> Iterator[Part]:
    torn: list[tuple[int, str, str]] = []

    def invalid(row: Any) -> str:
        torn.append(
            (row.number, (row.text or "")[:250], f"has {row.actual_columns} columns instead of {row.expected_columns}")
        )
        return "skip"

    parsing = pc.ParseOptions(delimiter=form.delimiter, newlines_in_values=True, invalid_row_handler=invalid)
    names = _csv_names(path, form)
    reading = pc.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names, skip_rows=0)
    converting = pc.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    row = 0
    try:
        with pc.open_csv(path, reading, parsing, converting) as reader:
            for batch in reader:
                table = pa.Table.from_batches([batch])
                found, torn[:] = list(torn), []
                broken = {number for number, _, _ in found}
                numbers: list[int] = []
                while len(numbers) < table.num_rows:
                    row += 1
                    if row not in broken:
                        numbers.append(row)
                if form.header and numbers and numbers[0] == 1:
                    table, numbers = table.slice(1), numbers[1:]
                row = max([row, *broken])
                yield Part(table, numbers, found)
    except pa.ArrowInvalid as error:
        raise _broken(error, path, row) from None
    if torn:
        yield Part(pa.table({name: pa.array([], pa.string()) for name in names}), [], torn)


def _csv_names(path: Path, form: Form) -> list[str]:
    parsing = pc.ParseOptions(delimiter=form.delimiter, newlines_in_values=True, invalid_row_handler=lambda row: "skip")
    reading = pc.ReadOptions(use_threads=False, block_size=BLOCK, autogenerate_column_names=True)
    converting = pc.ConvertOptions(check_utf8=False, strings_can_be_null=False, quoted_strings_can_be_null=False)
    try:
        with pc.open_csv(path, reading, parsing, converting) as reader:
            width = len(reader.schema.names)
    except pa.ArrowInvalid as error:
        raise _broken(error, path, 0) from None
    if not form.header:
        return [f"Column {n}" for n in range(1, width + 1)]
    names = [f"f{n}" for n in range(width)]
    reading = pc.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names)
    converting = pc.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    try:
        with pc.open_csv(path, reading, parsing, converting) as reader:
            first = next(iter(reader))
    except (pa.ArrowInvalid, StopIteration) as error:
        raise _broken(error, path, 0) from None
    return named(column[0].as_py() for column in first.columns)


def _broken(error: Exception, path: Path, row: int) -> BadFile:
    text = str(error)
    if "straddl" in text or "sync" in text:
        return BadFile(
            f'Behind row {row} a quoted cell is longer than {BLOCK >> 20} MB: a quote (") is probably missing.'
        )
    if column := re.search(r"column #(\d+)", text):
        return BadFile(f"Behind row {row}, column {int(column[1]) + 1} cannot be read: {text.rpartition(': ')[2]}.")
    return BadFile(f"The file cannot be read behind row {row}: {text}")


def _xlsx(path: Path, form: Form) -> Iterator[Part]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        name = form.sheet or next((n for n in book.sheet_names), "")
        sheet = book.get_sheet_by_name(name)
        rows = iter(sheet.iter_rows())
        first = next(rows, None)
    except (CalamineError, ValueError, OSError) as error:
        raise BadFile(f"This is no Excel workbook that can be read: {error}") from None
    if first is None:
        raise BadFile(f"The sheet “{name}” is empty.")
    start = sheet.start[0] + 1 if sheet.start else 1
    names = named(first) if form.header else [f"Column {n}" for n in range(1, len(first) + 1)]
    pending, numbers, number = [], [], start - 1
    if not form.header:
        rows = iter([first, *rows])
    else:
        number += 1
    for row in rows:
        number += 1
        cells = [cell_text(cell) for cell in row]
        if any(cells):
            pending.append(cells)
            numbers.append(number)
        if len(pending) == 20_000:
            yield Part(_text_table(names, pending), numbers, [])
            pending, numbers = [], []
    yield Part(_text_table(names, pending), numbers, [])


def _text_table(names: list[str], rows: list[list[str]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def cell_text(value: Any) -> str:
    """An Excel cell as text: whole numbers without a point, dates as ISO, yes and no as true and false."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _parquet(path: Path, form: Form) -> Iterator[Part]:
    try:
        with pq.ParquetFile(path) as file:
            number = 1
            if not file.schema_arrow.names:
                raise BadFile("This Parquet file has no columns.")
            for batch in file.iter_batches(batch_size=50_000):
                table = pa.Table.from_batches([batch])
                yield Part(_flat(table), list(range(number + 1, number + 1 + table.num_rows)), [])
                number += table.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise BadFile(f"This Parquet file is damaged: {str(error).partition(chr(10))[0]}") from None


def _flat(table: pa.Table) -> pa.Table:
    """Dictionary columns as their values, kinds without a field type as text."""
    columns = {}
    for name, column in zip(named(table.column_names), table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_large_string(column.type):
            column = column.cast(pa.string())
        elif pa.types.is_floating(column.type) and column.type != pa.float64():
            column = column.cast(pa.float64())
        elif pa.types.is_binary(column.type) or pa.types.is_struct(column.type) or pa.types.is_time(column.type):
            column = pa.chunked_array(
                [pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())]
            )
        columns[name] = column
    return pa.table(columns)
