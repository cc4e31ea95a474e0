"""The fields that columns of a file can be mapped to, by target."""

from __future__ import annotations

from dataclasses import dataclass, field

from ceap.accounts.contracts import Actor
from ceap.connectors.contracts import Target
from ceap.customers.contracts import CHANNEL_CONSENT_FIELDS, CONSENT_KEYS, NAME_FIELDS, Field, FieldType
from ceap.customers.queries import hidden_from, known_to

T = FieldType
PROPERTY = "prop:"  # "prop:colour" keeps a column as property "colour"
CUSTOMER = Field("customer", "Customer", T.TEXT, "Who")
_KEY = Field("key", "Line ID (unique for ever)", T.TEXT, "What")
FIELDS: dict[Target, tuple[Field, ...]] = {
    Target.ITEMS: (
        Field("key", "Item key", T.TEXT, "Item"),
        Field("name", "Name", T.TEXT, "Item"),
        Field("category", "Category", T.TEXT, "Item"),
        Field("price", "Price", T.NUMBER, "Item"),
        Field("kind", "Kind", T.TEXT, "Item"),
    ),
    Target.PURCHASES: (
        CUSTOMER,
        Field("order_id", "Order ID", T.TEXT, "Order"),
        Field("at", "When", T.DATETIME, "Order"),
        Field("item", "Item key", T.TEXT, "Line"),
        Field("item_name", "Item name", T.TEXT, "Line"),
        Field("category", "Category", T.TEXT, "Line"),
        Field("quantity", "Quantity", T.NUMBER, "Line"),
        Field("unit_price", "Unit price", T.NUMBER, "Line"),
        Field("amount", "Amount", T.NUMBER, "Line"),
        Field("currency", "Currency", T.TEXT, "Order"),
        Field("outlet", "Outlet", T.TEXT, "Order"),
        _KEY,
    ),
    Target.EVENTS: (
        CUSTOMER,
        Field("name", "Event name", T.TEXT, "Event"),
        Field("at", "When", T.DATETIME, "Event"),
        Field("item", "Item key", T.TEXT, "Event"),
        Field("amount", "Amount", T.NUMBER, "Event"),
        Field("campaign", "Campaign", T.TEXT, "Event"),
        _KEY,
    ),
    Target.RATES: (
        Field("day", "Day", T.DATE, "Rate"),
        Field("currency", "Currency", T.TEXT, "Rate"),
        Field("rate", "Worth of one unit", T.NUMBER, "Rate"),
    ),
}


def fields_of(target: Target, actor: Actor) -> list[Field]:
    """What columns can become in an import of `actor`: of customers, the fields that the role may see."""
    if target is Target.CUSTOMERS:
        known = [f for f in known_to(actor) if f.editable or f.key in CONSENT_KEYS]
        hidden = hidden_from(actor)
        names = [f for f in NAME_FIELDS if f.key not in hidden and f.key not in {one.key for one in known}]
        after = next((n for n, f in enumerate(known, 1) if f.key == "full_name"), 0)
        channels = () if "marketing_opt_in" in hidden else CHANNEL_CONSENT_FIELDS
        return [*known[:after], *names, *known[after:], *channels]
    return list(FIELDS[target])


def required(target: Target, mapped: set[str], match: tuple[str, ...]) -> list[tuple[str, str]]:
    """What is missing of a mapping: (field, what to do)."""
    if target is Target.CUSTOMERS:
        if set(match) & mapped:
            return []
        return [("match", "Map a column to what customers are recognised by: customer ID, email or phone.")]
    needed = {
        Target.ITEMS: ("key",),
        Target.PURCHASES: ("order_id", "at"),
        Target.EVENTS: ("name", "at"),
        Target.RATES: ("day", "currency", "rate"),
    }[target]
    labels = {f.key: f.label for f in FIELDS[target]}
    missing = [(key, f"Map a column to “{labels[key]}”.") for key in needed if key not in mapped]
    if target is Target.PURCHASES and not ({"quantity", "unit_price"} <= mapped or "amount" in mapped):
        missing.append(("amount", "Map a column to “Amount”, or one to “Quantity” and one to “Unit price”."))
    return missing


@dataclass(frozen=True)
class Row:
    """Something said about row `index` (from 0) of a part."""

    index: int
    field: str
    value: str
    reason: str
    rejected: bool = True


@dataclass(frozen=True)
class Outcome:
    """What became of a part's rows; every row is counted once."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    said: list[Row] = field(default_factory=list)
