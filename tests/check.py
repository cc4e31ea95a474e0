"""`make check`: format, lint, types, import law, migrations, generated files, page. `--write` refreshes the generated.

Every check must have examined something; the first line of what is wrong is shown, the rest follows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
NODE = [str(ROOT / "scripts" / "node")]


def command(*words: str, cwd: Path = ROOT) -> Callable[[], str]:
    """A check that runs a program; what it printed when it failed, else ""."""

    def check() -> str:
        done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, env=ENVIRONMENT)
        return "" if done.returncode == 0 else (done.stdout + done.stderr).strip() or f"exit code {done.returncode}"

    return check


def generated() -> str:
    code = "import sys; from tests.snapshots import stale; sys.exit('\\n'.join(stale()) or 0)"
    said = command(sys.executable, "-c", code)()
    return said and f"{said}\nRun `.venv/bin/python -m tests.check --write` and look at the difference."


HOME = tempfile.TemporaryDirectory(prefix="ceap-check-")
ENVIRONMENT = {**os.environ, "CEAP_HOME": HOME.name, "PYTHONPATH": str(ROOT), "CEAP_STORE_URL": ""}
CHECKS: dict[str, Callable[[], str]] = {
    "ruff": command(str(BIN / "ruff"), "check", "."),
    "format": command(str(BIN / "ruff"), "format", "--check", "--quiet", "."),
    "mypy": command(str(BIN / "mypy")),
    "import law": command(str(BIN / "lint-imports")),
    "architecture": command(sys.executable, "-m", "pytest", "tests/test_architecture.py"),
    "django": command(sys.executable, "-m", "ceap", "manage", "check"),
    "migrations": command(sys.executable, "-m", "ceap", "manage", "makemigrations", "--check", "--dry-run"),
    "generated files": generated,
    "page: lint": command(*NODE, "npm", "run", "--silent", "lint", cwd=ROOT / "ui"),
    "page: types": command(*NODE, "npm", "run", "--silent", "typecheck", cwd=ROOT / "ui"),
    "page: weight": command(*NODE, "npm", "run", "--silent", "budget", cwd=ROOT / "ui"),
}


def timed(check: Callable[[], str]) -> tuple[str, float]:
    started = time.monotonic()
    return check(), time.monotonic() - started


def main() -> int:
    if "--write" in sys.argv:
        from tests.snapshots import write

        print("\n".join(write()) or "nothing has changed")
        return 0
    wrong = {}
    with ThreadPoolExecutor(2) as pool:
        for name, (said, took) in zip(CHECKS, pool.map(timed, CHECKS.values()), strict=True):
            print(f"{'FAIL' if said else 'ok':5}{name}  ({took:.1f} s)", flush=True)
            if said:
                wrong[name] = said
    for name, said in wrong.items():
        print(f"\n── {name}\n{said}")
    print(f"\n{len(CHECKS) - len(wrong)} checks hold, {len(wrong)} do not")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
