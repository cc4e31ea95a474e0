"""Answers of the warehouse that are kept: while its data stand still, and of many rows for some time longer."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from ceap.segments import sources

MANY = 200_000  # rows: an answer about fewer is never older than the data
FRESH = 60.0  # seconds for which an answer about many rows is given though the data changed
OLDEST = 600.0  # seconds after which nobody gets it; in between it is given once more while a new one is asked for

Answer = TypeVar("Answer")


@dataclass
class _Kept(Generic[Answer]):
    answer: Answer
    rows: int
    place: tuple[int, int]
    at: float
    renewing: bool = False


class Answers(Generic[Answer]):
    """Answers by key, the `most` that were asked for last, of each warehouse."""

    def __init__(self, most: int):
        self.most = most
        self._known: WeakKeyDictionary[sources.Warehouse, OrderedDict[Hashable, _Kept[Answer]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, key: Hashable, ask: Callable[[], tuple[Answer, int]]) -> Answer:
        """The answer under `key`; `ask` gives it anew, with the number of rows it is about, also from other threads."""
        warehouse = sources.warehouse()
        with self._lock:
            kept = self._known.setdefault(warehouse, OrderedDict()).get(key)
            age = time.monotonic() - kept.at if kept else OLDEST
            if kept and (kept.place == warehouse.position() or (kept.rows > MANY and age < FRESH)):
                return kept.answer
            late = kept is not None and kept.rows > MANY and age < OLDEST
            if kept and late and not kept.renewing:
                kept.renewing = True
                threading.Thread(target=self._renew, args=(warehouse, key, ask, kept), daemon=True).start()
            if kept and late:
                return kept.answer
        return self._asked(warehouse, key, ask)

    def _asked(
        self, warehouse: sources.Warehouse, key: Hashable, ask: Callable[[], tuple[Answer, int]]
    ) -> Answer:  # fmt: skip
        place, at = warehouse.position(), time.monotonic()
        answer, rows = ask()
        with self._lock:
            known = self._known.setdefault(warehouse, OrderedDict())
            known[key] = _Kept(answer, rows, place, at)
            known.move_to_end(key)
            while len(known) > self.most:
                known.popitem(last=False)
        return answer

    def _renew(
        self,
        warehouse: sources.Warehouse,
        key: Hashable,
        ask: Callable[[], tuple[Answer, int]],
        kept: _Kept[Answer],
    ) -> None:
        try:
            self._asked(warehouse, key, ask)
        finally:
            kept.renewing = False
