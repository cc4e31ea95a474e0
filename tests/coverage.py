"""`make coverage`: lines and branches that the tests on SQLite reach, by package; 1 when one is under the bar.

The processes that tests start are counted, except those that are killed; PostgreSQL, Spark and browsers are not run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.provision import scratch
from tests.run import ARTIFACTS, LIMIT, ORDINARY, ROOT, SPREAD, suite

LEAST = 90.0  # percent of a package's lines
COUNTED = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def main() -> int:
    data = ARTIFACTS / "coverage"
    for old in ARTIFACTS.glob("coverage*"):
        old.unlink()
    os.environ["COVERAGE_FILE"] = str(data)
    run = [sys.executable, "-m", "coverage", "run", "-m", "pytest", *SPREAD, "-m", ORDINARY]
    with scratch():
        outcome = suite("coverage", run, limit=4 * LIMIT)
    for words in (["combine", "--quiet"], ["json", "--quiet", "-o", f"{data}.json"]):
        subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=True)
    low = table(json.loads(Path(f"{data}.json").read_text())["files"])
    return 1 if low or outcome.failed or outcome.trouble else 0


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
