"""Templates to begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ceap.content.compiler.blocks import BlockSource


@dataclass(frozen=True)
class Starter:
    """One template to begin with; `purpose` as in `Template.purpose`."""

    key: str
    name: str
    group: str
    description: str
    purpose: str
    subject: str
    preheader: str
    source: BlockSource


@lru_cache
def starters() -> tuple[Starter, ...]:
    """All of them, in the order of the gallery."""
    rows = json.loads(Path(__file__).with_name("starters.json").read_text("utf-8"))
    return tuple(Starter(**{**row, "source": BlockSource.model_validate(row["source"])}) for row in rows)


def starter(key: str) -> Starter | None:
    """One of them by its key."""
    return next((one for one in starters() if one.key == key), None)
