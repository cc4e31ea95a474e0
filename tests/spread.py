"""`python -m tests.spread -m EXPRESSION PATH…`: pytest on several processes; each reads only the files that it runs.

They take a few files at a time, the long ones first. That each of three processes reads every file, as with
pytest-xdist, cost a minute of processor a run. When a process dies, the others go on with the files that are left, and
its exit code is the run's.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]
PROCESSES = 3  # on two cores: a third of the time a test waits, for another process, a lock, a second to pass
TOGETHER = 4  # short files: for each time pytest looks through their whole folder
NO_TEST = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}  # of a process whose files hold none of this mark
LONG = (  # ten seconds each and more: they begin first, or one process would end with them while the others wait
    "tests/web/test_backup.py", "tests/segments/test_oracle.py", "tests/test_foreign_customers.py",
    "tests/customers/test_erasing.py", "tests/learning/test_bad_days.py", "tests/web/test_grocery_demo.py",
    "tests/segments/test_incremental_property.py", "tests/connectors/test_online_retail.py",
    "tests/learning/test_lifecycle.py", "tests/events/test_rebuild_property.py", "tests/events/test_online_retail.py",
    "tests/test_permissions.py", "tests/channels/test_sender.py", "tests/segments/test_bad_days.py",
)  # fmt: skip


# ── in a process of pytest (`-p tests.spread`)


_FOLDERS: dict[Path, pytest.Collector] = {}


def _take() -> list[str]:
    """The next files that no process has taken yet: a line of the queue; none: all are taken."""
    with Path(os.environ["CEAP_TEST_FILES"]).open("r+") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        first, _, others = queue.read().partition("\n")
        queue.seek(0)
        queue.truncate()
        queue.write(others)
    return first.split()


def _items(session: pytest.Session) -> Iterator[pytest.Item]:
    """The tests of the first file, which is read already, then those of further files."""
    collected = 0
    while True:
        collected += len(session.items)
        yield from list(session.items)
        if not (files := _take()):
            session.testscollected = collected
            return
        session.config.args = files
        session.config.hook.pytest_collection(session=session)


@pytest.hookimpl(wrapper=True)
def pytest_collect_directory(path: Path) -> Generator[None, pytest.Collector, pytest.Collector]:
    """A folder is one node for the whole run: the fixtures of its conftest belong to it."""
    return _FOLDERS.setdefault(path, (yield))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """As pytest's own; the test that follows the last of a file is the first of the next: what they share stays."""
    if "CEAP_TEST_FILES" not in os.environ:
        return None

    def following() -> Iterator[pytest.Item | None]:
        yield from _items(session)
        yield None

    for item, after in pairwise(following()):
        assert item
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
    return True


# ── the process that starts them


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("-m", dest="expression", default="")
    asked.add_argument("--ignore", action="append", default=[])
    asked.add_argument("--junitxml", type=Path, required=True)
    asked.add_argument("paths", nargs="*", default=["tests"])
    chosen = asked.parse_args()
    files = chosen_files(chosen.paths, chosen.ignore)
    queue = chosen.junitxml.with_suffix(".files")
    queue.write_text("\n".join(batches(files[PROCESSES:])))
    running = [
        _start(number, first, chosen.expression, chosen.junitxml, queue)
        for number, first in enumerate(files[:PROCESSES])
    ]
    codes = [process.wait() for process in running]
    for number in range(len(running)):
        sys.stdout.write(_part(chosen.junitxml, number).with_suffix(".log").read_text(errors="replace"))
    _merge(chosen.junitxml, len(running))
    queue.unlink()
    return next((code for code in codes if code not in NO_TEST), 0)


def chosen_files(paths: list[str], ignored: list[str]) -> list[str]:
    """The test files at and under `paths`, relative to the project, the long ones first."""
    found = {
        file for path in paths for file in ([ROOT / path] if path.endswith(".py") else (ROOT / path).rglob("*.py"))
    }
    left_out = [ROOT / path for path in ignored]
    names = sorted(
        str(file.relative_to(ROOT))
        for file in found
        if file.name.startswith("test_") and not any(file.is_relative_to(path) for path in left_out)
    )
    return sorted(names, key=lambda name: LONG.index(name) if name in LONG else len(LONG))


def batches(files: list[str]) -> list[str]:
    """What is taken at once, a line each: a long file alone, of the others a few."""
    long = [file for file in files if file in LONG]
    short = [file for file in files if file not in LONG]
    return [*long, *(" ".join(few) for few in zip_longest(*[iter(short)] * TOGETHER, fillvalue=""))]


def _part(report: Path, number: int) -> Path:
    return report.with_stem(f"{report.stem}-{number}")


def _start(number: int, first: str, expression: str, report: Path, queue: Path) -> subprocess.Popen[bytes]:
    part = _part(report, number)
    part.unlink(missing_ok=True)
    values = {**os.environ, "CEAP_TEST_PROCESS": str(number), "CEAP_TEST_FILES": str(queue)}
    words = ["-p", "tests.spread", "-m", expression, f"--junitxml={part}", first]
    with part.with_suffix(".log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=values, stdout=log, stderr=log)


def _merge(report: Path, processes: int) -> None:
    """One report of the processes' reports; one that died has left none."""
    whole: Any = ElementTree.Element("testsuites")
    for number in range(processes):
        with suppress(FileNotFoundError):
            whole.extend(ElementTree.parse(_part(report, number)).iter("testsuite"))
            _part(report, number).unlink()
    ElementTree.ElementTree(whole).write(report)


if __name__ == "__main__":
    sys.exit(main())
