"""A throw-away home and the store of the tests. Loaded before pytest-django reads the settings (`-p tests.ground`):
a conftest would be too late, and the tests would run on the developer's own home, never on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="ceap-test-"))
os.environ["CEAP_HOME"] = str(HOME)
os.environ.pop("CEAP_WAREHOUSE_URL", None)
os.environ["CEAP_STORE_URL"] = os.environ.get("CEAP_TEST_STORE_URL", "")


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
