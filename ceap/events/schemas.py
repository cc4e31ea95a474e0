"""The wire of events. Money and quantities are exact: decimal text, never floating point."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, Field


def exact(value: object) -> object:
    """A decimal as text, without needless zeros but with at least two places: 9747747.9340 → "9747747.934"."""
    if not isinstance(value, Decimal):
        return value
    whole, _, places = f"{value:f}".partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def plain(value: object) -> object:
    """A decimal as text, without needless zeros: 3.000 → "3"."""
    if not isinstance(value, Decimal):
        return value
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


Money = Annotated[str, BeforeValidator(exact)]
Quantity = Annotated[str, BeforeValidator(plain)]


class LineOut(Schema):
    key: str
    item: str | None
    item_name: str | None
    category: str | None
    quantity: Quantity | None
    unit_price: Money | None
    amount: Money | None


class ActivityOut(Schema):
    kind: str
    key: str
    at: datetime
    name: str
    item: str | None
    amount: Money | None
    campaign: str | None
    currency: str | None
    outlet: str | None
    props: dict[str, Any]
    lines: list[LineOut]


class ActivityPage(Schema):
    items: list[ActivityOut]
    next: str | None
    total: int | None = None


class SummaryOut(Schema):
    lines: int
    orders: int
    customers: int
    total: Money
    apart: int


class EventNameOut(Schema):
    name: str
    count: int


class EventNames(Schema):
    items: list[EventNameOut]
    next: str | None = None
    total: int


class LagOut(Schema):
    consumer: str
    entries: int
    seconds: float


class FreshnessOut(Schema):
    as_of: datetime
    consumers: list[LagOut]


class RateIn(Schema):
    """`rate`: what one unit of `currency` is worth in the organisation's from `day` on; null takes it back."""

    day: date
    currency: str
    rate: Decimal | None


class RateOut(Schema):
    day: date
    currency: str
    rate: Annotated[str, BeforeValidator(plain)]


class ApartOut(Schema):
    """Lines of purchases without a rate: they count, but add nothing to amounts."""

    currency: str
    lines: int
    first: date
    last: date
    remedy: str


class RatesOut(Schema):
    """`currency` is the organisation's."""

    currency: str
    items: list[RateOut]
    next: str | None
    total: int
    apart: list[ApartOut] | None


class RatesIn(Schema):
    items: Annotated[list[RateIn], Field(max_length=10_000)]


class RatesKept(Schema):
    changed: int
