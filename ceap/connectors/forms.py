"""Which forms the dates and the numbers of a file have, by its first rows."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ceap.connectors.contracts import Guess
from ceap.core.values import dates, numbers
from ceap.core.values.forms import Detected
from ceap.customers.contracts import Field, FieldType

DATES = (FieldType.DATE, FieldType.DATETIME)


def forms_of(rows: pa.Table, guesses: Sequence[Guess], fields: Sequence[Field]) -> tuple[Detected, Detected]:
    """The form of all dates together, and that of all numbers; what a column holds is told by its field or looks."""
    kinds = {field.key: field.type for field in fields}
    moments: list[str] = []
    amounts: list[str] = []
    for each in guesses:
        kind, column = kinds.get(each.field, each.type), rows.column(each.column)
        if kind in (*DATES, FieldType.NUMBER) and pa.types.is_string(column.type):
            (moments if kind in DATES else amounts).extend(v for v in column.to_pylist() if v and v.strip())
    return dates.detect(moments), numbers.detect(amounts)


def chosen_form(found: Detected, otherwise: str) -> str:
    """The form to begin with: the detected one, unless somebody has to choose."""
    return otherwise if found.ambiguous or not found.form else found.form


def form_words(found: Detected, kind: str) -> str:
    """What was found: "dates 11/20/2026 (month first)"; "" when there are none."""
    if not found.choices:
        return ""
    if not found.ambiguous:
        return f"{kind} {found.choices[0].label}"
    text, _ = found.choices[0].examples[0]
    labels = " or ".join(choice.label for choice in found.choices if choice.readable == found.choices[0].readable)
    return f"{kind} such as {text} could be two ({labels}): choose with --{kind}"
