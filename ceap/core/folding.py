"""Case-insensitive text: Unicode default case folding, the same in Python and in every engine.

The reference is `str.casefold()` (Unicode standard, section 3.13, D144: toCasefold). Engines only offer `lower()`,
which maps one character to one character and leaves 184 characters that folding changes (ß, ſ, final ς, ligatures …)
and loses the dot of İ. `folded` adds exactly those corrections that can matter for the text that is looked for.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import ibis
import ibis.expr.types as ir

DOTTED_I = "\u0130"  # lower() of an engine makes it "i"; folding makes it "i" and a combining dot


@ibis.udf.scalar.builtin(name="bit_length")
def _bits(text: str) -> int: ...  # type: ignore[empty-body]


def fold(text: str) -> str:
    """`text` composed (NFC) and case-folded: two texts are the same to a rule when their folds are equal."""
    return unicodedata.normalize("NFC", text).casefold()


@lru_cache(maxsize=1)
def _corrections() -> dict[str, str]:
    """What `lower()` leaves behind -> its case folding."""
    found: dict[str, str] = {}
    for point in range(0x80, 0x20000):
        character = chr(point)
        if 0xD800 <= point <= 0xDFFF or character == DOTTED_I:
            continue
        if character.lower() != character.casefold():
            found[character.lower()] = character.casefold()
    return found


@lru_cache(maxsize=4096)
def _needed(wanted: str) -> tuple[tuple[str, str], ...]:
    letters = set(wanted)
    return tuple((old, new) for old, new in _corrections().items() if letters & set(new))


@lru_cache(maxsize=1)
def _folds() -> frozenset[str]:
    """Every character that folding, or `lower()` of an engine, makes of another one."""
    points = [chr(p) for p in range(0x20000) if not 0xD800 <= p <= 0xDFFF]
    changed = [c.casefold() + c.lower() for c in points if c.casefold() != c or c.lower() != c]
    return frozenset("".join(changed))


@lru_cache(maxsize=4096)
def _caseless(wanted: str) -> bool:
    return bool(wanted) and _folds().isdisjoint(wanted)


def folded(column: ir.StringValue, wanted: str) -> ir.StringValue:
    """`column` folded as far as it takes to look for `wanted` (itself folded), as a whole or as a part.

    A correction whose result shares no character with `wanted` cannot create or prevent a match, so it is left out.
    Rows of pure ASCII take the short way; a text without letters ("7@") is looked for in the column as it is.
    """
    if _caseless(wanted):
        return column
    corrections = _needed(wanted)
    dotted = "i" in wanted or "\u0307" in wanted
    if not corrections and not dotted:
        return column.lower()
    full = (column.replace(DOTTED_I, "i\u0307") if dotted else column).lower()
    for old, new in corrections:
        full = full.replace(old, new)
    ascii_only = _bits(column) == column.length() * 8
    return ibis.cases((ascii_only, column.lower()), else_=full)
