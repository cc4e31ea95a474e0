"""Keeping uploaded files of customers, items, purchases and events, and their rows in parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ceap.connectors.files.keep import keep
from ceap.core.sheets import Form
from ceap.core.sheets.reading import Part, forget, rows

__all__ = ["Part", "columns", "forget", "keep", "parts", "rows"]


def columns(path: Path, form: Form) -> list[str]:
    """The names of the file's columns.

    Raises:
        BadFile: the file is damaged or has no columns.
    """
    return rows(path, form=form).columns


def parts(path: Path, form: Form, size: int, skip: int = 0) -> Iterator[Part]:
    """The file's rows in parts of `size` (the last one smaller), beginning behind the first `skip` rows.

    Raises:
        BadFile: the file is damaged.
    """
    yield from rows(path, form=form).parts(size, skip)
