"""Files in and out: CSV and Parquet as tables whose cells stay as they came."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from ceap.core.sheets import BadFile
from ceap.core.sheets.reading import Part, rows
from ceap.kit.problem import Problem


class Unreadable(Problem):
    """The file cannot be read as a table."""

    status = 422
    title = "This file cannot be read"


@dataclass(frozen=True)
class Sheet:
    """A file's table in the order of its rows.

    broken: the rows (0 = first) that have more or fewer cells than the header. Their cells are where
    they stand in the line: only the first ones can be trusted.
    """

    table: pa.Table
    broken: tuple[int, ...] = ()


def read(path: Path) -> Sheet:
    """The table in a CSV, XLSX or Parquet file.

    Cells of a CSV are text, exactly as they stand there (numbers with leading zeros, too). Encoding and separator are
    recognised, as in imports.

    Raises:
        Unreadable: no such file, not a table, no rows, or two columns of one name.
    """
    try:
        found = rows(path, keep=False)
        if not found.form.header:
            found = rows(path, form=replace(found.form, header=True), keep=False)
    except BadFile as bad:
        raise Unreadable(bad.detail) from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror or error}.") from None
    if twice := sorted({name for name in found.given if name and found.given.count(name) > 1}):
        raise Unreadable(f"{path.name} has more than one column called {twice[0]!r}.")
    if not found.size:
        raise Unreadable(f"{path.name} has no rows.")
    part = next(found.parts(found.size))
    return _with_broken(part, found.form.delimiter) if part.torn else Sheet(part.table)


def _with_broken(part: Part, separator: str) -> Sheet:
    """Put the lines that do not fit the header back where they stood."""
    width = part.table.num_columns
    cells = [(next(csv.reader([text], delimiter=separator)) + [""] * width)[:width] for _, text, _ in part.torn]
    extra = pa.table([pa.array(column, pa.string()) for column in zip(*cells, strict=True)], part.table.column_names)
    order = np.argsort(np.array([*part.numbers, *(row for row, _, _ in part.torn)]), kind="stable")
    table = pa.concat_tables([part.table, extra]).take(pa.array(order))
    return Sheet(table, tuple(int(at) for at in np.flatnonzero(order >= part.table.num_rows)))


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells as text: numbers without a needless ".0"; nothing as null."""
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_dictionary(column.type):
        return texts(column.cast(column.type.value_type))
    if pa.types.is_floating(column.type) and pc.all(pc.equal(column, pc.round(column))).as_py():
        return column.cast(pa.int64(), safe=False).cast(pa.string())
    return column.cast(pa.string())


def write(table: pa.Table, path: Path) -> None:
    """Write a table as Parquet (a name that ends in .parquet) or CSV; the file is there whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as out:
            if path.suffix.lower() in (".parquet", ".pq"):
                pq.write_table(table, out)
            else:
                _write_csv(table, out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except OSError as error:
        raise Unreadable(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        draft.unlink(missing_ok=True)


def _write_csv(table: pa.Table, out: Any) -> None:
    """Quotes only where a cell needs them, so that ids stay as they came."""
    csv.writer(out_text := io.StringIO(), lineterminator="\n").writerow(table.column_names)
    out.write(out_text.getvalue().encode())
    words = [column for column in table.columns if pa.types.is_string(column.type)]
    special = any(pc.any(pc.match_substring_regex(column, r'[,"\r\n]')).as_py() for column in words)
    pa_csv.write_csv(
        table, out, pa_csv.WriteOptions(include_header=False, quoting_style="needed" if special else "none")
    )
