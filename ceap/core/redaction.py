"""Taking a person out of files: CSV, workbooks (XLSX), Parquet, and lines of text that others append to."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from ceap.core.copies import Person
from ceap.core.sheets.reading import forget
from ceap.core.traces import Traces

Columns = Mapping[str, Sequence[str]]  # kind of identity -> names of columns that hold it
_ROW = re.compile(r"<row\b[^>]*?/>|<row\b.*?</row>", re.DOTALL)
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_TEXT = re.compile(r"(<t\b[^>]*>)(.*?)(</t>)", re.DOTALL)
_VALUE = re.compile(r"<v>(.*?)</v>", re.DOTALL)
_SHARED = re.compile(r"<si>.*?</si>|<si/>", re.DOTALL)


@dataclass
class Redacted:
    """What was taken out: `rows` emptied or dropped, as a spreadsheet counts; `changed`: the file is another one."""

    changed: bool = False
    rows: list[int] = field(default_factory=list)


def redact_file(
    path: Path,
    person: Person,
    *,
    columns: Columns | None = None,
    form: Mapping[str, Any] | None = None,
    drop: bool = False,
) -> Redacted:
    """Empty the rows of a person in a file and take the person's name out of the others; written whole or not at all.

    Args:
        columns: which columns hold a kind of identity that cannot be told by its looks.
        form: how the file is read (`ceap.core.sheets.contracts.Form`): its encoding, delimiter and row of the header.
        drop: leave the rows out instead of leaving them empty (the numbers of those below change).

    A row is the person's when a cell is an email address or phone number of the person, or one of `columns` holds the
    id. What is neither CSV nor XLSX nor Parquet is left alone. The copy that reading it left beside it is deleted: it
    is made again when somebody reads the file.
    """
    forget(path)
    work, mine = _work_for(path), _Mine(person, columns or {}, form or {})
    if work is None:
        return Redacted()
    part = path.with_name(f"{path.name}.erasing")
    try:
        with part.open("wb") as out:
            work(path, out, mine, drop)
            out.flush()
            os.fsync(out.fileno())
        if mine.done.changed:
            os.utime(part, (path.stat().st_atime, path.stat().st_mtime))
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return mine.done


def names_person(
    path: Path, person: Person, *, columns: Columns | None = None, form: Mapping[str, Any] | None = None
) -> bool:
    """Whether `redact_file` would take anything out of a file; the file stays as it is."""
    work, mine = _work_for(path), _Mine(person, columns or {}, form or {})
    if work is not None:
        with TemporaryFile() as out:
            work(path, out, mine, False)
    return mine.done.changed


def _work_for(path: Path) -> Callable[[Path, BinaryIO, _Mine, bool], None] | None:
    """What takes people out of a file of this kind; None: there is nothing to take out."""
    if not path.is_file() or path.suffix == ".part":
        return None
    with path.open("rb") as file:
        head = file.read(5)
    if head.startswith(b"%PDF"):
        return None
    if head.startswith(b"PK\x03\x04"):
        return _xlsx
    return _parquet if head.startswith(b"PAR1") else _csv


def blank_in_place(path: Path, traces: Traces) -> bool:
    """Overwrite what names a person with spaces, so that others may go on appending; whether there was anything."""
    if not path.is_file():
        return False
    found, place = False, 0
    with path.open("r+b") as file:
        for line in file:
            blank = traces.blanked(line)
            if blank != line:
                here = file.tell()
                file.seek(place)
                file.write(blank)
                file.flush()
                file.seek(here)
                found = True
            place += len(line)
        os.fsync(file.fileno())
    return found


class _Mine:
    """Which rows are the person's, and what was done to them."""

    def __init__(self, person: Person, columns: Columns, form: Mapping[str, Any]):
        self.traces, self.done = person.traces, Redacted()
        self.encoding, self.delimiter = form.get("encoding") or "utf-8", form.get("delimiter") or ","
        self.header_row = int(form.get("header_row") or 1)
        self.by_name = {
            name: {value.casefold() for value in person.fields.get(kind, ())}
            for kind, names in columns.items() for name in names
        }  # fmt: skip
        self.weak: dict[int, set[str]] = {}

    def header(self, names: Sequence[str], row: int) -> None:
        """Learn which columns hold identities, if this row, as a spreadsheet counts, is the one that names them."""
        if row != self.header_row:
            return
        self.weak = {n: self.by_name[name.strip()] for n, name in enumerate(names) if name.strip() in self.by_name}

    def owns(self, cells: Sequence[str]) -> bool:
        if any(n < len(cells) and cells[n].strip().casefold() in values for n, values in self.weak.items()):
            return True
        return self.traces.names_row(cells)

    def took(self, row: int) -> None:
        self.done.changed = True
        self.done.rows.append(row)

    def scrub(self, text: str) -> str:
        new = self.traces.scrub(text)
        self.done.changed |= new != text
        return new


