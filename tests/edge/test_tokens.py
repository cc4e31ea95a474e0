"""When a customer token counts."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ceap.edge import keys
from ceap.edge.keys import untimely

AT = 1_800_000_000.0
DAY = 24 * 3600


@pytest.mark.parametrize(
    ("claims", "begins"),
    [
        ({"exp": AT + 60}, ""),
        ({"exp": AT + DAY, "iat": AT, "nbf": AT}, ""),
        ({"exp": AT + 60, "nbf": AT + 60}, ""),  # clocks differ
        ({"exp": AT + 60, "nbf": AT + 61}, "The customer token is not valid yet"),
        ({"exp": AT + 600, "iat": AT + 61}, "The customer token is not valid yet"),
        ({"exp": AT + 60, "iat": AT - 2 * DAY}, "The customer token was made to live longer"),
        ({"exp": AT}, "The customer token has expired"),
        ({"exp": AT + DAY + 61}, "The customer token has expired or lives longer"),
        ({}, "The customer token needs exp"),
        ({"exp": math.inf}, "The customer token needs exp"),
        ({"exp": math.nan}, "The customer token needs exp"),
        ({"exp": True}, "The customer token needs exp"),
        ({"exp": AT + 60, "nbf": "soon"}, "The customer token needs exp"),
        ({"exp": AT + 60, "iat": None}, "The customer token needs exp"),
    ],
)
def test_when_a_token_counts(claims: dict[str, Any], begins: str) -> None:
    said = untimely(claims, AT)
    assert said.startswith(begins)
    assert bool(said) is bool(begins)


def test_a_revoked_key_is_remembered_for_less_than_a_second() -> None:
    assert keys.CACHE_SECONDS < 1.0
