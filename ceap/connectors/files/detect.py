"""Finding out what a file is: CSV (encoding, delimiter, header), XLSX or Parquet."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from pathlib import Path

from ceap.connectors.contracts import BadFile, Form

DELIMITERS = ",;\t|"
SAMPLE = 256 * 1024
BINARIES = {
    b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image", b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive: unpack it first", b"\x7fELF": "a program", b"\xd0\xcf\x11\xe0": "an old Excel file "
    "(.xls): save it as .xlsx", b"SQLite format 3": "a SQLite database", b"BZh": "a bzip2 archive: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first", b"{\\rtf": "a rich text document", b"MZ": "a program",
}  # fmt: skip
_VALUE = re.compile(r"[+-]?[\d.,:/-]*\d[\d.,:/ -]*|[^@\s]+@[^@\s]+\.\w+|https?://.*", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def detect(path: Path, name: str) -> Form:
    """What the file at `path` (called `name` by whoever sent it) is.

    Raises:
        BadFile: it is empty, or none of CSV, XLSX and Parquet.
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
    encoding = _encoding(path, head, name)
    text = _text(head, encoding)
    if CONTROL.search(text):
        raise BadFile(f"“{name}” is not text: it holds control characters. Send CSV, XLSX or Parquet.")
    if text.lstrip()[:1] in "{[" and '":' in text[:2_000]:
        raise BadFile(f"“{name}” is JSON. Send CSV, XLSX or Parquet.")
    if re.match(r"\s*<(!doctype|html|\?xml)", text, re.IGNORECASE):
        raise BadFile(f"“{name}” is a web page or XML. Send CSV, XLSX or Parquet.")
    delimiter = _delimiter(text)
    return Form("csv", encoding, delimiter, header=_header(text, delimiter))


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
    if b"\x00" in head:
        raise BadFile(f"“{name}” is not text: it holds zero bytes. Send CSV, XLSX or Parquet.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _text(head: bytes, encoding: str) -> str:
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    if len(head) < SAMPLE:
        return text
    return text.rpartition("\n")[0] or text


def _records(text: str, delimiter: str, most: int = 200) -> list[list[str]]:
    lines = text.splitlines(keepends=True)
    records = []
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            if record:
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
        widths = Counter(len(record) for record in _records(text, delimiter))
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        score = (times / widths.total() if width > 1 else 0.0, width)
        if score > best:
            best, chosen = score, delimiter
    return chosen


def _header(text: str, delimiter: str) -> bool:
    """Whether the first row names the columns: every cell is a name, none twice, none looks like a value."""
    records = _records(text, delimiter, 2)
    if not records:
        return True
    first = [cell.strip() for cell in records[0]]
    if len(set(first)) != len(first) or not all(first):
        return len(first) > 1 and sum(map(bool, first)) > len(first) / 2 and not any(map(_VALUE.fullmatch, first))
    return not any(_VALUE.fullmatch(cell) for cell in first)
