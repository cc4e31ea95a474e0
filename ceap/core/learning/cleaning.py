"""From a dirty table to customers that can be learnt from or scored, and a receipt of every cell that was not taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceap.core.learning.amounts import MISSING, Names, amount, folded, names
from ceap.core.learning.frame import Floats, Frame
from ceap.core.learning.roles import Roles
from ceap.core.learning.table import Sheet, texts

PLAIN = r"^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$"
EXAMPLES = 5
MARKS = " \t\\/'\"`.,;"  # strays at the end of a label


@dataclass(frozen=True)
class Finding:
    """One kind of dirt in one column: how many rows, the first of them (1 = first row), and what was done about it."""

    column: str
    what: str
    done: str
    rows: int
    examples: tuple[tuple[int, str], ...]

    def json(self) -> dict[str, Any]:
        examples = [{"row": row, "value": value} for row, value in self.examples]
        return {"column": self.column, "what": self.what, "done": self.done, "rows": self.rows, "examples": examples}


@dataclass(frozen=True)
class Cleaned:
    """Customers and where they stood.

    frame: the usable customers. rows: their rows in the file, shape (len(frame),). why: row → why it is not usable.
    labels: of the usable customers, None where unknown or no column. places: the names of outlets as learnt.
    """

    frame: Frame
    rows: NDArray[np.int64]
    total: int
    why: dict[int, str]
    labels: NDArray[np.object_] | None
    places: Names | None
    findings: tuple[Finding, ...] = field(default=())

    def json(self) -> dict[str, Any]:
        """The receipt."""
        return {
            "rows": self.total,
            "usable": len(self.rows),
            "refused": len(self.why),
            "findings": [one.json() for one in self.findings],
        }

    def told(self, findings: tuple[Finding, ...]) -> Cleaned:
        """With what was found before the cells were read."""
        return replace(self, findings=(*findings, *self.findings))

    def only(self, keep: NDArray[np.bool_], *, finding: Finding | None = None) -> Cleaned:
        """Some of the usable customers."""
        labels = None if self.labels is None else self.labels[keep]
        more = (finding,) if finding else ()
        return Cleaned(
            self.frame.take(keep), self.rows[keep], self.total, self.why, labels, self.places, (*self.findings, *more)
        )


def clean(sheet: Sheet, roles: Roles, *, places: Names | None = None, known: Sequence[str] | None = None) -> Cleaned:
    """Read the columns of a table by their roles.

    Args:
        places: spellings of outlets from training; None: learnt from this table. known: outlets of training, to say
            which ones are new.
    """
    table, n = sheet.table, sheet.table.num_rows
    findings: list[Finding] = []
    why: dict[int, str] = dict.fromkeys(sheet.broken, "has more or fewer cells than the header")
    if sheet.broken:
        rows = tuple((row + 1, "") for row in sheet.broken[:EXAMPLES])
        findings.append(Finding("", "more or fewer cells than the header", "refused", len(sheet.broken), rows))
    amounts = {}
    for key, column in roles.amounts.items():
        amounts[key], wrong = _numbers(table[column], column, "refused", findings)
        for row, reason in wrong.items():
            why.setdefault(row, f"{column} {reason}")
    numbers = {key: _numbers(table[name], name, "taken as unknown", findings)[0] for key, name in roles.numbers.items()}
    outlet = None
    if roles.outlet is not None:
        outlet, places = _outlets(table[roles.outlet], roles.outlet, places, known, findings)
    labels = None if roles.label is None else _labels(table[roles.label], roles.label, findings)
    usable = np.ones(n, bool)
    usable[list(why)] = False
    frame = Frame(amounts, outlet, numbers).take(usable)
    return Cleaned(
        frame, np.flatnonzero(usable), n, why, None if labels is None else labels[usable], places, tuple(findings)
    )


def once(cleaned: Cleaned, ids: pa.ChunkedArray | None) -> Cleaned:
    """Each customer once: of equal rows the first; customers whose rows contradict each other are left out."""
    if ids is None:
        return cleaned
    key = texts(ids).take(pa.array(cleaned.rows)).combine_chunks().fill_null("").dictionary_encode()
    code = key.indices.to_numpy(zero_copy_only=False)
    count = np.bincount(code, minlength=len(key.dictionary))
    empty = np.array([str(word).strip().casefold() in MISSING for word in key.dictionary.to_pylist()])
    several = (count[code] > 1) & ~empty[code]
    if not several.any():
        return cleaned
    keep = np.ones(len(code), bool)
    same: list[int] = []
    other: list[int] = []
    seen: dict[int, tuple[Any, int]] = {}
    contradicted: set[int] = set()
    rows = np.flatnonzero(several)
    part = cleaned.frame.take(rows)
    what = zip(*part.amounts.values(), *([part.outlet] if part.outlet is not None else []), strict=True)
    for at, values in zip(rows.tolist(), what, strict=True):
        label = None if cleaned.labels is None else cleaned.labels[at]
        first = seen.setdefault(int(code[at]), ((values, label), at))
        if first[1] != at:
            (same if first[0] == (values, label) else other).append(at)
            keep[at] = False
            if first[0] != (values, label):
                contradicted.add(int(code[at]))
    clash = np.isin(code, sorted(contradicted)) if contradicted else np.zeros(len(code), bool)
    keep &= ~clash
    words = key.dictionary.to_pylist()

    def finding(what: str, done: str, found: NDArray[np.int64]) -> list[Finding]:
        shown = tuple((int(cleaned.rows[at]) + 1, str(words[code[at]])) for at in found[:EXAMPLES])
        return [Finding("id", what, done, len(found), shown)] if len(found) else []

    more = finding("comes more than once, with the same values", "counted once", np.array(same, np.int64)[:])
    more += finding("comes more than once, with different values", "left out of training", np.flatnonzero(clash))
    result = cleaned.only(keep)
    return Cleaned(
        result.frame, result.rows, result.total, result.why, result.labels, result.places, (*result.findings, *more)
    )


def _numbers(column: pa.ChunkedArray, name: str, done: str, findings: list[Finding]) -> tuple[Floats, dict[int, str]]:
    """The values (nan where there is none to take), and why by row."""
    values, wrong, mended = cells(column)
    for what, taken, rows in (("", done, wrong), (" taken away", "read", mended)):
        by_reason: dict[str, list[int]] = {}
        for row, reason in rows.items():
            by_reason.setdefault(reason, []).append(row)
        for reason, found in sorted(by_reason.items()):
            found.sort()
            examples = tuple((row + 1, str(column[row].as_py())) for row in found[:EXAMPLES])
            findings.append(Finding(name, reason + what, taken, len(found), examples))
    return values, wrong


def cells(column: pa.ChunkedArray) -> tuple[Floats, dict[int, str], dict[int, str]]:
    """The amounts of a column (nan where there is none to take), why not by row, and what was mended by row."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(float, copy=True)
    else:
        text = column.cast(pa.string())
        plain = pc.match_substring_regex(text, PLAIN)
        read = pc.if_else(plain, pc.utf8_trim_whitespace(text), pa.scalar(None, pa.string())).cast(pa.float64())
        values = read.to_numpy(zero_copy_only=False).astype(float, copy=True)
        rest = np.flatnonzero(~pc.fill_null(plain, False).to_numpy(zero_copy_only=False))
        return _slowly(values, rest, text.take(pa.array(rest)).to_pylist())
    return _slowly(values, np.empty(0, np.int64), [])


