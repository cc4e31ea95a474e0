"""The rows of CSV and other delimited text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from ceap.core.sheets.contracts import LIMITS, BadFile, Form
from ceap.core.sheets.detect import first_records, head_text, named
from ceap.core.sheets.pieces import Piece, Torn, raw_names

BLOCK = 8 << 20
SHOWN = 250
MARK = "\U0010fffe"  # stands for bytes that are no text; it is no character itself


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Bytes that the decoder does not take become `MARK`, so that their row is found."""
    assert isinstance(error, UnicodeDecodeError | UnicodeEncodeError)
    return MARK, error.end


codecs.register_error("ceap.mark", _mark)


class Transcoded:
    """A file as UTF-8 without faults, read in blocks. `marked`: whether there was a fault so far."""

    closed = False

    def __init__(self, path: Path, encoding: str):
        self.file, self.rest, self.marked = path.open("rb"), b"", False
        self.ascii = encoding in ("utf-8", "utf-8-sig")
        self.decoder = codecs.getincrementaldecoder(encoding)("ceap.mark")

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size or size < 0:
            block = self.file.read(1 << 20)
            self.rest += self._utf8(block)
            if not block:
                break
        size = len(self.rest) if size < 0 else size
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def _utf8(self, block: bytes) -> bytes:
        if block and self.ascii and block.isascii() and not self.decoder.getstate()[0]:
            return block
        text = self.decoder.decode(block, final=not block)
        self.marked = self.marked or MARK in text
        return text.encode("utf-8", "ceap.mark")

    def close(self) -> None:
        self.closed = True
        self.file.close()


def names_of(path: Path, form: Form) -> list[str]:
    """The columns as their row names them (repeated and empty names as they are); without such a row as many ""."""
    records = first_records(head_text(path, form.encoding), form.delimiter, max(form.header_row + 50, 200))
    if len(records) < form.header_row:
        raise BadFile(f"The file has no row {form.header_row} to name the columns.")
    record = records[form.header_row - 1]
    if form.header:
        while (
            len(record) > 1 and not record[-1].strip() and all(len(r) < len(record) for r in records if r is not record)
        ):
            record = record[:-1]
        return record
    return [""] * max(len(r) for r in records[form.header_row - 1 :])


def read(path: Path, form: Form) -> Iterator[Piece]:
    """The rows in pieces; a row of the wrong width, or with bytes that are no text, is torn.

    Raises:
        BadFile: a quote is opened and never closed, or nothing can be made of the file.
    """
    given = names_of(path, form)
    if len(given) > LIMITS.columns:
        raise BadFile(f"The file has {len(given):,} columns; a file may have at most {LIMITS.columns:,}.")
    names = named(given)
    torn: list[Torn] = []

    def invalid(row: Any) -> str:
        text, first = row.text or "", form.first
        if row.number > first and text.strip():
            shown = text[:SHOWN].replace(MARK, "\ufffd")
            torn.append(Torn(row.number, shown, _why_torn(row, text), _open(text, form.delimiter)))
        else:
            torn.append(Torn(row.number, "", "", False))
        return "skip"

    parsing = pa_csv.ParseOptions(
        delimiter=form.delimiter, newlines_in_values=True, invalid_row_handler=invalid, ignore_empty_lines=False
    )
    reading = pa_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names)
    converting = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.binary()), strings_can_be_null=False)
    yield raw_names(given, names)
    row, last, source = 0, None, Transcoded(path, form.encoding)
    try:
        with pa_csv.open_csv(pa.PythonFile(source, mode="r"), reading, parsing, converting) as reader:
            for batch in reader:
                found, torn[:] = list(torn), []
                numbers = _numbers(row, batch.num_rows, [t.row for t in found])
                row = int(max([row, *numbers[-1:], *(t.row for t in found)]))
                last = _piece(pa.Table.from_batches([batch]), numbers, found, form, source.marked)
                yield last
    except pa.ArrowInvalid as error:
        raise _broken(error, row + 1, given) from None
    if torn:
        last = Piece(pa.table({name: pa.array([], pa.string()) for name in names}), np.array([], np.int64), torn)
        yield last
    _refuse_open(path, form, last, row)


