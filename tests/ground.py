"""A throw-away home and the store of the tests. Loaded before pytest-django reads the settings (`-p tests.ground`):
a conftest would be too late, and the tests would run on the developer's own home, never on PostgreSQL.

`CEAP_TEST_NOW=2028-02-29T03:00:00Z` moves a whole run, with the processes it starts, to another moment; time goes on.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

gc.set_threshold(20_000, 20, 20)  # reading 200 files of tests sweeps memory once, not a hundred times
HOME = Path(tempfile.mkdtemp(prefix="ceap-test-"))
os.environ["CEAP_HOME"] = str(HOME)
os.environ.pop("CEAP_WAREHOUSE_URL", None)
os.environ["CEAP_OUTBOUND_PRIVATE"], os.environ["CEAP_OUTBOUND_MAIL_PORTS"] = "true", "any"  # loopback is all there is
if clusters := os.environ.get("CEAP_TEST_CLUSTERS", "").split():
    # One for each process of pytest: the change log waits for the oldest transaction of its cluster, whose ever it is.
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["CEAP_TEST_STORE_URL"] = clusters[process % len(clusters)]
os.environ["CEAP_STORE_URL"] = os.environ.get("CEAP_TEST_STORE_URL", "")
if moment := os.environ.pop("CEAP_TEST_NOW", ""):  # the run begins at this moment; workers and children inherit it
    shift = datetime.fromisoformat(moment).astimezone(UTC) - datetime.now(UTC)
    os.environ["CEAP_CLOCK_SHIFT"] = str(shift.total_seconds())


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
