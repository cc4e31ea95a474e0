"""Versions of a model in a folder: written whole or not at all, checked when read, deployed by a growing journal.

`000001/model.npz` holds plain arrays (no code), `000001/manifest.json` the checksum, metrics and where it all
came from; `deployments.jsonl` who put which version to use, and when.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ceap.core.learning.model import Model
from ceap.kit import journal
from ceap.kit.disk import flush
from ceap.kit.problem import Conflict, NotFound

MODEL, MANIFEST, DEPLOYMENTS = "model.npz", "manifest.json", "deployments.jsonl"
FORMAT = 1
MEND = "deploy another version, or train again"


class Damaged(Conflict):
    """The files of a version are not those that training wrote."""

    title = "This model cannot be used"


@dataclass(frozen=True)
class Versions:
    """The versions in `folder`, which is made when the first one is saved."""

    folder: Path

    def numbers(self) -> list[int]:
        """All versions, oldest first."""
        found = self.folder.iterdir() if self.folder.is_dir() else []
        return sorted(int(one.name) for one in found if one.name.isdigit())

    def save(self, model: Model, facts: dict[str, Any]) -> int:
        """Keep a model as the next version; on disk when this returns. Returns its number."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = io.BytesIO()
        np.savez(arrays, **model.pack())  # type: ignore[arg-type]
        content = arrays.getvalue()
        self._sweep()
        draft = Path(tempfile.mkdtemp(prefix=f".draft-{os.getpid()}-", dir=self.folder))
        try:
            _write(draft / MODEL, content)
            number = (self.numbers() or [0])[-1] + 1
            while True:
                known = {"format": FORMAT, "version": number, "sha256": hashlib.sha256(content).hexdigest()}
                _write(draft / MANIFEST, json.dumps(known | facts, indent=1, default=str).encode())
                try:
                    draft.rename(self.folder / f"{number:06}")
                    break
                except OSError:
                    if not (self.folder / f"{number:06}").exists():
                        raise
                    number += 1  # another training ended first
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        flush(self.folder)
        return number

    def _sweep(self) -> None:
        """Remove what trainings left behind that were killed while they wrote."""
        for draft in self.folder.glob(".draft-*"):
            try:
                os.kill(int(draft.name.split("-")[1]), 0)
            except ProcessLookupError:
                shutil.rmtree(draft, ignore_errors=True)

    def manifest(self, number: int) -> dict[str, Any]:
        """What is known about a version.

        Raises:
            NotFound: there is no such version. Damaged: its manifest cannot be read.
        """
        folder = self.folder / f"{number:06}"
        if not folder.is_dir():
            known = ", ".join(map(str, self.numbers())) or "none"
            raise NotFound(f"There is no version {number} of the model; versions that exist: {known}.")
        try:
            found = json.loads((folder / MANIFEST).read_bytes())
        except (OSError, ValueError):
            raise Damaged(
                f"Version {number} of the model has no readable manifest: train again or deploy another version."
            ) from None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise Damaged(f"Version {number} of the model has a manifest of another kind: train again.")
        return found

    def check(self, number: int) -> None:
        """Make sure that a version's file is what training wrote.

        Raises:
            NotFound: there is no such version. Damaged: its file is missing, or another one.
        """
        self._content(number, self.manifest(number))

    def compared(self, number: int, other: int) -> Path:
        """Where the comparison of two versions is kept."""
        return self.folder / f"{number:06}" / f"beside-{other:06}.json"

    def _content(self, number: int, facts: dict[str, Any]) -> bytes:
        try:
            content = (self.folder / f"{number:06}" / MODEL).read_bytes()
        except OSError:
            raise Damaged(f"The file of version {number} of the model is missing: {MEND}.") from None
        if hashlib.sha256(content).hexdigest() != facts.get("sha256"):
            raise Damaged(f"The file of version {number} of the model is damaged (its checksum differs): {MEND}.")
        return content

    def load(self, number: int) -> tuple[Model, dict[str, Any]]:
        """A version and its manifest.

        Raises:
            NotFound: there is no such version. Damaged: its file is missing, or not what training wrote.
        """
        facts = self.manifest(number)
        content = self._content(number, facts)
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return Model.unpack({name: arrays[name] for name in arrays.files}), facts
        except (ValueError, KeyError, TypeError, zipfile.BadZipFile):
            raise Damaged(f"The file of version {number} of the model cannot be read: {MEND}.") from None

    def deploy(self, number: int, by: str, at: datetime) -> None:
        """Put a version to use, a newer or an older one; it is read whole before.

        Raises:
            NotFound: there is no such version. Damaged: it cannot be used.
        """
        self.load(number)
        journal.append(self.folder / DEPLOYMENTS, {"version": number, "by": by, "at": at.isoformat()})

    def deployments(self) -> list[dict[str, Any]]:
        """Who put which version to use, and when; oldest first."""
        return list(journal.read(self.folder / DEPLOYMENTS))

    def published(self) -> set[str]:
        """The keys of the segments of every version that was ever in use."""
        keys: set[str] = set()
        for number in {int(one["version"]) for one in self.deployments()}:
            with suppress(NotFound, Damaged):
                keys |= {one["key"] for one in self.manifest(number).get("segments", ())}
        return keys

    def in_use(self) -> int | None:
        """The version deployed last."""
        found = self.deployments()
        return int(found[-1]["version"]) if found else None


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
