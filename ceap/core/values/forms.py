"""The forms in which a column's dates or numbers may be written, and which of them a column has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EXAMPLES = 5


@dataclass(frozen=True)
class Choice:
    """One form: how many of the values it reads, and examples (as given, as read)."""

    form: str
    label: str
    readable: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Detected:
    """The form of a column. `form`: the one that reads most, "" when none reads any; `ambiguous`: another form reads
    as many and says something else, so that somebody must choose; `choices`: every form that reads something, best
    first; `values`: how many there were; `unreadable`: examples that `form` does not read."""

    form: str
    ambiguous: bool
    choices: tuple[Choice, ...]
    values: int
    unreadable: tuple[str, ...]


def detected(values: Iterable[str], forms: Mapping[str, str], read: Callable[[str, str], Any]) -> Detected:
    """Which of `forms` ({form: label}, the likelier ones first) the values have; `read(text, form)` reads one."""
    given = [text for text in dict.fromkeys(values) if text.strip()]
    results = {form: {text: one for text in given if (one := _tried(read, text, form)) is not None} for form in forms}
    ranked = sorted((form for form in forms if results[form]), key=lambda form: -len(results[form]))
    if not ranked:
        return Detected("", False, (), len(given), tuple(given[:EXAMPLES]))
    best = results[ranked[0]]
    others = [results[form] for form in ranked[1:] if len(results[form]) == len(best)]
    ambiguous = any(other[text] != best[text] for other in others for text in other if text in best)
    choices = tuple(
        Choice(
            form, forms[form], len(results[form]),
            tuple((text, str(one)) for text, one in list(results[form].items())[:EXAMPLES]),
        )
        for form in ranked
    )  # fmt: skip
    return Detected(
        ranked[0], ambiguous, choices, len(given), tuple([text for text in given if text not in best][:EXAMPLES])
    )


def _tried(read: Callable[[str, str], Any], text: str, form: str) -> Any:
    try:
        return read(text, form)
    except ValueError:
        return None
