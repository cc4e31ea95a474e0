"""Whom the ids in a file name: any column, any identity."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pyroaring import BitMap

from ceap.connectors import queries as files
from ceap.connectors.contracts import Form
from ceap.customers import queries as customers
from ceap.customers.contracts import IDENTITY_FIELDS, spreadsheet_safe
from ceap.kit.problem import Invalid, invalid

NUMBER = "id"  # the customer's number in this installation
KINDS = (*IDENTITY_FIELDS, "username", NUMBER)
SAMPLE, PART, MOST = 500, 20_000, 1_000_000
HEADER = ("row", "value", "reason")
See = Callable[[Iterable[int]], set[int]]


@dataclass(frozen=True)
class Matched:
    """What matching a file gave: rows = len(members) + duplicates + missing."""

    members: BitMap
    rows: int
    duplicates: int
    missing: int


@dataclass(frozen=True)
class Choice:
    """Which column of a file holds which kind of identity; `form` as it turned out to be."""

    form: Form
    columns: list[str]
    column: str
    by: str


def choose(path: Path, form: Form, kinds: Sequence[str], see: See, column: str = "") -> Choice:
    """The column, and which of `kinds` of identity, that name most customers in the first rows; else by their names.

    Args:
        column: of the file; left out: any.

    Raises:
        BadFile: the file is damaged. Invalid: it has no column `column`, or no rows.
    """
    if form.header and _is_row(files.columns(path, form), kinds, see):
        form = replace(form, header=False)
    names = files.columns(path, form)
    part = next(files.parts(path, form, SAMPLE), None)
    if part is None or not names or not part.size:
        raise Invalid("This file has no rows.")
    if column and column not in names:
        raise invalid("column", f"The file has no column “{column}”; it has {', '.join(names[:20])}.")
    asked = [(name, kind) for name in ([column] if column else names) for kind in kinds]
    values = {name: _texts(part.table[name].to_pylist()) for name in {name for name, _ in asked}}
    found = {one: len(see(named(one[1], values[one[0]]).values())) for one in asked}
    best = max(asked, key=lambda one: (found[one], _says(*one)))
    return Choice(form, names, *best)


def _says(column: str, kind: str) -> bool:
    """Whether a column is called after a kind of identity: what counts where no row names anybody."""
    return kind != NUMBER and kind.replace("_", "") in column.lower().replace("_", "").replace(" ", "")


def _is_row(names: Sequence[str], kinds: Sequence[str], see: See) -> bool:
    """Whether what was taken for the names of the columns is a row of ids: somebody's, or a single one with digits."""
    if len(names) == 1 and (any(c.isdigit() for c in names[0]) or "@" in names[0]):
        return True
    return any(see(named(kind, names).values()) for kind in kinds)


def named(kind: str, values: Sequence[str], refused: dict[str, str] | None = None) -> dict[str, int]:
    """Whom these values name, by value; `refused` is filled with those that cannot name anybody, and why."""
    if kind != NUMBER:
        return customers.named_by(kind, values, refused=refused)
    return {value: int(number) for value in values if (number := value.strip().lstrip("#")).isascii()
            and number.isdigit() and len(number) < 10}  # fmt: skip


def match(
    path: Path, choice: Choice, see: See, missing: Path, progress: Callable[[int], None] = lambda rows: None
) -> Matched:
    """Find the customers; the rows that name nobody are written to `missing` as CSV.

    Args:
        progress: called with the rows done, after each part; may raise to stop.

    Raises:
        BadFile: the file is damaged. Invalid: it has more than a million rows.
    """
    members, rows, duplicates, lost = BitMap(), 0, 0, 0
    with missing.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for part in files.parts(path, choice.form, PART):
            rows += part.size
            if rows > MOST:
                raise Invalid(f"A list has at most {MOST:,} rows; split the file.")
            said = [(row, text, f"the row {reason}") for row, text, reason in part.torn]
            values, refused = _texts(part.table[choice.column].to_pylist()), {"": "is empty"}
            whose = named(choice.by, sorted(set(values) - {""}), refused)
            seen = see(whose.values())
            for row, value in zip(part.numbers, values, strict=True):
                customer = whose.get(value)
                if customer is None or customer not in seen:
                    said.append((row, value, refused.get(value, f"names no customer (by {choice.by})")))
                elif customer in members:
                    duplicates += 1
                else:
                    members.add(customer)
            writer.writerows([spreadsheet_safe(cell) for cell in line] for line in sorted(said))
            lost += len(said)
            progress(rows)
    return Matched(members, rows, duplicates, lost)


def _texts(cells: Iterable[object]) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in cells]
