"""What other packages may see of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item as it comes in; (kind, key) names it. None leaves what is known as it is."""

    kind: str
    key: str
    name: str
    category: str | None = None
    price: Decimal | None = None
    attributes: dict[str, Any] | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of items that came in; `ids` are those created or updated."""

    created: int
    updated: int
    unchanged: int
    ids: list[int] = field(default_factory=list)
