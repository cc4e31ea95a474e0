"""The API's OpenAPI document as it is checked in: to make it takes two seconds.

tests/web/test_schema_names.py holds that it is what the API answers.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.snapshots import FOLDER


@cache
def document() -> Any:
    """The document; nobody may change it."""
    return json.loads((FOLDER / "openapi.json").read_text())
