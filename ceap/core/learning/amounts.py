"""Amounts and names of places as people type them: what is safe to read is read, nothing is guessed."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MISSING = frozenset({"", "nul", "null", "none", "nan", "na", "n/a", "#n/a", "-", "nil", "?"})
_CURRENCY = re.compile(r"^(?:rs\.?|lkr|inr|usd|eur|gbp|[$€£₹])\s*|\s*(?:rs\.?|lkr|inr|usd|eur|gbp|/=|/-|[$€£₹])$", re.I)
_GROUPED = re.compile(r"^[+-]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$")
_PLAIN = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$", re.I)
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Amount:
    """What one cell says: `value` when it is safe to read, else why not; `mended`: what was taken away to read it."""

    value: float | None
    wrong: str = ""
    mended: str = ""


def amount(cell: object) -> Amount:
    """Read one cell of money.

    Thousands separators, currency signs and spaces around are taken away (and said); words, ranges and everything
    else are refused, because any number would be a guess.
    """
    if cell is None:
        return Amount(None, "is missing")
    if isinstance(cell, bool):
        return Amount(None, "is not a number")
    if isinstance(cell, (int, float)):
        return _checked(float(cell))
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    if text.casefold() in MISSING:
        return Amount(None, "is missing")
    mended = ""
    bare = _CURRENCY.sub("", text).strip()
    if bare != text:
        mended = "currency sign"
    if _GROUPED.match(bare):
        bare, mended = bare.replace(",", ""), mended or "thousands separator"
    if _PLAIN.match(bare):
        found = _checked(float(bare))
        return Amount(found.value, found.wrong, mended if found.value is not None else "")
    if bare.casefold().lstrip("+-") in ("inf", "infinity"):
        return Amount(None, "is infinite")
    return Amount(None, "is written in words" if _WORD.search(bare) else "is not a number")


def _checked(value: float) -> Amount:
    if math.isnan(value):
        return Amount(None, "is missing")
    if math.isinf(value):
        return Amount(None, "is infinite")
    if value < 0:
        return Amount(None, "is negative")
    return Amount(value)


def folded(name: str) -> str:
    """A name without case, accents, punctuation and spaces: "Dehiwala-Mount  Lavinia" → "dehiwalamountlavinia"."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


@dataclass(frozen=True)
class Names:
    """The spellings of a column brought together: folded spelling → the name it stands for."""

    known: Mapping[str, str]

    def read(self, cell: object) -> str | None:
        """The name that a cell stands for; None: missing or unknown."""
        if cell is None or str(cell).strip().casefold() in MISSING:
            return None
        return self.known.get(folded(str(cell)))


def names(spelt: Mapping[str, int], given: Sequence[str] = (), alike: float = 0.84, rare: float = 0.05) -> Names:
    """Learn the names of places from how often each spelling occurs.

    Spellings that differ by case, accents, spaces and punctuation are one name, written in its commonest way (or as in
    `given`). A spelling at most `rare` times as frequent as another that is `alike` (ratio of Ratcliff/Obershelp) is
    that one misspelt, when exactly one such name exists.
    """
    groups: dict[str, dict[str, int]] = {}
    for spelling, count in spelt.items():
        if spelling.strip().casefold() not in MISSING and (key := folded(spelling)):
            groups.setdefault(key, {})[" ".join(spelling.split())] = count
    count_of = {key: sum(ways.values()) for key, ways in groups.items()}
    known = {folded(name): name for name in given}
    best = {key: known.get(key) or _written(ways) for key, ways in groups.items()}
    result = dict(known)
    for key in sorted(groups, key=lambda one: (-count_of[one], one)):
        if key in result:
            continue
        near = [other for other in result if _misspelt(key, other, count_of, known, alike, rare)]
        targets = {result[other] for other in near}
        result[key] = targets.pop() if len(targets) == 1 else best[key]
    return Names(result)


def _misspelt(
    key: str, other: str, counts: Mapping[str, int], given: Mapping[str, str], alike: float, rare: float
) -> bool:
    often = counts.get(other, 0)
    if other not in given and counts[key] > rare * often:
        return False
    return SequenceMatcher(None, key, other, autojunk=False).ratio() >= alike


def _written(ways: Mapping[str, int]) -> str:
    """The commonest spelling; shouting and small letters lose against Proper Case of equal letters."""
    proper = {way: count for way, count in ways.items() if way[:1].isupper() and not way.isupper()}
    pick = proper or ways
    return min(pick, key=lambda way: (-pick[way], way))


def tally(cells: Iterable[object]) -> dict[str, int]:
    """How often each text occurs."""
    counts: dict[str, int] = {}
    for cell in cells:
        if cell is not None:
            counts[str(cell)] = counts.get(str(cell), 0) + 1
    return counts
