"""A disk that loses its cache: what SQLite wrote and did not sync is gone, or half there, after `cut()`.

A VFS (apsw) passes everything through to real files and keeps beside them what the platter would hold: an image of each
file, and the writes since its last sync. It needs apsw's own SQLite, which must not be older than ours may be.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import apsw

from ceap.kit.sqlite import FLOOR

SECTOR = 512
assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= FLOOR


class Disk(apsw.VFS):
    """The VFS "disk-<n>"; open databases through `connect`."""

    def __init__(self, folder: Path, number: int):
        self.folder, self.label = folder, f"disk-{number}"
        self.durable: dict[str, bytearray] = {}
        self.pending: dict[str, list[tuple[int, bytes | None]]] = {}  # (offset, data), or (size, None): truncated
        self.syncs = 0
        self.con: Any = None  # the connection of the process that dies
        super().__init__(self.label, "", maxpathname=1024)

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.durable.pop(Path(filename).name, None)
        self.pending.pop(Path(filename).name, None)

    def connect(self, pragmas: str) -> apsw.Connection:
        con = apsw.Connection(str(self.folder / "store.sqlite3"), vfs=self.label)
        for pragma in pragmas.split(";"):
            con.execute(pragma).fetchall()
        return con

    def cut(self, into: Path, dice: random.Random | None = None) -> Path:
        """Cut the power: the files as a later start finds them, in `into`; the database among them.

        Without `dice` nothing unsynced survives; with it, some of the unsynced sectors do, as the cache pleases.
        """
        into.mkdir(parents=True)
        for name in {*self.durable, *self.pending}:
            image = bytearray(self.durable.get(name, b""))
            for offset, data in self.pending.get(name, []) if dice is not None else []:
                assert dice
                if data is None:
                    if dice.random() < 0.5:
                        del image[offset:]
                    continue
                for start in range(0, len(data), SECTOR):
                    if dice.random() < 0.5:
                        _put(image, offset + start, data[start : start + SECTOR])
            (into / name).write_bytes(image)
        return into / "store.sqlite3"


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]):
        self.disk = disk
        self.kept = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "temporary").name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self.disk.pending.setdefault(self.kept, []).append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        super().xTruncate(size)
        self.disk.pending.setdefault(self.kept, []).append((size, None))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        image = self.disk.durable.setdefault(self.kept, bytearray())
        for offset, data in self.disk.pending.pop(self.kept, []):
            if data is None:
                del image[offset:]
            else:
                _put(image, offset, data)
        self.disk.syncs += 1


def _put(image: bytearray, offset: int, data: bytes) -> None:
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data
