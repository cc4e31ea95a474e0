"""How often `make test` tries at random, kills, or cuts the power, and how often `make soak` does."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
FULL = os.environ.get("CEAP_TEST_FULL") == "1"  # set by `make soak`


def often(few: T, many: T) -> T:
    """`few` in `make test`, `many` in `make soak`."""
    return many if FULL else few
