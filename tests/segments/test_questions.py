"""Questions about rules that are not saved: a few at once, equal ones together, behind whoever serves pages."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ceap.accounts.contracts import SYSTEM, Level
from ceap.core.engine.duckdb import DuckDB
from ceap.kit.process import NICENESS
from ceap.segments import queries, sources
from ceap.segments.queries.preview import same
from ceap.segments.queries.questions import Questions
from tests import actors
from tests.segments.people import WHATSAPP, customers, on, rule

pytestmark = pytest.mark.req("S-2")


def until(holds: Any) -> None:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    assert holds()


def test_equal_questions_are_asked_once_while_the_first_is_open() -> None:
    questions, go, asked = Questions(2), threading.Event(), []

    def ask() -> int:
        asked.append(1)
        go.wait(10)
        return 7

    with ThreadPoolExecutor(5) as people:
        answers = [people.submit(questions.answer, "one", ask) for _ in range(5)]
        until(lambda: asked)
        go.set()
        assert [answer.result(10) for answer in answers] == [7] * 5
    assert len(asked) == 1
    assert questions.answer("one", lambda: 8) == 8  # answered: the next one is asked anew


def test_no_more_than_a_few_are_answered_at_once_and_in_their_order() -> None:
    questions, go, begun = Questions(2), threading.Event(), []

    def ask(number: int) -> int:
        begun.append(number)
        go.wait(10)
        return number

    with ThreadPoolExecutor(4) as people:
        answers = []
        for number in range(4):
            answers.append(people.submit(questions.answer, number, lambda number=number: ask(number)))
            until(lambda: len(questions._open) == len(answers))
        until(lambda: len(begun) == 2)
        assert sorted(begun) == [0, 1]
        go.set()
        assert [answer.result(10) for answer in answers] == [0, 1, 2, 3]


def test_an_error_reaches_everyone_who_asked_and_is_not_kept() -> None:
    questions = Questions(1)

    def fails() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            questions.answer("one", fails)
    assert questions.answer("one", lambda: 1) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says so of a thread")
def test_questions_and_the_threads_of_the_warehouse_let_others_go_first(tmp_path: Path) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = {int(one) for one in os.listdir("/proc/self/task")}
    engine = DuckDB(str(tmp_path / "one.duckdb"), threads=3)
    made = {int(one) for one in os.listdir("/proc/self/task")} - before
    assert {os.getpriority(os.PRIO_PROCESS, one) for one in made} == {NICENESS}
    engine.close()
    assert (Questions(1).answer("", niceness), niceness()) == (NICENESS, 0)


@pytest.mark.django_db
def test_what_is_the_same_depends_on_whose_customers_are_counted_and_on_the_data() -> None:
    customers({"source": "WhatsApp"}, {"source": "Web"})
    house = sources.warehouse()
    ada, ben = (actors.actor(name, customers_view=Level.OWNED) for name in ("Ada", "Ben"))
    assert same(SYSTEM, WHATSAPP, house) == same(SYSTEM, dict(reversed(WHATSAPP.items())), house)
    assert len({same(who, WHATSAPP, house) for who in (SYSTEM, ada, ben)}) == 3
    assert same(SYSTEM, WHATSAPP, house) != same(SYSTEM, rule(on("source", "is", "Web")), house)
    assert queries.preview(SYSTEM, WHATSAPP).matched == 1
    before = same(SYSTEM, WHATSAPP, house)
    customers({"source": "WhatsApp"})
    assert same(SYSTEM, WHATSAPP, house) != before
    assert queries.preview(SYSTEM, WHATSAPP).matched == 2
