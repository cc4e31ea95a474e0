"""A file's rows as an Arrow file: read once, taken by part for ever after."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from ceap.core.sheets import parquet, text, workbook
from ceap.core.sheets.contracts import BadFile, Choice, Form, plain, refuse_foreign
from ceap.core.sheets.detect import detect, first_records, head_text
from ceap.core.sheets.pieces import Piece

ROW, TORN, WHY = "\x00row", "\x00torn", "\x00why"  # of the copy; no file has columns of such names
ABOUT = b"ceap"
TOP = 12  # rows of the beginning that are shown whether they are data or not
READERS = {"csv": text.read, "xlsx": workbook.read, "parquet": parquet.read}


def copy(path: Path, name: str, out: Path, form: Form | None, choice: Choice) -> dict[str, Any]:
    """Write the rows of the file at `path` to `out`; returns what the copy says about it.

    Args:
        form: what the file is known to be; None: found out, with what `choice` says.

    Raises:
        BadFile: it cannot be read. OSError: the disk is full.
    """
    if form is None:
        form = detect(path, name, choice)
        if form.kind == "xlsx":
            form = workbook.form_of(path, choice)
        refuse_foreign(form.kind, choice)
    sheets, top = workbook.overview(path, form) if form.kind == "xlsx" else ([], _top(path, form))
    state = path.stat()
    about: dict[str, Any] = {
        "form": plain(form), "sheets": sheets, "top": shortened(top), "size": state.st_size, "at": state.st_mtime_ns,
    }  # fmt: skip
    try:
        with out.open("wb") as file:
            _write(READERS[form.kind](path, form), file, about)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return about


def _write(pieces: Iterator[Piece], file: Any, about: dict[str, Any]) -> None:
    first = next(pieces)
    kinds = [pa.field(ROW, pa.int64()), pa.field(TORN, pa.string()), pa.field(WHY, pa.string())]
    schema = pa.schema([*kinds, *first.table.schema])
    said = about | {"names": first.given}
    schema = schema.with_metadata({ABOUT: json.dumps(said).encode()})
    rows = 0
    with pa.ipc.new_file(file, schema) as writer:
        for piece in pieces:
            table = _table(piece, first.table.schema).cast(schema)
            writer.write_table(table)
            rows += table.num_rows
    if file.tell() == 0:
        raise BadFile("Nothing in this file can be read.")


def _table(piece: Piece, schema: pa.Schema) -> pa.Table:
    numbers = pa.array(piece.numbers, pa.int64())
    nothing = pa.nulls(len(numbers), pa.string())
    table = pa.table([numbers, nothing, nothing, *piece.table.columns], [ROW, TORN, WHY, *schema.names])
    if not piece.torn:
        return table
    torn = {
        ROW: pa.array([t.row for t in piece.torn], pa.int64()),
        TORN: pa.array([t.text for t in piece.torn], pa.string()),
        WHY: pa.array([t.why for t in piece.torn], pa.string()),
    }
    empty = {f.name: pa.nulls(len(piece.torn), f.type) for f in schema}
    return pa.concat_tables([table, pa.table(torn | empty)]).sort_by(ROW)


def _top(path: Path, form: Form) -> list[list[str]]:
    return first_records(head_text(path, form.encoding), form.delimiter, TOP) if form.kind == "csv" else []


def shortened(top: list[list[str]]) -> list[list[str]]:
    """The beginning of the first rows, as much as choosing the row of the header takes."""
    return [[" ".join(cell.split())[:60] for cell in row[:8]] for row in top[:TOP]]


def form_from(about: dict[str, Any]) -> Form:
    """The form that a copy's description holds."""
    return replace(Form("csv"), **about["form"])
