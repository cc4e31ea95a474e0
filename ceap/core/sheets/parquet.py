"""The rows of a Parquet file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ceap.core.sheets.contracts import LIMITS, BadFile, Form
from ceap.core.sheets.detect import named
from ceap.core.sheets.pieces import Piece

BATCH = 20_000


def read(path: Path, form: Form) -> Iterator[Piece]:
    """The rows in pieces, with the types that the file has."""
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            if not names:
                raise BadFile("This Parquet file has no columns.")
            if len(names) > LIMITS.columns:
                raise BadFile(f"The file has {len(names):,} columns; a file may have at most {LIMITS.columns:,}.")
            empty = flat(file.schema_arrow.empty_table())
            yield Piece(empty, np.array([], np.int64), [], names)
            number = 1
            for batch in file.iter_batches(batch_size=BATCH):
                table = flat(pa.Table.from_batches([batch]))
                yield Piece(table, np.arange(number + 1, number + 1 + table.num_rows))
                number += table.num_rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise BadFile(f"This Parquet file is damaged: {str(error).partition(chr(10))[0]}") from None


def flat(table: pa.Table) -> pa.Table:
    """Dictionary columns as their values, kinds without a field type as text."""
    columns: dict[str, Any] = {}
    for name, column in zip(named(list(table.column_names)), table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_large_string(column.type) or pa.types.is_null(column.type):
            column = column.cast(pa.string())
        elif pa.types.is_floating(column.type) and column.type != pa.float64():
            column = column.cast(pa.float64())
        elif pa.types.is_binary(column.type) or pa.types.is_struct(column.type) or pa.types.is_time(column.type):
            texts = [None if v is None else str(v) for v in column.to_pylist()]
            column = pa.chunked_array([pa.array(texts, pa.string())])
        columns[name] = column
    return pa.table(columns)
