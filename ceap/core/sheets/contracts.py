"""What a file was found to be, what may be chosen about it, and how much reading it may take."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ceap.kit.problem import Problem


class BadFile(Problem):
    """The file cannot be read; the sentence says where and what to do."""

    status = 422
    title = "This file cannot be imported"


@dataclass(frozen=True)
class Form:
    """What a file is taken for.

    encoding, delimiter: of text. header: whether a row names the columns; header_row: which one, as the sheet counts.
    sheet: of a workbook.
    """

    kind: str  # csv | xlsx | parquet
    encoding: str = ""
    delimiter: str = ""
    header: bool = True
    sheet: str = ""
    header_row: int = 1

    @property
    def first(self) -> int:
        """How many rows stand before the first one of data."""
        return self.header_row if self.header else self.header_row - 1


@dataclass(frozen=True)
class Choice:
    """What a person chose about a file; None: found out. header_row 0: no row names the columns."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None

    @property
    def names(self) -> list[str]:
        """What was chosen, by name."""
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]


CHOOSABLE = {"csv": ("encoding", "delimiter", "header_row"), "xlsx": ("sheet", "header_row"), "parquet": ()}
_HAVE = {"csv": "A text file", "xlsx": "A workbook", "parquet": "A Parquet file"}
_WORDS = {"encoding": "encoding", "delimiter": "delimiter", "sheet": "sheets", "header_row": "header row"}


def refuse_foreign(kind: str, choice: Choice) -> None:
    """That only what a file of this kind has was chosen.

    Raises:
        BadFile: a sheet of a text, an encoding of a workbook, anything of a Parquet file.
    """
    for name in choice.names:
        if name not in CHOOSABLE[kind]:
            raise BadFile(f"{_HAVE[kind]} has no {_WORDS[name]} to choose.")


@dataclass(frozen=True)
class Limits:
    """What reading one file may take; beyond it the file is refused in words.

    columns; cell: characters; unpacked, ratio: bytes of a workbook or Parquet file unpacked, at least and per byte of
    the file; memory: bytes of the child; seconds, megabytes_per_second: its computing time is their sum; small: bytes
    up to which text is read in the calling process, where the limits on columns and cells bound it.
    """

    columns: int = 2_000
    cell: int = 1_000_000
    unpacked: int = 64_000_000
    ratio: int = 60
    memory: int = 1_500_000_000
    seconds: float = 20.0
    megabytes_per_second: float = 2.0
    small: int = 256_000

    def room(self, size: int) -> int:
        """How many bytes a file of `size` bytes may unpack to."""
        return max(self.unpacked, self.ratio * size)

    def time(self, size: int) -> float:
        """Seconds of computing for a file of `size` bytes."""
        return self.seconds + size / 1e6 / self.megabytes_per_second


LIMITS = Limits()


def plain(form: Form) -> dict[str, Any]:
    """The form as JSON."""
    return {name: getattr(form, name) for name in Form.__dataclass_fields__}
