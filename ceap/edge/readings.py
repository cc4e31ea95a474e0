"""How the organisation reads identities: its settings, remembered for a moment as keys are."""

from __future__ import annotations

import json
import time

from ceap.core.values.identities import DEFAULT, Reading
from ceap.edge.store import Store

CACHE_SECONDS = 0.8  # a changed setting holds within a second


class Readings:
    """The reading that the settings of the store ask for."""

    def __init__(self, store: Store):
        self.store = store
        self._until, self._known = 0.0, DEFAULT

    async def now(self) -> Reading:
        """The reading of this moment.

        Raises:
            Unavailable: the store cannot be read.
        """
        if self._until <= time.monotonic():
            rows = await self.store.read("SELECT settings FROM accounts_organisation LIMIT 1")
            settings = rows[0][0] if rows else {}
            self._known = Reading.of(json.loads(settings) if isinstance(settings, str) else settings)
            self._until = time.monotonic() + CACHE_SECONDS
        return self._known
