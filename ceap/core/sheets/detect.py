"""Finding out what a file is: CSV (encoding, delimiter, row of the header), XLSX or Parquet."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

from ceap.core.sheets import encodings
from ceap.core.sheets.contracts import LIMITS, BadFile, Choice, Form

DELIMITERS = ",;\t|"
NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|", "pipe": "|", "space": " "}
LAST_HEADER = 1_000
SAMPLE = 256 * 1024
FIRST_ROWS = 200
BINARIES = {
    b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image", b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive: unpack it first", b"\x7fELF": "a program", b"\xd0\xcf\x11\xe0": "an old Excel file "
    "(.xls): save it as .xlsx", b"SQLite format 3": "a SQLite database", b"BZh": "a bzip2 archive: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first", b"{\\rtf": "a rich text document", b"MZ": "a program",
}  # fmt: skip
_VALUE = re.compile(r"[+-]?[\d.,:/-]*\d[\d.,:/ -]*|[^@\s]+@[^@\s]+\.\w+|https?://.*", re.ASCII)
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f]")
_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


def detect(path: Path, name: str, choice: Choice = Choice()) -> Form:
    """What the file at `path` (called `name` by whoever sent it) is; of what `choice` names, what it says.

    Raises:
        BadFile: it is empty, or none of CSV, XLSX and Parquet, or has too many columns.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if not head.strip():
        raise BadFile(f"“{name}” is empty.")
    if head.startswith(b"PAR1"):
        return Form("parquet")
    if head.startswith(b"PK\x03\x04"):
        return Form("xlsx")
    for magic, what in BINARIES.items():
        if head.startswith(magic) and (magic != b"MZ" or b"\x00" in head):
            raise BadFile(f"“{name}” is {what}. Send CSV, XLSX or Parquet.")
    encoding = encodings.chosen(choice.encoding) if choice.encoding else _encoding(path, head, name)
    try:
        text = head_text(path, encoding)
    except UnicodeError:  # only UTF-16 cannot begin anyhow
        raise BadFile(f"“{name}” is no text in {encodings.CHOICES[encoding]}. Choose another encoding.") from None
    if CONTROL.search(text):
        raise BadFile(f"“{name}” is not text: it holds control characters. Send CSV, XLSX or Parquet.")
    if text.lstrip()[:1] in "{[" and '":' in text[:2_000]:
        raise BadFile(f"“{name}” is JSON. Send CSV, XLSX or Parquet.")
    if re.match(r"\s*<(!doctype|html|\?xml)", text, re.IGNORECASE):
        raise BadFile(f"“{name}” is a web page or XML. Send CSV, XLSX or Parquet.")
    said = _SEP.fullmatch(text.partition("\n")[0].strip())
    delimiter = separator(choice.delimiter) if choice.delimiter else said[1] if said else _delimiter(text)
    records = first_records(text, delimiter)
    header_row, header = find_header(records, 2 if said else 1, choice.header_row)
    if len(records) >= header_row and len(records[header_row - 1]) > LIMITS.columns:
        raise BadFile(f"“{name}” has more than {LIMITS.columns:,} columns, which is the most that a file may have.")
    return Form("csv", encoding, delimiter, header, header_row=header_row)


def separator(text: str) -> str:
    """The delimiter that a person means by `text`: itself, or its name.

    Raises:
        BadFile: it is none.
    """
    delimiter = NAMED.get(text.strip().casefold(), text)
    if (
        len(delimiter) != 1
        or delimiter in '"\r\n'
        or not delimiter.isascii()
        or not delimiter.isprintable() | (delimiter == "\t")
    ):
        raise BadFile("Choose one character as the delimiter: a comma, a semicolon, a tab or a bar.")
    return delimiter


def find_header(records: list[list[str]], first: int, chosen: int | None) -> tuple[int, bool]:
    """The row that names the columns (as the sheet counts), and whether it does; else the first one of data.

    It is the first row as wide as most rows are.
    """
    if chosen is not None:
        if not 0 <= chosen <= LAST_HEADER:
            raise BadFile(f"Choose a row from 1 to {LAST_HEADER:,} as the one that names the columns, or 0 for none.")
        return (chosen, True) if chosen else (first, False)
    full = [(n, r) for n, r in enumerate(records, 1) if n >= first and any(cell.strip() for cell in r)]
    if not full:
        return first, True
    widths = Counter(_width(r) for _, r in full)
    width = max(widths, key=lambda w: (widths[w], w))
    number, record = next((n, r) for n, r in full if _width(r) >= width)
    if len(full) > 1 and number != full[0][0] and not _names(record):
        number, record = full[0]
    return number, _names(record)


def _width(record: list[str]) -> int:
    return max((n for n, cell in enumerate(record, 1) if cell.strip()), default=0)


def _names(record: list[str]) -> bool:
    """Whether a row names the columns: every cell is a name, none twice, none looks like a value."""
    first = [cell.strip() for cell in record[: max(_width(record), 1)]]
    if len(set(first)) != len(first) or not all(first):
        return len(first) > 1 and sum(map(bool, first)) > len(first) / 2 and not any(map(_VALUE.fullmatch, first))
    return not any(_VALUE.fullmatch(cell) for cell in first)


def _encoding(path: Path, head: bytes, name: str) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    if odd > 4 * max(even, 1) and odd > len(head[:2000]) // 8:
        return "utf-16-le"
    if even > 4 * max(odd, 1) and even > len(head[:2000]) // 8:
        return "utf-16-be"
    decoder, wrong = codecs.getincrementaldecoder("utf-8")(), []
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if b"\x00" in block:
                raise BadFile(f"“{name}” is not text: it holds zero bytes. Send CSV, XLSX or Parquet.")
            if block.isascii():
                continue
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                decoder.reset()
                wrong.append(block)
    if not wrong:
        return "utf-8"
    good, bad = encodings.utf8_faults(wrong[:20])
    return "utf-8" if good >= bad else encodings.best(b"".join(wrong[:4]))


def head_text(path: Path, encoding: str) -> str:
    """The beginning of a text, whole lines of it."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head).removeprefix("\ufeff")
    return text if len(head) < SAMPLE else text.rpartition("\n")[0] or text


def first_records(text: str, delimiter: str, most: int = FIRST_ROWS) -> list[list[str]]:
    """The first rows, blank ones as []."""
    records: list[list[str]] = []
    csv.field_size_limit(LIMITS.cell * 10)
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            records.append(record)
            if len(records) == most:
                break
    except csv.Error:
        pass
    return records


def _delimiter(text: str) -> str:
    """The one that cuts most rows into the same number of columns, more than one if any does."""
    best, chosen = (0.0, 0), ","
    for delimiter in DELIMITERS:
        widths = Counter(len(record) for record in first_records(text, delimiter) if record)
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        score = (times / widths.total() if width > 1 else 0.0, width)
        if score > best:
            best, chosen = score, delimiter
    return chosen


def named(given: list[str]) -> list[str]:
    """Column names: trimmed, empty ones "Column n", repeated ones numbered."""
    names: dict[str, None] = {}
    for number, value in enumerate(given, 1):
        name = " ".join(value.split())[:200] or f"Column {number}"
        stem, times = name, 2
        while name in names:
            name, times = f"{stem} ({times})", times + 1
        names[name] = None
    return list(names)
