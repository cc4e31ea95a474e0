"""Looking at some customers, or at everybody, in one scan: which rules select them, and whether they can be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from ceap.core import bitmaps
from ceap.segments import composed, sources
from ceap.segments.changes import EVERYBODY, patched
from ceap.segments.conditions import CheckedRule
from ceap.segments.models import Following


@dataclass(frozen=True)
class Found:
    """What one scan said of the customers it looked at."""

    present: BitMap
    email: BitMap
    whatsapp: BitMap
    matched: list[BitMap]


def scan(
    warehouse: sources.Warehouse,
    rules: Sequence[CheckedRule],
    look: BitMap | None,
    unwanted: Callable[[], bool] | None = None,
) -> Found:
    """Look at the customers `look` (None: everybody).

    Raises:
        Interrupted: `unwanted()` said that nobody wants to know any more.
    """
    table = composed.flags(warehouse, rules, sources.context(), look, unwanted)
    rows = bitmaps.Rows(table.column("id").to_numpy())
    names = ("email_ok", "whatsapp_ok", *(f"m{n}" for n in range(len(rules))))
    email, whatsapp, *matched = (rows.where(table.column(name)) for name in names)
    return Found(rows.everyone, email, whatsapp, matched)


class People:
    """Everybody, and who can be reached by email and by WhatsApp.

    Known from the last pass but for `unknown` (None: nothing is known); the first scan that looks at those tells.
    """

    def __init__(self, known: Following | None, changed: BitMap | None):
        self.unknown, self.changed = (EVERYBODY if known is None else changed), False
        self.present = self.email = self.whatsapp = BitMap()
        if known is not None and changed is not EVERYBODY:
            columns = (known.everyone, known.email, known.whatsapp)
            self.present, self.email, self.whatsapp = (bitmaps.unpack(packed) for packed in columns)

    def learn(self, looked: BitMap | None, found: Found) -> None:
        """Take in a scan that looked at `looked`, when it tells all that is unknown."""
        if looked is EVERYBODY:
            self.present, self.email, self.whatsapp = found.present, found.email, found.whatsapp
        elif self.unknown and self.unknown <= looked:
            self.present = patched(self.present, looked, found.present)
            self.email = patched(self.email, looked, found.email)
            self.whatsapp = patched(self.whatsapp, looked, found.whatsapp)
        else:
            return
        self.unknown, self.changed = BitMap(), True

    def ask(self, warehouse: sources.Warehouse) -> None:
        """Look at those who are unknown still."""
        if self.unknown is EVERYBODY or self.unknown:
            self.learn(self.unknown, scan(warehouse, [], self.unknown))
