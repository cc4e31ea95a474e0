"""Which fields customers have, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import Actor
from ceap.core.values.identities import Reading
from ceap.core.values.numbers import NumberForm
from ceap.customers.contracts import ADDRESS_FIELDS, CHANNEL_FIELDS, DEFAULT_FIELDS, Field, FieldType
from ceap.customers.models import CustomField, FieldAccess
from ceap.customers.rules.asked import asked as asked_for
from ceap.customers.rules.values import Context
from ceap.kit.problem import Forbidden

if TYPE_CHECKING:  # the worker asks for fields and never reads columns: it does without these libraries
    import pyarrow as pa

    from ceap.customers.rules.columns import Read

DEFAULT_KEYS = {f.key for f in (*DEFAULT_FIELDS, *CHANNEL_FIELDS)} | {"username"}  # the kind of identity


class HiddenField(Forbidden):
    """The actor's role may not see a field that it wanted to use."""

    title = "This field is hidden from your role"


def fields() -> list[Field]:
    """Every field a customer has now: the default ones, then the organisation's own in their order.

    For the machinery; what a person or program is shown comes from `fields_for`.
    """
    roles = access()
    live = CustomField.objects.filter(retired_at=None)
    return [*(_limited(f, roles) for f in DEFAULT_FIELDS), *(contract(row, roles) for row in live)]


def fields_for(actor: Actor) -> list[Field]:
    """The fields that `actor` may see."""
    return [f for f in fields() if f.seen_by(actor)]


def channel_fields(actor: Actor) -> list[Field]:
    """The fields that imports and channels write, those that `actor` may see."""
    roles = access()
    return [f for each in CHANNEL_FIELDS if (f := _limited(each, roles)).seen_by(actor)]


def hidden_from(actor: Actor) -> set[str]:
    """The keys of the fields, retired ones too, that `actor` may not see; with "usernames" the identity "username"."""
    limited = (Field(key, "", FieldType.TEXT, "", roles=tuple(roles)) for key, roles in access().items())
    hidden = {f.key for f in limited if not f.seen_by(actor)}
    return hidden | {"username"} if "usernames" in hidden else hidden


def role_sees_more(actor: Actor, role: str) -> bool:
    """Whether a role may see a field that `actor` may not."""
    return not hidden_from(actor) <= hidden_from(Actor("user", "", "", role=role))


def require_seen(actor: Actor, *keys: str) -> None:
    """Refuse to use a default field that `actor` may not see: to search, to filter, to order by.

    A custom field that one may not see is not refused by name: it is an unknown one, as if it were not there.

    Raises:
        HiddenField: naming the field.
    """
    if hidden := hidden_from(actor) & set(keys) & DEFAULT_KEYS:
        raise HiddenField(f"Your role may not see the field “{sorted(hidden)[0]}”, so it cannot be used here.")


def hides_address(actor: Actor, channel: str) -> bool:
    """Whether the addresses of customers on `channel` are made of a field that `actor` may not see."""
    return not hidden_from(actor).isdisjoint(ADDRESS_FIELDS.get(channel, ("email", "phone")))


def access() -> dict[str, list[str]]:
    """The roles that may see a field, by the field's key, of the fields that not everybody may see."""
    return {key: roles for key, roles in FieldAccess.objects.values_list("key", "roles") if roles}


def _limited(field: Field, roles: dict[str, list[str]]) -> Field:
    return replace(field, roles=tuple(roles[field.key])) if field.key in roles else field


def all_fields(actor: Actor) -> list[CustomField]:
    """Every custom field that `actor` may see, retired ones last."""
    actor.require("customers_view")
    hidden = hidden_from(actor)
    rows = [row for row in CustomField.objects.all() if row.key not in hidden]
    return [r for r in rows if not r.retired_at] + [r for r in rows if r.retired_at]


def retired() -> list[Field]:
    """The custom fields out of use."""
    return [contract(row) for row in CustomField.objects.exclude(retired_at=None)]


def contract(row: CustomField, roles: dict[str, list[str]] | None = None) -> Field:
    """A custom field as others see it."""
    known = access() if roles is None else roles
    limited = tuple(known.get(row.key, ()))
    return Field(row.key, row.label, FieldType(row.type), "Custom", tuple(row.options), custom=True, roles=limited)


def reading(*, dates: str = "", numbers: str = NumberForm.POINT) -> Context:
    """How this organisation's values are read: its country, its time zone, its users."""
    organisation = accounts.organisation()
    known = Reading.of(organisation.settings)
    return Context(
        region=known.region,
        zone=organisation.time_zone,
        dates=dates,
        numbers=numbers,
        users=accounts.users_by_name(),
        placeholders=known.placeholders,
    )


def asking() -> Callable[[Field, str, str], Any]:
    """How a rule's values are read: (field, operator, text) → what the field is compared with, see `rules.asked`."""
    context: list[Context] = []

    def asked(of: Field, operator: str, value: str) -> Any:
        if not context:
            organisation = accounts.organisation()
            context.append(Context(Reading.of(organisation.settings).region, organisation.time_zone))
        return asked_for(of, operator, value, context[0])

    return asked


def read_columns(rows: pa.Table, of: Sequence[Field], context: Context | None = None) -> Read:
    """Columns of text or typed values as the fields `of` would keep them, and every value that they would not."""
    from ceap.customers.rules import columns

    return columns.read(rows, of, context or reading())
