"""Values that were stored before there was one reader of values, and what it makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ceap.customers.contracts import Field, FieldType
from ceap.customers.rules.values import Context, is_empty, kept, normalise

READ = {
    FieldType.TEXT, FieldType.MULTILINE, FieldType.DROPDOWN, FieldType.MULTIPLE, FieldType.NUMBER, FieldType.DATE,
    FieldType.DATETIME, FieldType.URL, FieldType.GPS,
}  # fmt: skip
CHOICES = {FieldType.DROPDOWN, FieldType.MULTIPLE}  # a choice that is offered no more stays what it was


@dataclass(frozen=True)
class Mended:
    """changes: the kept form of each value that is not in it; left: why a value cannot be read, by field."""

    changes: dict[str, Any] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changes or self.left)


def mended(stored: Mapping[str, Any], fields: Mapping[str, Field], context: Context) -> Mended:
    """What the reader makes of a customer's stored values; what is right already is in neither part."""
    found = Mended()
    for key, value in stored.items():
        if not isinstance(value, str | list) or is_empty(value):
            continue
        try:
            new = normalise(fields[key], value, context)
        except ValueError as reason:
            if fields[key].type not in CHOICES:
                found.left[key] = str(reason)
            continue
        if kept(new) != value:
            found.changes[key] = new
    return found