def _slowly(
    values: Floats, rest: NDArray[np.int64], cells: list[str | None]
) -> tuple[Floats, dict[int, str], dict[int, str]]:
    wrong: dict[int, str] = {}
    mended: dict[int, str] = {}
    read = {cell: amount(cell) for cell in set(cells)}
    for row, cell in zip(rest.tolist(), cells, strict=True):
        found = read[cell]
        values[row] = np.nan if found.value is None else found.value
        if found.wrong:
            wrong[row] = found.wrong
        elif found.mended:
            mended[row] = found.mended
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0))
    for row in bad.tolist():
        if row not in wrong:
            value = values[row]
            wrong[row] = (
                "is negative"
                if value < 0 and np.isfinite(value)
                else "is missing"
                if np.isnan(value)
                else "is infinite"
            )
    values[bad] = np.nan
    return values, wrong, mended


def spellings(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """The names in a column, each in its usual spelling; None where missing."""
    return _outlets(column, "", None, None, [])[0]


def _outlets(
    column: pa.ChunkedArray, name: str, places: Names | None, known: Sequence[str] | None, findings: list[Finding]
) -> tuple[NDArray[np.object_], Names]:
    coded = texts(column).combine_chunks().dictionary_encode()
    words = [str(word) for word in coded.dictionary.to_pylist()]
    index = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    counts = dict(zip(words, np.bincount(index, minlength=len(words) + 1)[: len(words)].tolist(), strict=True))
    own = names(counts, known or ()) if places is None or known is not None else places
    places = places or own
    read = [own.read(word) for word in words]
    said = np.array([*read, None], object)[index]

    def finding(what: str, done: str, wanted: list[bool]) -> None:
        rows = np.flatnonzero(np.array(wanted)[index])
        if len(rows):
            shown = tuple(
                (int(row) + 1, "" if index[row] == len(words) else words[index[row]]) for row in rows[:EXAMPLES]
            )
            findings.append(Finding(name, what, done, len(rows), shown))

    finding("is missing", "taken as an unknown outlet", [*(one is None for one in read), True])
    spelt = [one is not None and one != word for one, word in zip(read, words, strict=True)]
    finding("another spelling", "read as the outlet's usual name", [*spelt, False])
    if known is not None:
        new = [one is not None and one not in known for one in read]
        finding("an outlet that was not in training", "taken as an unknown outlet", [*new, False])
    return said, places


def _labels(column: pa.ChunkedArray, name: str, findings: list[Finding]) -> NDArray[np.object_]:
    """One spelling for each label: "6", "6.0" and "6\\\\" are one; None where there is none."""
    coded = texts(column).combine_chunks().dictionary_encode()
    words = [str(word) for word in coded.dictionary.to_pylist()]
    index = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    counts = np.bincount(index, minlength=len(words) + 1)
    groups: dict[str, list[int]] = {}
    for n, word in enumerate(words):
        if word.strip().casefold() not in MISSING:
            groups.setdefault(_label_key(word), []).append(n)
    read: list[str | None] = [None] * (len(words) + 1)
    for ways in groups.values():
        best = min(ways, key=lambda n: (-counts[n], words[n]))
        for n in ways:
            read[n] = words[best].strip()
    mended = [word is not None and n < len(words) and word != words[n] for n, word in enumerate(read)]
    for what, done, wanted in (
        ("is missing", "left out of training", [word is None for word in read]),
        ("another spelling", "read as the commonest one", mended),
    ):
        rows = np.flatnonzero(np.array(wanted)[index])
        if len(rows):
            shown = tuple((int(r) + 1, "" if index[r] == len(words) else words[index[r]]) for r in rows[:EXAMPLES])
            findings.append(Finding(name, what, done, len(rows), shown))
    return np.asarray(np.array(read, object)[index])


def _label_key(word: str) -> str:
    bare = word.strip().rstrip(MARKS).lstrip("'\"` ").casefold() or word
    try:
        number = float(bare)
    except ValueError:
        return bare
    return str(int(number)) if number.is_integer() else str(number)


def seen(places: Names | None, outlets: Sequence[str]) -> list[str]:
    """The outlets of training by their usual names, for `known`."""
    return [name for name in outlets if places is None or places.known.get(folded(name), name) == name]
