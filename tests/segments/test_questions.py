"""Questions about rules that are not saved: one at once, equal ones together, only while somebody waits."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ceap.core.engine.duckdb import DuckDB
from ceap.kit.gone import Gone, gone, never, watched
from ceap.kit.process import NICENESS
from ceap.segments.queries.questions import AT_ONCE, Questions, Replaced, TooManyQuestions, Unwanted

pytestmark = pytest.mark.req("S-2")


def until(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    assert holds()


class Slow:
    """A question that waits to be let go, or until nobody wants its answer."""

    def __init__(self) -> None:
        self.begun, self.stopped, self.times, self.go = threading.Event(), False, 0, threading.Event()

    def __call__(self, unwanted: Unwanted) -> int:
        self.times += 1
        self.begun.set()
        until(lambda: self.go.is_set() or unwanted())
        self.stopped = unwanted()
        return self.times


def ask(questions: Questions, who: str, key: str, slow: Callable[[Unwanted], int], hung_up: Any = never) -> int:
    with questions.asking(who, hung_up) as asking:
        return asking.answers({key: slow})[key]


def start(people: ThreadPoolExecutor, questions: Questions, who: str, key: str, *more: Any) -> Future[int]:
    """Ask, and return once the question is in the queue."""
    before = sum(one.waiting for one in questions._open.values())
    found = people.submit(ask, questions, who, key, *more)
    until(lambda: sum(one.waiting for one in questions._open.values()) > before)
    return found


def test_equal_questions_are_asked_once_while_the_first_is_open() -> None:
    questions, slow = Questions(2), Slow()
    with ThreadPoolExecutor(5) as people:
        answers = [start(people, questions, f"user {n}", "one", slow) for n in range(5)]
        until(slow.begun.is_set)
        slow.go.set()
        assert [answer.result(10) for answer in answers] == [1] * 5
    assert ask(questions, "user", "one", slow) == 2  # answered: the next one is asked anew


def test_one_is_answered_at_a_time_in_the_order_of_asking() -> None:
    assert AT_ONCE == 1
    questions, slow, begun = Questions(AT_ONCE), Slow(), []
    with ThreadPoolExecutor(4) as people:
        first = start(people, questions, "0", "0", slow)
        later = [
            start(people, questions, str(n), str(n), lambda _, n=n: begun.append(n)) for n in range(1, 4)
        ]  # fmt: skip
        until(slow.begun.is_set)
        assert not begun
        slow.go.set()
        assert [first.result(10), *(one.result(10) for one in later)] == [1, None, None, None]
    assert begun == [1, 2, 3]


def test_a_question_is_stopped_or_dropped_when_whoever_asked_has_hung_up() -> None:
    questions, running, waiting = Questions(1), Slow(), Slow()
    left = {"running": threading.Event(), "waiting": threading.Event()}
    with ThreadPoolExecutor(2) as people:
        one = start(people, questions, "Ada", "running", running, left["running"].is_set)
        other = start(people, questions, "Ada", "waiting", waiting, left["waiting"].is_set)
        until(running.begun.is_set)
        for name, answer in (("waiting", other), ("running", one)):
            left[name].set()
            with pytest.raises(Gone):
                answer.result(10)
    until(lambda: running.stopped and not questions._open)
    assert (waiting.times, questions._asking) == (0, [])
    waiting.go.set()
    assert ask(questions, "Ada", "waiting", waiting) == 1  # asked again, it is answered


def test_a_question_goes_on_while_somebody_else_waits_for_it() -> None:
    questions, slow, left = Questions(1), Slow(), threading.Event()
    with ThreadPoolExecutor(2) as people:
        gone = start(people, questions, "Ada", "one", slow, left.is_set)
        stays = start(people, questions, "Ben", "one", slow)
        left.set()
        with pytest.raises(Gone):
            gone.result(10)
        slow.go.set()
        assert (stays.result(10), slow.stopped, slow.times) == (1, False, 1)


def test_newer_questions_of_a_user_take_the_place_of_the_oldest_of_theirs() -> None:
    questions, slow = Questions(1, of_one=2), [Slow() for _ in range(4)]
    with ThreadPoolExecutor(4) as people:
        bens = start(people, questions, "Ben", "0", slow[0])
        adas = [start(people, questions, "Ada", str(n), slow[n]) for n in range(1, 4)]
        with pytest.raises(Replaced) as refused:
            adas[0].result(10)
        assert refused.value.status == 409
        for one in slow:
            one.go.set()
        assert [bens.result(10), adas[1].result(10), adas[2].result(10)] == [1, 1, 1]
    assert slow[1].times == 0


def test_too_many_questions_of_all_users_are_refused() -> None:
    questions, slow = Questions(1, of_all=2), Slow()
    with ThreadPoolExecutor(2) as people:
        answers = [start(people, questions, str(n), str(n), slow) for n in range(2)]
        with pytest.raises(TooManyQuestions, match="try again in some seconds") as refused:
            ask(questions, "2", "2", slow)
        assert refused.value.status == 503
        slow.go.set()
        assert [answer.result(10) for answer in answers] == [1, 2]
    assert ask(questions, "2", "2", slow) == 3


def test_an_error_reaches_whoever_asked_and_is_not_kept() -> None:
    questions = Questions(1)

    def fails(_: Unwanted) -> int:
        raise TimeoutError("no")

    for _ in range(2):
        with pytest.raises(TimeoutError, match="no"):
            ask(questions, "Ada", "one", fails)
    assert ask(questions, "Ada", "one", lambda _: 1) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says so of a thread")
def test_questions_and_the_threads_of_the_warehouse_let_others_go_first(tmp_path: Path) -> None:
    def niceness(_: Any = None) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = {int(one) for one in os.listdir("/proc/self/task")}
    engine = DuckDB(str(tmp_path / "one.duckdb"), threads=3)
    made = {int(one) for one in os.listdir("/proc/self/task")} - before
    of_each = set()
    for one in made:
        with suppress(ProcessLookupError):  # it has ended
            of_each.add(os.getpriority(os.PRIO_PROCESS, one))
    assert of_each == {NICENESS}
    engine.close()
    mine = niceness()
    assert (ask(Questions(1), "Ada", "", niceness), niceness()) == (NICENESS, mine)


def test_a_request_says_when_its_connection_is_closed() -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    class Request:
        scope: dict[str, Any] = {"type": "http"}

    noting = watched(Request.scope, receive)

    async def message() -> dict[str, Any]:
        return await noting()

    assert asyncio.run(message())["type"] == "http.request"
    assert gone(Request)() is False
    assert asyncio.run(message())["type"] == "http.disconnect"
    assert gone(Request)() is True
    assert gone(object())() is False  # not an ASGI server: never known
