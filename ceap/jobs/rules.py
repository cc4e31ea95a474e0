"""Pure decisions about holders of leases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SILENT = 15.0  # seconds without a heartbeat after which a holder on another machine is taken for dead
GAP = 6.0  # seconds; who has not looked for so long begins to count anew: it may have been asleep, or the store away


@dataclass
class Pulse:
    """The heartbeats of others as counted by this process's own clock: clocks of machines need not agree."""

    seen: dict[str, tuple[int, float]] = field(default_factory=dict)  # id -> its count, and since when it stands still
    looked: float = float("-inf")
    silent: set[str] = field(default_factory=set)

    def feel(self, beats: Mapping[str, int], at: float) -> set[str]:
        """Which holders (id -> heartbeats so far) have been silent too long at `at` (seconds of a steady clock)."""
        awake = at - self.looked <= GAP
        self.looked = at
        before = self.seen if awake else {}
        self.seen = {
            id: before[id] if id in before and before[id][0] == count else (count, at) for id, count in beats.items()
        }
        self.silent = {id for id, (_, since) in self.seen.items() if at - since >= SILENT}
        return self.silent
