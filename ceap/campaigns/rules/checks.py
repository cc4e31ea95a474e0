"""One line of a checklist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One line of the checklist before a launch: `level` is ok, warning or error; `step` is where to mend it."""

    key: str
    level: str
    message: str
    step: str
