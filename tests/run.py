"""`make test`: every suite, on SQLite and PostgreSQL, in a real browser; `--fast`: an answer within a minute; `--soak`:
the selection of `--fast` at ten awkward moments, then the full counts of random cases (see `tests.soak`).

Provisions what is missing (Chromium, PostgreSQL, Java) when it can, and says what it could not run. Exits with 1 when
a test failed, or when a suite ran nothing.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.provision import NotThere, chromium, java, postgresql, scratch

ROOT = Path(__file__).parents[1]
ARTIFACTS = ROOT / "tests" / "artifacts"
PYTEST = [sys.executable, "-m", "pytest"]
STORELESS = (  # what they ask is the same on every store (files, texts, the warehouse): once, on SQLite, is enough
    "tests/channels/test_mime.py", "tests/channels/test_smtp.py", "tests/channels/test_smtp_security.py",
    "tests/connectors/test_choosing.py", "tests/connectors/test_forms.py", "tests/connectors/test_layouts.py",
    "tests/connectors/test_online_retail.py", "tests/content/test_child.py",
    "tests/content/test_compiler.py", "tests/content/test_kept.py",
    "tests/content/test_nothing.py", "tests/content/test_placeholders.py", "tests/content/test_renderer.py",
    "tests/customers/test_columns.py", "tests/customers/test_files.py", "tests/edge/test_openapi.py",
    "tests/edge/test_tokens.py", "tests/events/test_damage.py", "tests/learning/test_bad_days.py",
    "tests/learning/test_bought.py", "tests/learning/test_cells.py", "tests/learning/test_drift.py",
    "tests/learning/test_files.py", "tests/learning/test_gate.py", "tests/learning/test_grocery.py",
    "tests/learning/test_lifecycle.py", "tests/learning/test_meaning.py", "tests/learning/test_one.py",
    "tests/learning/test_purchases.py", "tests/learning/test_scored.py", "tests/reports/test_discovered.py",
    "tests/reports/test_fonts.py", "tests/reports/test_layout.py", "tests/segments/test_algebra.py",
    "tests/segments/test_asked.py", "tests/segments/test_bad_days.py", "tests/segments/test_composed.py",
    "tests/segments/test_discovered_api.py", "tests/segments/test_discovered_filters.py",
    "tests/segments/test_discovered_sums.py",
    "tests/segments/test_oracle.py", "tests/segments/test_rule_kinds.py", "tests/segments/test_stopping.py",
    "tests/web/test_commands.py", "tests/web/test_full_disk.py", "tests/web/test_page.py",
    "tests/web/test_pooled.py",
    "tests/web/test_schema_names.py", "tests/web/test_supervisor.py",
)  # fmt: skip
SLOW = (  # left out by --fast: what starts processes, and what asks the same of many random cases
    "tests/accounts/test_trail.py", "tests/channels", "tests/connectors", "tests/content", "tests/core/test_sheets.py",
    "tests/customers/test_erased_engines.py", "tests/customers/test_erasing.py", "tests/customers/test_files.py",
    "tests/customers/test_hidden_fields.py", "tests/customers/test_mending.py", "tests/customers/test_retention.py",
    "tests/customers/test_upsert.py", "tests/edge", "tests/events", "tests/learning",
    "tests/reports/test_discovered.py", "tests/segments/test_asked.py", "tests/segments/test_bad_days.py",
    "tests/segments/test_composed.py", "tests/segments/test_discovered_api.py", "tests/segments/test_history.py",
    "tests/segments/test_holding.py", "tests/segments/test_incremental.py",
    "tests/segments/test_incremental_property.py", "tests/segments/test_invariant.py", "tests/segments/test_lists.py",
    "tests/segments/test_oracle.py", "tests/segments/test_recalculation.py", "tests/segments/test_rule_kinds.py",
    "tests/segments/test_stopping.py", "tests/segments/test_suggestions.py", "tests/segments/test_turns.py",
    "tests/segments/test_waterfall.py", "tests/test_dependencies.py", "tests/test_foreign_customers.py",
    "tests/test_permissions.py", "tests/web",
)  # fmt: skip
BRIEF_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # a Java that ends within minutes: half its time was compiling
SAID = 60_000  # characters of the end of a failed suite's output that are printed; all of it is in tests/artifacts
LIMIT = 1_800.0  # seconds a suite may take before it counts as hung
UI = [str(ROOT / "scripts" / "node"), "npx", "vitest", "run", "--reporter=dot", "--reporter=json"]


@dataclass
class Outcome:
    """What came of one suite. `trouble`: why it could not run, or did not end well, beyond failed tests."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    processor: float = 0.0  # seconds of processor, user + system, of the suite and every process it waited for
    trouble: str = ""

    def line(self) -> str:
        good = "ok  " if not self.trouble and not self.failed else "FAIL"
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{good} {self.name:<34} {counts:<40} {self.seconds:7.1f} s {self.processor:7.1f} cpu-s  {self.trouble}"


