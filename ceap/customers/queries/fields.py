"""Which fields customers have, and how their values are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import Actor
from ceap.customers.contracts import DEFAULT_FIELDS, Field, FieldType
from ceap.customers.models import CustomField
from ceap.customers.rules.values import Context

if TYPE_CHECKING:  # the worker asks for fields and never reads columns: it does without these libraries
    import pyarrow as pa

    from ceap.customers.rules.columns import Read


def fields() -> list[Field]:
    """Every field a customer has now: the default ones, then the organisation's own in their order."""
    live = CustomField.objects.filter(retired_at=None)
    return [*DEFAULT_FIELDS, *(contract(row) for row in live)]


def all_fields(actor: Actor) -> list[CustomField]:
    """Every custom field, retired ones last."""
    actor.require("customers_view")
    rows = list(CustomField.objects.all())
    return [r for r in rows if not r.retired_at] + [r for r in rows if r.retired_at]


def contract(row: CustomField) -> Field:
    """A custom field as others see it."""
    return Field(row.key, row.label, FieldType(row.type), "Custom", tuple(row.options), custom=True)


def reading(*, day_first: bool | None = None, decimal_comma: bool = False) -> Context:
    """How this organisation's values are read: its country, its time zone, its users."""
    return Context(
        region=str(accounts.setting("default_region") or ""),
        zone=accounts.organisation().time_zone,
        day_first=day_first,
        decimal_comma=decimal_comma,
        users=accounts.users_by_name(),
    )


def read_columns(rows: pa.Table, of: Sequence[Field], context: Context | None = None) -> Read:
    """Columns of text or typed values as the fields `of` would keep them, and every value that they would not."""
    from ceap.customers.rules import columns

    return columns.read(rows, of, context or reading())