def _csv(path: Path, out: BinaryIO, mine: _Mine, drop: bool) -> None:
    # Bytes that are no text come back as they were; in UTF-16 there is no such way, and they become a mark.
    faults = "replace" if mine.encoding.startswith("utf-16") else "surrogateescape"
    encoder = codecs.getincrementalencoder(mine.encoding)(faults)
    with path.open(encoding=mine.encoding, errors=faults, newline="") as file:
        for number, record in enumerate(_records(file), 1):
            ending = record[len(record.rstrip("\r\n")) :]
            cells = next(csv.reader([record.lstrip("\ufeff")], delimiter=mine.delimiter), [])
            mine.header(cells, number)
            if not mine.owns(cells):
                record = mine.scrub(record)
            else:
                mine.took(number)
                mark = "\ufeff" if record.startswith("\ufeff") else ""
                record = mark if drop else mark + (mine.delimiter * (len(cells) - 1) or '""') + ending
            out.write(encoder.encode(record))


def _records(lines: io.TextIOBase | Any) -> Iterator[str]:
    """Lines, joined while a quote is open."""
    held = ""
    for line in lines:
        held += line
        if held.count('"') % 2 == 0 or len(held) > 1 << 20:
            yield held
            held = ""
    if held:
        yield held


def _parquet(path: Path, out: BinaryIO, mine: _Mine, drop: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        schema, start = file.schema_arrow, 2
        mine.header(schema.names, mine.header_row)
        with pq.ParquetWriter(out, schema, compression="zstd") as writer:
            for batch in file.iter_batches(batch_size=50_000):
                table = pa.Table.from_batches([batch])
                texts = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
                owned = [mine.owns(cells) for cells in zip(*texts, strict=True)]
                for n, own in enumerate(owned):
                    if own:
                        mine.took(start + n)
                start += table.num_rows
                writer.write_table(_left(table, texts, owned, mine, drop))


def _left(table: Any, texts: list[list[str]], owned: list[bool], mine: _Mine, drop: bool) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    for n, kind in enumerate(table.schema):
        if pa.types.is_string(kind.type) or pa.types.is_large_string(kind.type):
            values = [value if value is None else mine.scrub(value) for value in table.column(n).to_pylist()]
            table = table.set_column(n, kind, pa.array(values, kind.type))
    mask = pa.array(owned, pa.bool_())
    if drop:
        return table.filter(pc.invert(mask))
    for n, kind in enumerate(table.schema):
        if kind.nullable and any(owned):
            column = table.column(n).combine_chunks()
            table = table.set_column(n, kind, pc.if_else(mask, pa.scalar(None, kind.type), column))
    return table


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _xlsx(path: Path, out: BinaryIO, mine: _Mine, drop: bool) -> None:
    """Rows lose their cells; texts that no other row uses go. `drop` is not asked of workbooks: rows carry numbers."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        name = "xl/sharedStrings.xml"
        shared = _SHARED.findall(old.read(name).decode()) if name in old.namelist() else []
        words = [unescape("".join(text for _, text, _ in _TEXT.findall(one))) for one in shared]
        used: set[int] = set()
        held = old.read(name).decode() if shared else ""
        for info in old.infolist():
            content = old.read(info)
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", info.filename):
                content = _sheet(content.decode(), words, used, mine).encode()
            elif info.filename == name:
                continue
            elif info.filename.endswith(".xml"):
                content = _texts(content.decode(), mine).encode()
            new.writestr(info.filename, content)
        if shared:
            numbers = iter(range(len(shared)))
            new.writestr(name, _SHARED.sub(lambda one: _shared(one.group(), next(numbers), used, mine), held))


def _sheet(xml: str, words: list[str], used: set[int], mine: _Mine) -> str:
    last = 0

    def row(found: re.Match[str]) -> str:
        nonlocal last
        text = found.group()
        cells, indexes = _cells(text, words)
        number = re.match(r'<row\b[^>]*?\br="(\d+)"', text)
        last = int(number.group(1)) if number else last + 1
        mine.header(cells, last)
        if mine.owns(cells):
            mine.took(last if number else 0)
            return f'<row r="{last}"/>' if number else "<row/>"
        used.update(indexes)
        return _texts(text, mine)

    return _ROW.sub(row, xml)


def _cells(row: str, words: list[str]) -> tuple[list[str], list[int]]:
    """The texts of a row's cells, and which shared texts they are."""
    cells, indexes = [], []
    for attributes, inner in _CELL.findall(row):
        value = _VALUE.search(inner)
        if 't="s"' in attributes and value:
            index = int(value.group(1))
            indexes.append(index)
            cells.append(words[index] if index < len(words) else "")
        elif value:
            cells.append(unescape(value.group(1)))
        else:
            cells.append(unescape("".join(text for _, text, _ in _TEXT.findall(inner))))
    return cells, indexes


def _shared(text: str, index: int, used: set[int], mine: _Mine) -> str:
    if index not in used and mine.done.changed:
        return "<si><t></t></si>"
    return _texts(text, mine)


def _texts(xml: str, mine: _Mine) -> str:
    return _TEXT.sub(lambda one: one.group(1) + _same(one.group(2), mine) + one.group(3), xml)


def _same(text: str, mine: _Mine) -> str:
    plain = unescape(text)
    new = mine.scrub(plain)
    return text if new == plain else escape(new, quote=False)
