"""Files in and out: CSV and Parquet as tables whose cells stay as they came."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from ceap.kit.problem import Problem

SNIFFED = 64 * 1024


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
    """The table in a CSV or Parquet file.

    Cells of a CSV are text, exactly as they stand there (numbers with leading zeros, too). Encoding (UTF-8 with or
    without a mark, UTF-16, else Latin-1) and separator are recognised.

    Raises:
        Unreadable: no such file, not a table, no rows, or two columns of one name.
    """
    try:
        with path.open("rb") as opened:
            head = opened.read(SNIFFED)
        found = Sheet(pq.read_table(path)) if head.startswith(b"PAR1") else _csv(path, head)
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror or error}.") from None
    except (pa.ArrowException, UnicodeError) as error:
        raise Unreadable(f"{path.name} cannot be read as a table: {str(error).splitlines()[0][:200]}") from None
    _refuse_twice(path, found.table.column_names)
    if not found.table.num_columns or not found.table.num_rows:
        raise Unreadable(f"{path.name} has no rows.")
    return found


def _refuse_twice(path: Path, names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unreadable(f"{path.name} has more than one column called {twice[0]!r}.")


def _csv(path: Path, head: bytes) -> Sheet:
    if not head.strip():
        raise Unreadable(f"{path.name} is empty.")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(f"{path.name} is neither CSV nor Parquet.")
    encoding = _encoding(path, head)
    first = next(line for line in head.decode(encoding, "ignore").lstrip("\ufeff").splitlines() if line.strip())
    separator = max(",;\t|", key=first.count)
    header = next(csv.reader([first], delimiter=separator))
    _refuse_twice(path, header)
    broken: list[pa_csv.InvalidRow] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    def parsed(threads: bool) -> pa.Table:
        return pa_csv.read_csv(
            path,
            pa_csv.ReadOptions(encoding=encoding, block_size=8 << 20, use_threads=threads),
            pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=keep),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False),
        )

    table = parsed(True)
    if not broken:
        return Sheet(table)
    broken.clear()  # without threads, rows know their numbers
    return _with_broken(parsed(False), broken, separator)


def _with_broken(whole: pa.Table, broken: list[pa_csv.InvalidRow], separator: str) -> Sheet:
    """Put the lines that do not fit the header back where they stood."""
    width = whole.num_columns
    cells = [(next(csv.reader([row.text], delimiter=separator)) + [""] * width)[:width] for row in broken]
    extra = pa.table([pa.array(column, pa.string()) for column in zip(*cells, strict=True)], whole.column_names)
    at = np.array([row.number - 2 for row in broken])  # lines count from 1, and the first is the header
    kept = np.setdiff1d(np.arange(whole.num_rows + len(at)), at)
    order = np.empty(len(kept) + len(at), np.int64)
    order[kept], order[at] = np.arange(len(kept)), len(kept) + np.arange(len(at))
    return Sheet(pa.concat_tables([whole, extra]).take(pa.array(order)), tuple(int(row) for row in at))


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    with path.open("rb") as opened:
        tail = b""
        while block := opened.read(1 << 22):
            block = tail + block
            try:
                block.decode()
                tail = b""
            except UnicodeDecodeError as error:
                if error.start < len(block) - 3:
                    return "latin-1"
                tail = block[error.start :]  # a letter cut in two by the end of the block
    return "latin-1" if tail else "utf-8"


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
