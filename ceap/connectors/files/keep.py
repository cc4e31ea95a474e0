"""Keeping an uploaded file: streamed to disk, hashed, text turned into UTF-8."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ceap.connectors.contracts import BadFile, Form
from ceap.connectors.files.detect import detect
from ceap.kit.problem import Problem

BLOCK = 1 << 20


class TooLarge(Problem):
    """The file is over the limit `import_max_mb`."""

    status = 413
    title = "This file is too large"


@dataclass(frozen=True)
class Kept:
    """`rows` is how many rows there are: of text an estimate (cells may hold line breaks), of workbooks unknown."""

    sha256: str
    size: int
    form: Form
    rows: int | None


def keep(blocks: Iterable[bytes], path: Path, name: str, limit: int) -> Kept:
    """Write `blocks` to `path` and say what it is; text is stored in UTF-8 whatever it came in.

    Raises:
        TooLarge: more than `limit` bytes.
        BadFile: nothing that can be imported.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as out:
            for block in blocks:
                size += len(block)
                if size > limit:
                    raise TooLarge(
                        f"“{name}” is larger than {limit // 1_000_000:,} MB. Split it, or have an administrator raise "
                        "the setting “Largest file to import”."
                    )
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        form = detect(path, name)
        rows = None
        if form.kind == "csv":
            if form.encoding not in ("utf-8", "utf-8-sig"):
                _transcode(path, form.encoding, name)
            rows = _lines(path, name) - (1 if form.header else 0)
        elif form.kind == "parquet":
            with contextlib.suppress(pa.ArrowException, OSError):  # a damaged one is refused when it is read
                rows = pq.read_metadata(path).num_rows
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Kept(digest.hexdigest(), size, form, rows)


def _transcode(path: Path, encoding: str, name: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    part, line = path.with_suffix(".utf8"), 1
    try:
        with path.open("rb") as file, part.open("wb") as out:
            while True:
                block = file.read(BLOCK)
                text = decoder.decode(block, final=not block)
                line += text.count("\n")
                out.write(text.encode())
                if not block:
                    break
            out.flush()
            os.fsync(out.fileno())
    except UnicodeDecodeError as error:
        part.unlink(missing_ok=True)
        line += block[: error.start].count(b"\n")
        raise BadFile(f"“{name}” is neither UTF-8 nor {encoding}: the text in line {line} cannot be read.") from None
    part.replace(path)


def _lines(path: Path, name: str) -> int:
    """Lines with something in them.

    Raises:
        BadFile: a quote is opened and never closed.
    """
    lines, quotes, last = 0, 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            lines += block.count(b"\n")
            quotes += block.count(b'"')
            last = block[-1:]
    if quotes % 2:
        raise BadFile(f'“{name}” has a quote (") in line {_open_quote(path)} that is never closed.')
    return lines + (last != b"\n")


def _open_quote(path: Path) -> int:
    """The line of the first quote after which quotes do not pair up within a cell any more."""
    opened, inside = 1, False
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.count(b'"') % 2:
                opened, inside = (number, True) if not inside else (opened, False)
    return opened
