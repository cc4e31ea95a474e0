"""One customer, or several by their keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import reached
from ceap.core.sql import id_list, id_rows
from ceap.core.values import identities as identities_read
from ceap.customers.contracts import DEFAULT_FIELDS, FieldType
from ceap.customers.models import Customer, Identity
from ceap.customers.queries.fields import fields, fields_for, reading
from ceap.customers.rules import values
from ceap.customers.rules.values import Context
from ceap.kit.problem import NotFound

BATCH = 10_000


def visible_to(actor: Actor) -> QuerySet[Customer]:
    """The customers that `actor` may see: all, or the own ones; merged and erased ones are never among them."""
    return reached(actor, "customers_view", Customer.objects.filter(merged_into=None, erased_at=None), "owner_id")


def beyond(actor: Actor, ids: Iterable[int]) -> set[int]:
    """Those of these customers whom `actor` may not see or not change, having a permission for own customers only."""
    if Level.OWNED not in (actor.level("customers_view"), actor.level("customers_manage")):
        return set()
    wanted = set(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM customers_customer WHERE id IN {id_rows(connection.vendor)} AND owner_id = %s",
            [id_list(connection.vendor, sorted(wanted)), actor.user_id],
        )
        return wanted - {row[0] for row in cursor.fetchall()}


def known_as(actor: Actor, *kinds: str) -> QuerySet[Identity, str]:
    """The values of these kinds of identities that name a customer whom `actor` may see."""
    return Identity.objects.filter(kind__in=kinds, customer__in=visible_to(actor)).values_list("value", flat=True)


def find(actor: Actor, customer: int) -> Customer:
    """One customer; the key of a merged one finds the one it was merged into.

    Raises:
        NotFound: there is none, or `actor` may not see it.
    """
    row = visible_to(actor).filter(pk=merged_into(customer)).first()
    if row is None:
        raise NotFound("There is no such customer.")
    return row


def merged_into(customer: int) -> int:
    """Who `customer` is today: itself, or the one it was merged into in the end."""
    return redirected([customer])[customer]


def redirected(ids: Iterable[int]) -> dict[int, int]:
    """For each key who that customer is today, following merges; keys that never were stay themselves."""
    today = {each: each for each in ids}
    open_ends = set(today.values())
    while open_ends:
        steps = _merged_away(open_ends)
        if steps:
            today = {each: steps.get(end, end) for each, end in today.items()}
        open_ends = set(steps.values())
    return today


def _merged_away(ids: Iterable[int]) -> dict[int, int]:
    """Those of `ids` who were merged, and into whom (one step)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, merged_into_id FROM customers_customer WHERE merged_into_id IS NOT NULL "
            f"AND id IN (SELECT value FROM {id_rows(connection.vendor)} AS asked)",
            [id_list(connection.vendor, ids)],
        )
        return dict(cursor.fetchall())


def identities(ids: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    """The identities of each customer, as {"kind", "value"}; erased and merged ones are left out."""
    found: dict[int, list[dict[str, str]]] = {}
    rows = Identity.objects.filter(customer__in=ids, customer__merged_into=None, customer__erased_at=None).order_by(
        "-primary", "kind", "pk"
    )
    for customer, kind, value in rows.values_list("customer_id", "kind", "value"):
        found.setdefault(customer, []).append({"kind": kind, "value": value})
    return found


def resolve(kind: str, value: str) -> int | None:
    """Whom an identity names, e.g. ("email", "Ann@Example.com"); None when nobody, or when it is not a `kind`."""
    try:
        known = identity_value(kind, value)
    except ValueError:
        return None
    return Identity.objects.filter(kind=kind, value=known).values_list("customer_id", flat=True).first()


def identity_value(kind: str, value: str, context: Context | None = None) -> str:
    """An identity's value in the form in which it is compared.

    Raises:
        ValueError: it is empty, or not a `kind`; the message says why.
    """
    return identities_read.identity(kind, value, (context or reading()).identities)


def named_by(
    kind: str, values_given: Sequence[str], context: Context | None = None, refused: dict[str, str] | None = None
) -> dict[str, int]:
    """Whom these identities of one kind name: {value as given: customer}, of those that name somebody.

    Args:
        refused: filled with {value: why} for those that are not a `kind` at all.
    """
    context = context or reading()
    exact = _named(kind, values_given)  # most are written as they are kept; reading a phone number takes 0.1 ms
    known: dict[str, str] = {}
    for value in values_given:
        if value in exact:
            continue
        try:
            known[value] = identity_value(kind, value, context)
        except ValueError as wrong:
            if refused is not None:
                refused[value] = str(wrong)
    found = _named(kind, known.values())
    return exact | {value: found[name] for value, name in known.items() if name in found}


def named(kind: str) -> Iterator[tuple[str, int]]:
    """Every identity of one kind in the form in which it is compared, with whom it names; to look up very many."""
    return Identity.objects.filter(kind=kind).values_list("value", "customer_id").iterator(chunk_size=BATCH)


def _named(kind: str, kept: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    wanted = sorted({value for value in kept if len(value) <= 254 and "\0" not in value})
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        found |= dict(Identity.objects.filter(kind=kind, value__in=part).values_list("value", "customer_id"))
    return found


def contexts(
    ids: Sequence[int], paths: Sequence[str] = (), *, seen_by: Actor | None = None
) -> dict[int, dict[str, Any]]:
    """What templates may say about customers: {id: {"customer": {field: value}}}, JSON-ready except for moments.

    `paths` are the variables wanted ("customer.full_name"); empty = every field. Users are their names, empty values
    "", and `first_name` is the first word of the full name where there is no field of that name, or it is empty.
    Customers merged or erased are left out. For a preview give whom it is shown to (`seen_by`): fields hidden from that
    role are left out.
    """
    wanted = {path.removeprefix("customer.") for path in paths if path.startswith("customer.")}
    known = fields_for(seen_by) if seen_by else fields()
    chosen = [f for f in known if not paths or f.key in wanted]
    named = {"full_name"} if not paths or "first_name" in wanted else set()
    columns = {f.key for f in chosen if not f.custom} | named
    attributes = {key: f"{key}_id" if key in USER_KEYS else key for key in columns}
    names = _user_names() if columns & USER_KEYS else {}
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), BATCH):
        rows = Customer.objects.filter(
            pk__in=list(ids[start : start + BATCH]), merged_into=None, erased_at=None
        ).values("pk", "custom", *attributes.values())
        for row in rows:
            said: dict[str, Any] = {}
            for f in chosen:
                value = row["custom"].get(f.key) if f.custom else row[attributes[f.key]]
                if f.type is FieldType.USER and value is not None:
                    value = names.get(value) if names else _user_names().get(value)
                said[f.key] = (
                    "" if value is None else _moment(value) if f.type is FieldType.DATETIME else values.kept(value)
                )
            if named:
                said["first_name"] = said.get("first_name") or (row["full_name"].split() or [""])[0]
            found[row["pk"]] = {"customer": said}
    return found


def _moment(value: Any) -> Any:
    """A kept moment, which custom fields hold as text."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def time_zones(ids: Sequence[int]) -> dict[int, str]:
    """The IANA zone of each of these customers; "" = the organisation's."""
    return dict(Customer.objects.filter(pk__in=list(ids)).values_list("pk", "time_zone"))


USER_KEYS = {f.key for f in DEFAULT_FIELDS if f.type is FieldType.USER}


def _user_names() -> dict[int, str]:
    from ceap.accounts.queries import user_names

    return user_names()
