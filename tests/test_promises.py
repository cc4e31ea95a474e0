"""The page that says which test shows which promise names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "understand" / "tests-of-promises.md"


def absent(page: str) -> list[str]:
    """The tests that the page names and that are not there; "::name" is in the file named before it."""
    wrong, file = [], ""
    for named, test in re.findall(r"`([\w/]+\.py)?(?:::(\w+))?`", page):
        file = named or file
        if not test and not named:
            continue
        path = ROOT / "tests" / file.removeprefix("tests/")
        if not path.exists() or (test and f"def {test}(" not in path.read_text()):
            wrong.append(f"{file}::{test}")
    return wrong


def test_every_test_that_the_page_of_promises_names_is_there() -> None:
    page = PAGE.read_text()
    assert page.count("::test_") > 60
    assert absent(page) == []


def test_a_planted_name_that_is_not_there_is_found() -> None:
    page = "`crash/test_edge.py::test_that_nobody_wrote`, `crash/test_nothing.py`"
    assert absent(page) == ["crash/test_edge.py::test_that_nobody_wrote", "crash/test_nothing.py::"]
