"""The wire of the catalogue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ninja import Schema


class ItemOut(Schema):
    id: int
    kind: str
    key: str
    name: str
    category: str
    price: Decimal | None
    attributes: dict[str, Any]
    active: bool


class ItemPage(Schema):
    items: list[ItemOut]
    next: str | None
    total: int | None = None


class KindsOut(Schema):
    items: list[str]
