"""What a scored table says of itself; light, for packages that need no numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Scored:
    """One scored table. as_of: what the data know until then. source: "purchases", or the name of a file.

    file: the id of the kept file (`files.Files`), when it was one.
    """

    path: Path
    version: int
    as_of: datetime
    source: str
    categories: tuple[str, ...]
    file: str | None = None
