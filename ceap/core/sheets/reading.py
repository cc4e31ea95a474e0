"""The parent's side: has files read within limits, and gives their rows in parts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import ceap
from ceap.core.sheets.contracts import LIMITS, BadFile, Choice, Form
from ceap.core.sheets.copying import ABOUT, ROW, TORN, WHY, copy, form_from
from ceap.kit.process import python

ROOT = str(Path(ceap.__file__).parents[1])
BINARY = (b"PK\x03\x04", b"PAR1")


@dataclass(frozen=True)
class Part:
    """Some rows of a file. `numbers` are theirs as a spreadsheet counts.

    `torn` are the rows among them that could not be taken apart: (row, what was found, why).
    """

    table: pa.Table
    numbers: list[int]
    torn: list[tuple[int, str, str]]

    @property
    def size(self) -> int:
        """Rows of the file, torn ones included."""
        return len(self.numbers) + len(self.torn)


@dataclass(frozen=True)
class Rows:
    """The rows of a file: cells of text and workbooks are text ("" = empty), Parquet keeps its types.

    given: the columns' names as the file says them, repeated and empty ones too. sheets: of a workbook, with whether
    each is hidden. top: the beginnings of the first rows of the file, above the header too.
    """

    form: Form
    columns: list[str]
    given: list[str]
    sheets: list[tuple[str, bool]]
    top: list[list[str]]
    whole: pa.Table

    @property
    def size(self) -> int:
        """Rows behind the header, torn ones included, blank ones not."""
        return int(self.whole.num_rows)

    def torn(self, limit: int) -> tuple[int, list[tuple[int, str, str]]]:
        """How many rows could not be taken apart, and the first of them: (row, what was found, why)."""
        count = self.size - int(self.whole.column(WHY).null_count)
        return count, self._part(self.whole.filter(self.whole.column(WHY).is_valid()).slice(0, limit)).torn

    def parts(self, size: int, skip: int = 0) -> Iterator[Part]:
        """The rows in parts of `size` (the last one smaller), beginning behind the first `skip` rows."""
        for start in range(skip, self.size, size):
            yield self._part(self.whole.slice(start, size))

    def _part(self, rows: pa.Table) -> Part:
        torn = []
        if rows.column(WHY).null_count < rows.num_rows:
            broken = rows.filter(rows.column(WHY).is_valid()).select([ROW, TORN, WHY])
            torn = [(r[ROW], r[TORN], r[WHY]) for r in broken.to_pylist()]
            rows = rows.filter(rows.column(WHY).is_null())
        return Part(rows.select(self.columns), rows.column(ROW).to_pylist(), torn)


def rows(path: Path, name: str = "", form: Form | None = None, choice: Choice = Choice(), keep: bool = True) -> Rows:
    """The rows of the file at `path`.

    Args:
        name: what whoever sent it calls it.
        form: what it was found to be before; None: it is found out, following `choice`.
        keep: leave the Arrow copy beside the file, so that it is not read again.

    Raises:
        BadFile: it cannot be read, or reading it takes more than a file may take. OSError: the disk is full.
    """
    if not path.exists():
        raise BadFile("The file is not kept any more. Upload it again.")
    if not keep:
        with tempfile.TemporaryDirectory(prefix="ceap-sheet-") as folder:
            out = Path(folder) / "rows.arrow"
            _made(path, name or path.name, out, form, choice)
            return _opened(out)  # mapped: its rows stay readable when the name is gone
    out = _copy_of(path)
    if form is not None and (known := _fresh(path, out, form)):
        return known
    _made(path, name or path.name, out, form, choice)
    return _opened(out)


def forget(path: Path) -> None:
    """Delete the Arrow copy of a file, if there is one."""
    _copy_of(path).unlink(missing_ok=True)


def _copy_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.arrow")


def _fresh(path: Path, out: Path, form: Form) -> Rows | None:
    """The copy, if it is one of the file as it is now, read in that form."""
    with suppress(OSError, pa.ArrowInvalid, ValueError, KeyError, TypeError):
        found = _opened(out)
        about, state = json.loads(found.whole.schema.metadata[ABOUT]), path.stat()
        if (found.form, about["size"], about["at"]) == (form, state.st_size, state.st_mtime_ns):
            return found
    return None


def _opened(out: Path) -> Rows:
    with pa.memory_map(str(out)) as source:
        whole = pa.ipc.open_file(source).read_all()
    about = json.loads(whole.schema.metadata[ABOUT])
    columns = [n for n in whole.column_names if n not in (ROW, TORN, WHY)]
    sheets = [(name, hidden) for name, hidden in about["sheets"]]
    return Rows(form_from(about), columns, about["names"], sheets, about.get("top", []), whole)


def _made(path: Path, name: str, out: Path, form: Form | None, choice: Choice) -> None:
    """Write the copy: of a small text here, of everything else in a child."""
    draft = out.with_name(f"{out.name}.{os.getpid()}.{threading.get_ident()}.part")
    size = path.stat().st_size
    with path.open("rb") as file:
        small = size <= LIMITS.small and file.read(4) not in BINARY
    try:
        if small:
            copy(path, name, draft, form, choice)
        else:
            _in_a_child(path, name, draft, form, choice, size)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _in_a_child(path: Path, name: str, out: Path, form: Form | None, choice: Choice, size: int) -> None:
    job = {
        "path": str(path.resolve()), "name": name, "out": str(out.resolve()), "form": asdict(form) if form else None,
        "choice": asdict(choice),
    }  # fmt: skip
    environment = {
        "PYTHONPATH": ROOT, "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0",
        "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip
    try:
        done = subprocess.run(
            python("-m", "ceap.core.sheets"), input=json.dumps(job).encode() + b"\n", capture_output=True,
            env=environment, cwd="/", timeout=LIMITS.time(size) * 3 + 30, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BadFile("Reading this file takes too long. Split it, or save it as CSV.") from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise BadFile("Reading this file takes too much computing time. Split it, or save it as CSV.")
    answer: dict[str, Any] = {}
    with suppress(ValueError):
        answer = json.loads(done.stdout)
    if "full" in answer:
        raise OSError(answer["full"], os.strerror(answer["full"]))
    if "bad" in answer:
        raise BadFile(answer["bad"])
    if "about" not in answer:
        raise BadFile("Reading this file takes more than a file may take (memory), or it is damaged. Save it as CSV.")
