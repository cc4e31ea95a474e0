"""There is one door for connections to addresses that users type."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CALLS = re.compile(
    r"create_connection\(|httpx\.(get|post|Client|AsyncClient)|urllib\.request|smtplib\.SMTP(_SSL)?\(|\.connect_ex\("
)
# Calls to what the installation itself names or listens on.
OTHERS = {"ceap/web/doctor.py", "ceap/web/cli/demo.py", "ceap/web/demo/home.py", "ceap/core/engine/spark.py"}


def test_nothing_calls_out_but_the_outbound_module() -> None:
    found = {str(f.relative_to(ROOT)) for f in (ROOT / "ceap").rglob("*.py") if CALLS.search(f.read_text())}
    assert found - OTHERS == {"ceap/core/outbound.py"}
