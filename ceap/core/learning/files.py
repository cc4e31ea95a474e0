"""Files of customers that are kept to learn from and to score: each a folder, there whole or not at all.

`<id>/data.csv` (or `.parquet`) is the file as it came; `<id>/about.json` what is known of it, `<id>/receipt.json` what
the last scoring did with its rows.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ceap.core.learning import purchases, roles, table
from ceap.core.learning.lifecycle import Data, bought
from ceap.core.learning.roles import Given, Roles
from ceap.core.learning.table import Sheet, Unreadable
from ceap.core.traces import Traces
from ceap.kit.problem import NotFound, Problem

ABOUT, RECEIPT = "about.json", "receipt.json"
PARQUET = b"PAR1"


class TooLarge(Problem):
    """The file is over the limit."""

    status = 413
    title = "This file is too large"


@dataclass(frozen=True)
class About:
    """One kept file.

    columns: column → role (see `roles.ROLES`); {} when the table is one of purchases, whose columns are recognised.
    match: the kind of identity by which rows are customers. add: customers that are not there yet are added, in the
    name of `adder` (kind and id of an actor). look: what was found in it.
    """

    id: str
    name: str
    size: int
    sha256: str
    rows: int
    by: str
    at: str
    names: list[str]
    columns: dict[str, str]
    match: str = "customer_id"
    add: bool = False
    adder: list[str] = field(default_factory=list)
    look: dict[str, Any] | None = None


@dataclass(frozen=True)
class Files:
    """The files below `folder`, which is made when the first one is kept."""

    folder: Path

    def keep(
        self, id: str, name: str, blocks: Iterable[bytes], limit: int, by: str, at: datetime, given: Given | None = None
    ) -> About:
        """Keep a file, its columns as `given` or guessed; on disk when this returns.

        Raises:
            TooLarge: more than `limit` bytes. Unreadable: it is no table; nothing is kept.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self.folder))
        try:
            size, digest, parquet = _written(blocks, draft / "data", name, limit)
            data = draft / f"data.{'parquet' if parquet else 'csv'}"
            (draft / "data").rename(data)
            sheet = _read(data, name)
            lines = not (given and (given.amounts or given.label)) and purchases.columns(sheet.table)
            found = {} if lines else roles.told(roles.guess(sheet.table, given or Given()))
            about = About(
                id, name, size, digest, sheet.table.num_rows, by, at.isoformat(), sheet.table.column_names, found
            )
            _write(draft / ABOUT, asdict(about))
            draft.rename(self.folder / id)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return about

    def ids(self) -> list[str]:
        """All files, newest first (their ids are in the order of time)."""
        found = self.folder.iterdir() if self.folder.is_dir() else []
        return sorted((one.name for one in found if not one.name.startswith(".")), reverse=True)

    def about(self, id: str) -> About:
        """What is known of a file.

        Raises:
            NotFound: there is none.
        """
        try:
            return About(**json.loads((self.folder / id / ABOUT).read_bytes()))
        except (OSError, ValueError, TypeError):
            raise NotFound("This file is not kept any more: upload it again.") from None

    def change(self, about: About, **values: Any) -> About:
        """Keep what was decided about, or found in, a file."""
        changed = replace(about, **values)
        _write(self.folder / about.id / ABOUT, asdict(changed))
        return changed

    def read(self, id: str) -> Sheet:
        """Its table.

        Raises:
            NotFound: there is no such file. Unreadable: it is damaged.
        """
        name = self.about(id).name
        found = next((self.folder / id).glob("data.*"), None)
        if found is None:
            raise NotFound(f"“{name}” is not kept any more: upload it again.")
        return _read(found, name)

    def data(self, id: str) -> Data:
        """Its table with the roles of its columns as they were decided.

        Raises:
            NotFound, Unreadable, Invalid: the file or its columns.
        """
        sheet, about = self.read(id), self.about(id)
        if about.columns:
            return Data(sheet, roles.chosen(sheet.table, about.columns))
        lines = purchases.columns(sheet.table)
        if not lines:
            raise Unreadable(f"“{about.name}” has no columns with roles: say which ones are sales.")
        return bought(sheet, lines)

    def like(self, id: str, before: Roles) -> Data:
        """Its table with the roles of a training.

        Raises:
            NotFound, Unreadable: the file. Invalid: a column that the model needs is missing.
        """
        sheet, about = self.read(id), self.about(id)
        if before.source == purchases.SOURCE and (lines := purchases.columns(sheet.table)):
            return bought(sheet, lines, before)
        own = next((name for name, role in about.columns.items() if role == "id"), None)
        return Data(sheet, roles.like(sheet.table, before, Given(own)))

    def receipt(self, id: str) -> dict[str, Any] | None:
        """What the last scoring did with the rows; None: there was none."""
        with suppress(OSError, ValueError):
            found = json.loads((self.folder / id / RECEIPT).read_bytes())
            return found if isinstance(found, dict) else None
        return None

    def receive(self, id: str, receipt: dict[str, Any]) -> None:
        """Keep what a scoring did with the rows."""
        _write(self.folder / id / RECEIPT, receipt)

    def path(self, id: str) -> Path:
        """Where the table itself is, as it came."""
        return next((self.folder / id).glob("data.*"), self.folder / id / "data.csv")

    def erase(self, id: str, traces: Traces, rows: int) -> None:
        """Say that `rows` rows of an erased person were taken out of the table; what was found in it is scrubbed."""
        about, path = self.about(id), self.path(id)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        look = traces.scrub_json(about.look)
        if digest != about.sha256 or look != about.look:
            left = max(about.rows - rows, 0) if digest != about.sha256 else about.rows
            self.change(about, sha256=digest, size=path.stat().st_size, rows=left, look=look)
        receipt = self.receipt(id)
        if receipt is not None and traces.scrub_json(receipt) != receipt:
            self.receive(id, traces.scrub_json(receipt))

    def delete(self, id: str) -> None:
        """Forget a file."""
        shutil.rmtree(self.folder / id, ignore_errors=True)


def _read(path: Path, name: str) -> Sheet:
    try:
        return table.read(path)
    except Unreadable as problem:
        raise Unreadable(problem.detail.replace(path.name, f"“{name}”").replace(str(path.parent) + "/", "")) from None


def _written(blocks: Iterable[bytes], path: Path, name: str, limit: int) -> tuple[int, str, bool]:
    digest, size, head = hashlib.sha256(), 0, b""
    with path.open("wb") as out:
        for block in blocks:
            size += len(block)
            if size > limit:
                raise TooLarge(
                    f"“{name}” is larger than {limit // 1_000_000:,} MB. Split it, or have an administrator raise the "
                    "setting “Largest file to import”."
                )
            head = head or block[:4]
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return size, digest.hexdigest(), head == PARQUET


def _write(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w") as out:
        json.dump(content, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
