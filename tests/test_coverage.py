"""`make coverage` names each package under the bar, and counts its branches."""

from __future__ import annotations

import pytest

from tests import coverage


def file(lines: int, reached: int, branches: int = 0, taken: int = 0) -> dict[str, dict[str, int]]:
    return {"summary": dict(zip(coverage.COUNTED, (lines, reached, branches, taken), strict=True))}


@pytest.mark.req("C-17")
def test_a_package_under_the_bar_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "ceap/__main__.py": file(10, 9),
        "ceap/kit/a.py": file(100, 100, 10, 5), "ceap/kit/b/c.py": file(100, 80, 10, 10),
        "ceap/web/a.py": file(1_000, 899),
    }  # fmt: skip
    assert coverage.table(files) == ["web", "all"]
    said = capsys.readouterr().out.splitlines()
    assert [line.split() for line in said[1:-1]] == [
        ["ceap", "10", "90.0%", "0", "0.0%"], ["kit", "200", "90.0%", "20", "75.0%"],
        ["web", "1000", "89.9%", "0", "0.0%"], ["all", "1210", "89.9%", "20", "75.0%"],
    ]  # fmt: skip
    assert said[-1] == "under 90 % of the lines: web, all"
