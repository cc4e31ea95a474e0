"""Which field a placeholder probably means, by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher

_LIKE = 0.8
_MEANT = {"name": "customer.full_name", "mobile": "customer.phone", "mail": "customer.email", "gender": "customer.sex"}


def like(name: str, fields: Mapping[str, str]) -> str | None:
    """The path of the field whose key or label reads like `name`; None when none does, or two do so equally.

    Args:
        fields: label by path.
    """
    if (meant := _MEANT.get(name.lower())) in fields:
        return meant
    wanted = _words(name)
    if not any(word.isalpha() for word in wanted):
        return None
    scores = {
        path: max(_alike(wanted, _words(path.removeprefix("customer."))), _alike(wanted, _words(label)))
        for path, label in fields.items()
    }
    best = max(scores.values(), default=0.0)
    found = [path for path, score in scores.items() if score == best]
    return found[0] if best >= _LIKE and len(found) == 1 else None


def _words(text: str) -> list[str]:
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    return re.findall(r"[^\W_]+", parted.lower())


def _alike(one: list[str], other: list[str]) -> float:
    """1 for the same words; a little less where one says more than the other (tier, current tier; email address)."""
    if one == other:
        return 1.0
    if one and set(one) <= set(other):
        return 0.9
    if other and set(other) <= set(one):
        return 0.85
    return SequenceMatcher(None, " ".join(one), " ".join(other)).ratio() * 0.95
