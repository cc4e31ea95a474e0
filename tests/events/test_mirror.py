"""Custom fields' values as columns of the warehouse."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ceap.customers.contracts import FieldType
from ceap.events import mirror

TEXTS: list[Any] = ["", "Galle", "ශ්‍රී ලංකා", None, "0"]
OTHERS: list[Any] = [0, 1.5, True, [], {}, ["a"], {"k": "é"}]


@pytest.mark.parametrize("drawn", [TEXTS, [*TEXTS, *OTHERS]], ids=["texts", "anything"])
@pytest.mark.parametrize("type", [FieldType.TEXT, FieldType.DROPDOWN, FieldType.URL])
def test_a_text_is_itself_and_what_is_none_is_its_json(type: FieldType, drawn: list[Any]) -> None:
    draw = random.Random(7)
    values = [draw.choice(drawn) for _ in range(200)]
    rows = [{"other": 1}, *({"key": value} for value in values)]
    plain = [None if v is None or v in ("", [], {}) else v if isinstance(v, str) else _json(v) for v in values]
    assert mirror._custom("key", type, rows).to_pylist() == [None, *plain]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
