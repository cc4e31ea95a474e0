"""Questions about rules that are not saved, on behalf of people who wait: a few at once, the same one once.

A preview reads the whole warehouse, which one process holds, and that process serves the pages. So the questions run in
a few threads of their own that the pages' threads go before; who asks what somebody is being told already waits for
that answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from ceap.kit.process import step_back

AT_ONCE = 2

Answer = TypeVar("Answer")


class Questions:
    """A queue of questions, the `at_once` oldest of which are being answered."""

    def __init__(self, at_once: int):
        self._threads = ThreadPoolExecutor(at_once, "question", initializer=step_back)
        self._open: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    def answer(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """What `ask` gives, called in a thread of the queue; questions with an equal `key` are asked once while the
        first of them waits or is being answered. An error of `ask` is raised for each of them."""
        with self._lock:
            future = self._open.get(key)
            if future is None:
                future = self._open[key] = self._threads.submit(self._ask, key, ask)
        answer: Answer = future.result()
        return answer

    def _ask(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        finally:
            with self._lock:
                del self._open[key]


questions = Questions(AT_ONCE)
