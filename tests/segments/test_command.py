"""`ceap segment` on a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import template
from tests.segments.people import WHATSAPP

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def segment(home: Path, *arguments: str) -> Any:
    return json.loads(ceap(home, "segment", *arguments, "--json"))


def ceap(home: Path, *arguments: str) -> str:
    environment = {**os.environ, "CEAP_HOME": str(home), "CEAP_STORE_URL": ""}
    command = [sys.executable, "-m", "ceap", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_segments_are_created_listed_and_recalculated_from_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(WHATSAPP))
    home = tmp_path / "home"
    template.file(home / "store.sqlite3")
    made = segment(home, "create", "Fans", str(file))
    assert (made["name"], made["size"]) == ("Fans", 0)
    assert segment(home, "list") == [{"id": made["id"], "name": "Fans", "size": 0, "status": "ready"}]
    assert segment(home, "recalculate") == {"ready": 1}
    assert segment(home, "recalculate", made["id"]) == {"ready": 1}


def test_a_list_becomes_a_segment_from_the_command_line(tmp_path: Path) -> None:
    home, people, ids, missing = (tmp_path / name for name in ("home", "people.csv", "ids.txt", "missing.csv"))
    people.write_text("customer_id,email\nC-1,a@example.test\nC-2,b@example.test\n")
    ids.write_text("C-1\nC-9\nC-1\n")
    template.file(home / "store.sqlite3")
    ceap(home, "import", str(people))
    made = segment(home, "upload", str(ids), "--name", "VIPs", "--missing", str(missing))
    told = {"by": "customer_id", "rows": 3, "found": 1, "duplicates": 1, "missing": 1, "name": "VIPs", "size": 1}
    assert told.items() <= made.items()
    assert "2,C-9,names no customer (by customer_id)" in missing.read_text()
    ids.write_text("b@example.test\n")
    added = segment(home, "upload", str(ids), "--segment", made["id"], "--how", "add")
    assert (added["by"], added["size"]) == ("email", 2)
