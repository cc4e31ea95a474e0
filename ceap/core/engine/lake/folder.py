"""Tables as Parquet files in a folder that one process writes and many machines may read.

    <folder>/current.json   which files are the tables, and their columns: the only thing that is ever replaced
    <folder>/data/*.parquet never changed once written
    <folder>/lock           held by the process that has the folder open

A writer makes new files and replaces current.json at the end, so a reader sees all of a block or nothing, and a crash
leaves the old rows. Files that nobody reads any more are removed after a commit, and at the next start.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ceap.core.engine.lake.tables import File, Tables, names, read, understood, written
from ceap.core.engine.lake.writer import LakeWriter
from ceap.core.engine.ports import Damaged, InUse
from ceap.kit.disk import flush


class Lake:
    """The tables of a folder, and the one lock on it."""

    def __init__(self, folder: Path):
        """Open `folder`, creating it when it is not there.

        Raises:
            InUse: another process has it open.
            Damaged: what it holds cannot be read.
        """
        self.folder, self.data = folder, folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self._current, self._pins, self._guard = folder / "current.json", Counter[str](), threading.Lock()
        self._turn = threading.Lock()
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise InUse(f"{folder} is open in another process") from error
        try:
            self.tables = self._read()
        except BaseException:
            self._lock.close()
            raise
        self.sweep()

    def path(self, file: File) -> Path:
        return self.data / file.name

    @contextmanager
    def reading(self) -> Iterator[Tables]:
        """The tables as they are now; their files stay until the end of the block."""
        with self._guard:
            tables = self.tables
            pinned = names(tables)
            self._pins.update(pinned)
        try:
            yield tables
        finally:
            with self._guard:
                self._pins.subtract(pinned)

    @contextmanager
    def writing(self) -> Iterator[LakeWriter]:
        """One writer at a time; its work is there at the end of the block, or, when that raises, never was."""
        with self._turn:
            writer = LakeWriter(self.data, self.tables)
            try:
                yield writer
                writer.settle()
                self._commit(writer.tables, writer.made)
            except BaseException:
                self._remove(writer.made - names(self.tables))
                raise

    def verify(self) -> None:
        """Read every file once.

        Raises:
            Damaged: one is missing, or is not what was written.
        """
        for table in self.tables.values():
            for file in table.files:
                read(self.path(file))

    def close(self) -> None:
        self._lock.close()

    def _commit(self, tables: Tables, made: set[str]) -> None:
        """Make everything durable, then switch."""
        if tables == self.tables:
            return
        for name in made & names(tables):
            flush(self.data / name)
        flush(self.data)
        body = json.dumps({name: written(table) for name, table in tables.items()})
        draft = self._current.with_suffix(".draft")
        draft.write_text(f"{_digest(body)}\n{body}")
        flush(draft)
        draft.replace(self._current)
        with self._guard:
            self.tables = tables
        flush(self.folder)
        self.sweep()

    def _read(self) -> Tables:
        if not self._current.exists():
            return {}
        try:
            digest, _, body = self._current.read_text().partition("\n")
            if digest != _digest(body):
                raise ValueError("it is not what was written")
            return {name: understood(said) for name, said in json.loads(body).items()}
        except (ValueError, KeyError) as error:
            raise Damaged(f"{self._current.name}: {error}") from error

    def sweep(self) -> None:
        """Remove the files that belong to no table and are read by nobody."""
        with self._guard:
            needed = names(self.tables) | {name for name, times in self._pins.items() if times > 0}
            self._pins = Counter({name: times for name, times in self._pins.items() if times > 0})
        self._remove({path.name for path in self.data.iterdir()} - needed)

    def _remove(self, files: set[str]) -> None:
        for name in files:
            (self.data / name).unlink(missing_ok=True)


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
