"""`make coverage`: lines and branches that the suites of `make test` reach, by package; 1 when one is under the bar.

The processes that tests start are counted, except those that are killed, and the child that renders, which may write
no file (tests/content/test_child.py runs its loop in the test's own process).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from tests import run
from tests.provision import scratch

LEAST = 90.0  # percent of a package's lines
COUNTED = ("num_statements", "covered_lines", "num_branches", "covered_branches")
FOLDER = run.ARTIFACTS / "coverage"


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    os.environ["COVERAGE_FILE"] = str(FOLDER / "data")
    run.PYTEST[1:1] = ["-m", "coverage", "run"]
    with ExitStack() as stack:
        stack.enter_context(scratch())
        outcomes = run.plan(False, stack)
    for words in (["combine", "--quiet"], ["json", "--quiet", "-o", str(FOLDER / "found.json")]):
        subprocess.run([sys.executable, "-m", "coverage", *words], cwd=run.ROOT, check=True)
    low = table(json.loads((FOLDER / "found.json").read_text())["files"])
    return 1 if low or any(one.failed or one.trouble for one in outcomes) else 0


def table(files: dict[str, dict[str, dict[str, int]]]) -> list[str]:
    """Print a line for each package; returns those under the bar."""
    packages: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for path, found in files.items():
        parts = Path(path).parts
        name = parts[1] if len(parts) > 2 else "ceap"
        for position, counted in enumerate(COUNTED):
            packages[name][position] += found["summary"][counted]
            packages["all"][position] += found["summary"][counted]
    low = []
    print(f"{'package':<14}{'lines':>8}{'reached':>10}{'branches':>10}{'reached':>10}")
    for name, (lines, reached, branches, taken) in sorted(packages.items(), key=lambda p: (p[0] == "all", p[0])):
        share = 100 * reached / max(lines, 1)
        print(f"{name:<14}{lines:>8}{share:>9.1f}%{branches:>10}{100 * taken / max(branches, 1):>9.1f}%")
        low += [name] if share < LEAST else []
    if low:
        print(f"under {LEAST:.0f} % of the lines: {', '.join(low)}")
    return low


if __name__ == "__main__":
    sys.exit(main())
