"""Rows on their way from a file to its Arrow copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Torn:
    """A row that could not be taken apart: its number, the beginning of its text, why; `open`: by an unclosed quote."""

    row: int
    text: str
    why: str
    open: bool = False


@dataclass(frozen=True)
class Piece:
    """Some rows of a file: their cells, their numbers as the sheet counts, and the torn rows among them."""

    table: pa.Table
    numbers: Any
    torn: list[Torn] = field(default_factory=list)
    given: list[str] | None = None  # the columns' names as they stand in the file, in the first piece


def raw_names(given: list[str], names: list[str]) -> Piece:
    """The first piece: no rows, the names as the file says them."""
    empty = pa.table({name: pa.array([], pa.string()) for name in names})
    return Piece(empty, np.array([], np.int64), [], given)
