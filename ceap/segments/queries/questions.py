"""Questions about rules that are not saved, on behalf of people who wait: one at a time, for as long as somebody waits.

A scan of the warehouse takes the cores that the pages need, in the process that serves them. So questions wait in one
queue, are answered in a thread that the pages' threads go before, and an equal question is asked once for all who wait
for it. A question that nobody waits for any more, because the page asked a newer one or was closed, leaves the queue;
when it is being answered already, that is stopped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ceap.kit.gone import Gone, never
from ceap.kit.problem import Conflict, Problem
from ceap.kit.process import step_back

AT_ONCE = 1  # questions being answered; the engine takes every core for one
OF_ONE = 4  # rules that one user has counted at a time (a page asks for numbers and waterfall)
OF_ALL = 100  # rules being counted, of all users
LOOK = 0.05  # seconds between two looks whether somebody still waits

Answer = TypeVar("Answer")
Unwanted = Callable[[], bool]


class Replaced(Conflict):
    """The same user has asked newer questions meanwhile."""


class TooManyQuestions(Problem):
    """So many rules are being counted that another one would wait too long."""

    status = 503
    title = "Too many rules are being counted"


@dataclass(eq=False)
class _Open:
    """A question that is not answered yet, and how many wait for the answer."""

    future: Future[Any] = field(default_factory=Future)
    waiting: int = 0
    unwanted: bool = False


class Questions:
    """A queue of questions, the `at_once` oldest of which are being answered."""

    def __init__(self, at_once: int, *, of_one: int = OF_ONE, of_all: int = OF_ALL):
        self.of_one, self.of_all = of_one, of_all
        self._threads = ThreadPoolExecutor(at_once, "question", initializer=step_back)
        self._open: dict[Hashable, _Open] = {}
        self._asking: list[Asking] = []
        self._lock = threading.Lock()

    @contextmanager
    def asking(self, who: Hashable, gone: Callable[[], bool] = never) -> Iterator[Asking]:
        """One rule counted for the user `who`, until `gone` says that the caller has hung up.

        The newest `of_one` rules of a user count; an older one ends with `Replaced`.

        Raises:
            TooManyQuestions: `of_all` rules are being counted.
        """
        mine = Asking(self, who, gone)
        with self._lock:
            theirs = [one for one in self._asking if one.who == who and not one.replaced]
            for one in theirs[: max(0, len(theirs) + 1 - self.of_one)]:
                one.replaced = True
            if sum(not one.replaced for one in self._asking) >= self.of_all:
                raise TooManyQuestions("Very many rules are being counted at this moment; try again in some seconds.")
            self._asking.append(mine)
        try:
            yield mine
        finally:
            with self._lock:
                self._asking.remove(mine)

    def join(self, key: Hashable, ask: Callable[[Unwanted], Answer]) -> _Open:
        """Wait for the answer to `key`: one more."""
        with self._lock:
            found = self._open.get(key)
            if found is None or found.unwanted:
                found = self._open[key] = _Open()
                found.future = self._threads.submit(self._ask, key, found, ask)
            found.waiting += 1
        return found

    def leave(self, key: Hashable, found: _Open) -> None:
        """One fewer waits; nobody: the question is dropped, or stopped."""
        with self._lock:
            found.waiting -= 1
            if not found.waiting and not found.future.done():
                found.unwanted = True
                if found.future.cancel():
                    self._forget(key, found)

    def _ask(self, key: Hashable, found: _Open, ask: Callable[[Unwanted], Answer]) -> Answer:
        try:
            return ask(lambda: found.unwanted)
        finally:
            with self._lock:
                self._forget(key, found)

    def _forget(self, key: Hashable, found: _Open) -> None:
        if self._open.get(key) is found:
            del self._open[key]


@dataclass(eq=False)
class Asking:
    """One rule being counted. `replaced`: by newer ones of the same user."""

    queue: Questions
    who: Hashable
    gone: Callable[[], bool]
    replaced: bool = False

    def answers(self, questions: dict[Hashable, Callable[[Unwanted], Answer]]) -> dict[Hashable, Answer]:
        """What each question says, called in a thread of the queue with what tells that nobody waits any more.

        Raises:
            Gone, Replaced: nobody needs this any more. Whatever a question raises.
        """
        opened = {key: self.queue.join(key, ask) for key, ask in questions.items()}
        try:
            return {key: self._wait(found.future) for key, found in opened.items()}
        finally:
            for key, found in opened.items():
                self.queue.leave(key, found)

    def _wait(self, future: Future[Answer]) -> Answer:
        while True:
            self._still()
            try:
                return future.result(LOOK)
            except TimeoutError:
                if future.done():
                    return future.result()

    def _still(self) -> None:
        if self.gone():
            raise Gone("The connection was closed.")
        if self.replaced:
            raise Replaced("Newer rules of yours are being counted, so this one is not counted any more.")


questions = Questions(AT_ONCE)