def _why_torn(row: Any, text: str) -> str:
    why = f"has {row.actual_columns} columns instead of {row.expected_columns}"
    lines = text.strip("\r\n").count("\n")
    return f'{why}; a quote (") opened in it goes on for {lines} more lines' if lines and '"' in text else why


def _open(text: str, delimiter: str) -> bool:
    """Whether a quoted cell of this row is never closed."""
    start, end = re.escape(delimiter), len(text)
    at = 0
    cell = re.compile(rf'"(?:[^"]|"")*("?)[^{start}\r\n]*|[^{start}\r\n]*')
    while at <= end and (found := cell.match(text, at)):
        if text[at : at + 1] == '"' and not found[1]:
            return True
        at = found.end() + 1
    return False


def _numbers(before: int, count: int, torn: list[int]) -> np.ndarray[Any, Any]:
    """The numbers of the next `count` whole rows, torn ones left out."""
    numbers = np.arange(before + 1, before + 1 + count + len(torn))
    return numbers[~np.isin(numbers, torn)][:count] if torn else numbers


def _piece(table: pa.Table, numbers: Any, torn: list[Torn], form: Form, marked: bool) -> Piece:
    begin = int(np.searchsorted(numbers, form.first, side="right"))
    table, numbers = table.slice(begin), numbers[begin:]
    torn = [t for t in torn if t.row > form.first and t.why]
    sizes = np.zeros(table.num_rows, np.int64)
    large = np.zeros(table.num_rows, bool)
    columns: list[pa.ChunkedArray] = []
    bad: dict[int, str] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        lengths = pc.binary_length(column).to_numpy()
        sizes += lengths
        large |= lengths > LIMITS.cell
        columns.append(column.cast(pa.string()))
        if marked and pc.any(faults := pc.match_substring(columns[-1], MARK)).as_py():
            why = f"has a byte in “{name}” that is no {form.encoding.upper()}: choose another encoding"
            for index in pc.indices_nonzero(faults).to_pylist():
                bad.setdefault(index, why)
            columns[-1] = pc.replace_substring(columns[-1], MARK, "\ufffd")
    table = pa.table(columns, table.column_names)
    for index in np.flatnonzero(large):
        bad.setdefault(int(index), f"has a cell of more than {LIMITS.cell:,} characters")
    keep = sizes > 0
    if bad:
        keep[list(bad)] = False
        torn += [Torn(int(numbers[i]), _shown(table, i, form), why, False) for i, why in bad.items()]
    if not keep.all():
        table, numbers = table.filter(pa.array(keep)), numbers[keep]
    return Piece(table, numbers, sorted(torn, key=lambda t: t.row))


def _shown(table: pa.Table, index: int, form: Form) -> str:
    return form.delimiter.join(str(c[int(index)].as_py())[:SHOWN] for c in table.columns)[:SHOWN]


def _refuse_open(path: Path, form: Form, last: Piece | None, count: int) -> None:
    """That the last row, number `count`, does not end inside a quoted cell."""
    if last is None:
        return
    if last.torn and last.torn[-1].row >= count:
        if last.torn[-1].open:
            raise _unclosed(last.torn[-1].row)
        return
    if not len(last.numbers) or int(last.numbers[-1]) != count:
        return  # it is blank
    cell = str(last.table.columns[-1][-1].as_py())
    tail = _tail(path, form).rstrip("\r\n")
    closed = (len(tail) - len(tail.rstrip('"'))) % 2 == 1
    if ("\n" in cell or "\r" in cell) and not closed:
        raise _unclosed(count)


def _tail(path: Path, form: Form) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096 & ~3))
        return file.read().decode(form.encoding if form.encoding != "utf-16" else "utf-16-le", "replace")


def _unclosed(row: int) -> BadFile:
    return BadFile(f'Row {row} opens a quote (") that is never closed: close or remove it.')


def _broken(error: Exception, row: int, names: list[str]) -> BadFile:
    text = str(error)
    if "straddl" in text or "sync" in text:
        return _unclosed(row)
    if column := re.search(r"column #(\d+)", text):
        return BadFile(f"From row {row}, column {int(column[1]) + 1} cannot be read: {text.rpartition(': ')[2]}.")
    return BadFile(f"The file cannot be read from row {row}: {text}")
