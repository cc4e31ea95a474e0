"""The names of files are read in one way, whichever door they come through."""

from __future__ import annotations

import pytest

from ceap.core.values import text
from ceap.customers.rules.files import plain_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Kunden/cafe\u0301.csv", "caf\u00e9.csv"), ("C:\\Users\\ann\\o\u0308l\u200b.csv", "\u00f6l.csv"),
        ("\ufeffa\x00.csv ", "a.csv"), ("\u200b", "file"), ("", "file"), ("a\udce9.csv", "a?.csv"),
        ("x" * 300, "x" * 250),
    ],
)  # fmt: skip
def test_a_file_is_called_as_one_sees_it(given: str, kept: str) -> None:
    assert text.file_name(given) == kept


def test_a_file_of_a_customer_is_too() -> None:
    assert plain_name("Mietvertrag Mu\u0308ller.PDF") == "Mietvertrag M\u00fcller.pdf"
