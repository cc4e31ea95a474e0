"""Which persons were erased, and how far the erasing of their last copies is."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.utils.module_loading import autodiscover_modules

from ceap.accounts.contracts import Actor
from ceap.core import copies
from ceap.customers.models import Erasure
from ceap.kit.problem import NotFound

AT_ONCE = 64 * 1024**2  # bytes of a table, indexes included, that an erasure rewrites at once on PostgreSQL


@cache
def discover() -> None:
    """Import every package's `copies` module, which lists where it keeps personal data and erases it there."""
    autodiscover_modules("copies")


def erasure(actor: Actor, customer: int) -> Erasure:
    """The erasure of the customer who had the key `customer`.

    Raises:
        Forbidden: the actor may not erase. NotFound: no such customer was erased.
    """
    actor.require("customers_erase")
    row = Erasure.objects.filter(customer=customer).first()
    if row is None:
        raise NotFound("No such customer was erased.")
    return row


def erasures(actor: Actor, *, open_only: bool = False) -> list[Erasure]:
    """Erasures, the newest first.

    Raises:
        Forbidden: the actor may not erase.
    """
    actor.require("customers_erase")
    rows = Erasure.objects.order_by("-requested_at", "-id")
    return list(rows.filter(finished_at=None) if open_only else rows[:200])


def progress_of(row: Erasure) -> tuple[int, int]:
    """How many of the steps of an erasure are done, and how many there are."""
    discover()
    names = {one.name for one in copies.steps()} | {one.name for one in copies.lasts()}
    return (len(names), len(names)) if row.finished_at else (len(names & set(row.steps)), len(names))


def personal_tables() -> dict[str, int]:
    """Tables that may hold personal data, the smallest first, with their bytes, indexes and large values included.

    PostgreSQL alone: a store in one file has no sizes of tables.
    """
    discover()
    names = [name for name, table in copies.TABLES.items() if table.personal]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s) "
            "AND relnamespace = current_schema()::regnamespace ORDER BY 2, 1",
            [names],
        )
        return dict(cursor.fetchall())


def tables_to_compact() -> dict[str, int]:
    """The tables that an erasure does not rewrite because they are large: bytes of old rows stay in their free space
    until they are overwritten, or until the operator rewrites them (`ceap erasures compact`); with their bytes."""
    if connection.vendor != "postgresql":
        return {}
    return {name: size for name, size in personal_tables().items() if size > AT_ONCE}