def processor() -> float:
    """Seconds of processor, user + system, of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def suite(name: str, command: list[str], *, cwd: Path = ROOT, limit: float, **environment: str) -> Outcome:
    """Run one suite in a process group of its own and count what it did; what it says is printed at its end."""
    print(f"── {name} …", flush=True)
    report = ARTIFACTS / f"{name.replace(' ', '-').replace(',', '')}.{'json' if 'vitest' in command else 'xml'}"
    report.unlink(missing_ok=True)
    command = [*command, f"--outputFile.json={report}" if "vitest" in command else f"--junitxml={report}"]
    started, trouble = time.monotonic(), ""
    log = report.with_suffix(".log")
    with log.open("wb") as said:
        values = {**os.environ, **environment}
        process = subprocess.Popen(command, cwd=cwd, env=values, start_new_session=True, stdout=said, stderr=said)
    pid = 0
    while not pid:
        if not trouble and time.monotonic() - started > limit:
            trouble = f"did not end within {limit:.0f} s"
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(0.1)
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
    process.returncode = code = os.waitstatus_to_exitcode(status)
    outcome = Outcome(
        name, seconds=time.monotonic() - started, processor=used.ru_utime + used.ru_stime, trouble=trouble
    )
    _count(outcome, report)
    if not outcome.trouble and not outcome.passed + outcome.failed:
        outcome.trouble = "ran no test at all"
    if not outcome.trouble and code and not outcome.failed:
        outcome.trouble = f"exit code {code}"
    if outcome.trouble or outcome.failed:
        print(f"── {name} said\n{log.read_text(errors='replace')[-SAID:]}", flush=True)
    print(outcome.line(), flush=True)
    return outcome


def _count(outcome: Outcome, report: Path) -> None:
    if not report.exists():
        outcome.trouble = outcome.trouble or "left no report"
    elif report.suffix == ".json":
        said = json.loads(report.read_text())
        outcome.passed, outcome.failed = said["numPassedTests"], said["numFailedTests"]
        outcome.skipped = said["numPendingTests"] + said["numTodoTests"]
    else:
        for one in ElementTree.parse(report).iter("testsuite"):
            total, skipped = int(one.get("tests", 0)), int(one.get("skipped", 0))
            failed = int(one.get("failures", 0)) + int(one.get("errors", 0))
            outcome.passed += total - failed - skipped
            outcome.failed += failed
            outcome.skipped += skipped


ORDINARY = "not story and not crash and not engines"
PROCESSES = 3  # on two cores: a third of the time a test waits, for another process, a lock, a second to pass
SPREAD = ["-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder"]  # in the order of tests.conftest.LONG
SINGLY = ["-n", str(PROCESSES), "--dist", "worksteal"]  # each test for itself, whichever file it is of
FAST = [*PYTEST, *SPREAD, "-m", f"{ORDINARY} and not slow", *(f"--ignore={path}" for path in SLOW)]


def plan(fast: bool, stack: ExitStack) -> list[Outcome]:
    """Run the suites; what cannot be provided fails its suite and no other.

    The page, Spark and browsers wait more than they compute: they run beside the stores. Each process on PostgreSQL has
    a cluster of its own, for the change log waits for the oldest transaction of its cluster. Kills have the machine
    alone.
    """
    if fast:
        with ThreadPoolExecutor(2) as rows:
            page = rows.submit(suite, "page, unit", UI, cwd=ROOT / "ui", limit=180)
            return [suite("SQLite", FAST, limit=240), page.result()]
    *clusters, last = (_provided(postgresql, stack) for _ in range(PROCESSES + 1))
    provided = {program: _provided(program, stack) for program in (java, chromium)}
    with ThreadPoolExecutor(2) as rows:
        one = rows.submit(_on_stores, clusters)
        other = rows.submit(_beside, last, provided[java], provided[chromium])
        outcomes = [*one.result(), *other.result()]
    crash = [*PYTEST, *SINGLY, "-m", "crash", *marked("crash")]
    return [*outcomes, suite("crash", crash, limit=LIMIT, **_cluster(last))]


def _provided(program: Callable[[], Any], stack: ExitStack) -> str | NotThere:
    """What `program` found, installed or started (until `stack` ends), or why it could not."""
    try:
        found = program()
        return str(stack.enter_context(found) if hasattr(found, "__enter__") else found)
    except NotThere as missing:
        return missing


def _on_stores(clusters: list[str | NotThere]) -> list[Outcome]:
    """Everything on SQLite; on PostgreSQL, a cluster for each process, what its dialect or its locks can change."""
    outcomes = [suite("SQLite", [*PYTEST, *SPREAD, "-m", ORDINARY], limit=LIMIT)]
    if missing := [one for one in clusters if isinstance(one, NotThere)]:
        return [*outcomes, Outcome("PostgreSQL", trouble=f"could not run: {missing[0]}")]
    command = [*PYTEST, *SPREAD, "-m", f"{ORDINARY} and not slow", *touching_the_store()]
    command += [f"--ignore={path}" for path in STORELESS]
    return [*outcomes, suite("PostgreSQL", command, limit=LIMIT, CEAP_TEST_CLUSTERS=" ".join(map(str, clusters)))]


def _beside(url: str | NotThere, java: str | NotThere, chromium: str | NotThere) -> list[Outcome]:
    """The page, the warehouse on every engine, and what people do in a real browser."""
    outcomes = [suite("page, unit", UI, cwd=ROOT / "ui", limit=LIMIT)]
    if isinstance(java, NotThere):
        outcomes.append(Outcome("engines", trouble=f"could not run: {java}"))
    else:
        engines = [*PYTEST, "-m", "engines", *marked("engines")]
        settings = {**_cluster(url), "JAVA_HOME": java, "JDK_JAVA_OPTIONS": BRIEF_JAVA}
        outcomes.append(suite("engines", engines, limit=LIMIT, **settings))
    if isinstance(chromium, NotThere):
        return [*outcomes, Outcome("stories", trouble=f"could not run: {chromium}")]
    stories = [*PYTEST, "-n", "2", "-m", "story", "tests/stories"]
    return [*outcomes, suite("stories", stories, limit=LIMIT, CEAP_CHROMIUM=chromium)]


def _cluster(url: str | NotThere) -> dict[str, Any]:
    return {} if isinstance(url, NotThere) else {"CEAP_TEST_POSTGRESQL_URL": url}


def marked(mark: str) -> list[str]:
    """The files with a test of this mark: to read every other file takes ten seconds of processor a process."""
    files = (ROOT / "tests").rglob("test_*.py")
    return sorted(str(path.relative_to(ROOT)) for path in files if f"pytest.mark.{mark}" in path.read_text())


def touching_the_store() -> list[str]:
    """The test folders and files whose subject depends on the kind of store."""
    pure = {"core", "conformance", "kit", "snapshots", "artifacts", "crash", "stories", "ui"}
    folders = [path for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name not in pure | {"__pycache__"}]
    return sorted(str(path.relative_to(ROOT)) for path in folders if any(path.glob("test_*.py")))


def main() -> int:
    fast, started = "--fast" in sys.argv, time.monotonic()
    ARTIFACTS.mkdir(exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(scratch())
        if "--soak" in sys.argv:
            from tests.soak import soak

            outcomes = soak()
        else:
            outcomes = plan(fast, stack)
    # With the servers the suites shared (PostgreSQL), ended by now; not what outlived the process that started it.
    print(f"\n── what ran, in {time.monotonic() - started:.0f} s and {processor() / 60:.1f} processor minutes")
    for outcome in outcomes:
        print(outcome.line())
    if fast:
        print(f"left out by --fast: slow tests, {', '.join(SLOW)}, PostgreSQL, engines, crash, stories")
    passed, failed, skipped = (sum(getattr(o, name) for o in outcomes) for name in ("passed", "failed", "skipped"))
    troubled = sum(bool(outcome.trouble) for outcome in outcomes)
    if troubled:
        print(f"{troubled} suites did not run as they should")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or troubled else 0


if __name__ == "__main__":
    sys.exit(main())
