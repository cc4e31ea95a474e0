"""Composing the name of a customer from its parts."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

NAME, PARTS = "full_name", ("first_name", "last_name")
_EAST = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")


def composed(rows: pa.Table) -> pa.Table:
    """The rows with a full name made of first and last name, wherever the file says none itself."""
    parts = [name for name in PARTS if name in rows.column_names]
    if not parts:
        return rows
    texts = [[str(v or "").strip() for v in rows.column(name).to_pylist()] for name in parts]
    names = pa.chunked_array([pa.array([full_name(*each) for each in zip(*texts, strict=True)], pa.string())])
    if NAME not in rows.column_names:
        return rows.append_column(NAME, names)
    said = rows.column(NAME).cast(pa.string())
    empty = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(said, "")), "")
    return rows.set_column(rows.column_names.index(NAME), NAME, pc.if_else(empty, names, said))


def full_name(first: str, last: str = "") -> str:
    """The whole name: "Sari Dewi"; of Chinese, Japanese and Korean names the family comes first, "王伟"."""
    if first and last and _EAST.fullmatch(first) and _EAST.fullmatch(last):
        return last + first
    return f"{first} {last}".strip()
