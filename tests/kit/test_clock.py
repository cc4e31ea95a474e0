"""One setting moves the moment of a whole run, with the processes that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ceap.kit import clock

LEAP = datetime(2028, 2, 29, 3, tzinfo=UTC)
CHILD = "from ceap.kit.clock import now; print(now().isoformat())"


def child(**environment: str) -> datetime:
    known = {key: value for key, value in os.environ.items() if key != clock.SHIFT}
    done = subprocess.run(
        [sys.executable, "-c", CHILD], env=known | environment, capture_output=True, text=True, check=True
    )
    return datetime.fromisoformat(done.stdout.strip())


def test_a_shift_moves_the_clock_of_a_process_and_of_its_children() -> None:
    wall = datetime.now(UTC)
    assert wall <= child() <= wall + timedelta(minutes=1)
    moved = child(**{clock.SHIFT: str((LEAP - wall).total_seconds())})
    assert LEAP <= moved <= LEAP + timedelta(minutes=1)


def test_a_run_of_tests_begins_at_the_moment_that_it_was_given(tmp_path: Path) -> None:
    code = f"import tests.ground, os, subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}], check=True)"
    given = {"CEAP_TEST_NOW": LEAP.isoformat(), "TMPDIR": str(tmp_path)}
    environment = {key: value for key, value in os.environ.items() if key != clock.SHIFT} | given
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert LEAP <= datetime.fromisoformat(done.stdout.strip()) <= LEAP + timedelta(minutes=1)
