"""Every requirement row of segments has a test that is marked with it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROWS = [f"S-{n}" for n in range(1, 17)]


def marked(source: str) -> set[str]:
    """The rows that `@pytest.mark.req(…)` in a test file names, on a test or for the whole file."""
    return {
        word.value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "req"
        for word in call.args
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    }


@pytest.fixture(scope="module")
def found() -> set[str]:
    return {row for file in TESTS.rglob("test_*.py") for row in marked(file.read_text())}


@pytest.mark.parametrize("row", ROWS)
def test_a_requirement_has_a_marked_test(row: str, found: set[str]) -> None:
    assert row in found


def test_only_marks_count() -> None:
    assert marked('@pytest.mark.req("S-1", "S-2")\ndef test_a(): "S-3"\npytestmark = [pytest.mark.req("S-4")]') == {
        "S-1", "S-2", "S-4"
    }  # fmt: skip
