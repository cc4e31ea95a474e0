"""The token of a link, whatever stands around it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceap.core.links import tokens_in

SIGNS = string.ascii_letters + string.digits + "-_"
tokens = st.text(SIGNS, min_size=22, max_size=22).filter(lambda text: text.strip("-_") == text or text[0] not in "-_")
around = st.text(st.characters(exclude_characters=SIGNS, codec="utf-8"), max_size=6)


@given(around.filter(lambda text: not text.endswith("=")), tokens, around)
def test_a_token_is_found_whatever_stands_around_it(before: str, token: str, after: str) -> None:
    assert tokens_in(before + token + after)[0] == token


@pytest.mark.parametrize("end", ["_", "*_", "__)", "-", "=3D", "=", "=\r\n"])
def test_signs_that_a_token_can_have_are_tried_with_and_without(end: str) -> None:
    assert "abcDEF012" in tokens_in(f"abcDEF012{end}")
    assert "abcDEF01_" in tokens_in(f"abcDEF01_{end}"[:9])


@pytest.mark.parametrize(
    ("text", "token"),
    [("abc=\r\nDEF", "abcDEF"), ("abc=\nDEF", "abcDEF"), ("=3DabcDEF", "abcDEF"), ("", ""), ("\x00)", ""), ("äöü", "")],
)
def test_quoted_printable_that_was_left_is_read(text: str, token: str) -> None:
    assert tokens_in(text) == (token, token)
