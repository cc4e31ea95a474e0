"""Every table, column and folder of a home stands in the table of copies: nothing can be forgotten by an erasure."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from ceap.core import copies
from ceap.core.copies import Table
from ceap.customers.queries.erasures import discover


@pytest.fixture(autouse=True)
def _all_packages() -> None:
    discover()


def unlisted() -> set[str]:
    """The columns of the store, "table.column", that the table of copies does not have."""
    found = set()
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            listed = copies.TABLES.get(name, Table(name, key="")).columns
            columns = connection.introspection.get_table_description(cursor, name)
            found |= {f"{name}.{column.name}" for column in columns if column.name not in listed}
    return found


@pytest.mark.req("B-14")
@pytest.mark.django_db
def test_every_column_of_every_table_is_listed() -> None:
    assert not unlisted(), "say in the package's copies.py what an erasure does to these"


@pytest.mark.django_db
def test_a_column_that_is_not_listed_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_savedview ADD COLUMN planted VARCHAR(10)")
        cursor.execute("CREATE TABLE planted (id INTEGER, note TEXT)")
    assert unlisted() == {"customers_savedview.planted", "planted.id", "planted.note"}


@pytest.mark.django_db
def test_nothing_is_listed_that_is_not_there_and_nothing_twice() -> None:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for table in copies.TABLES.values():
            columns = connection.introspection.get_table_description(cursor, table.name)
            assert table.columns <= {column.name for column in columns}, table.name
            named = [*table.plain.split(), *table.scrubbed.split(), *table.json.split(), *table.handled]
            assert len(named) == len(set(named)), table.name
    assert set(copies.TABLES) <= there


def test_whatever_may_hold_a_person_is_exported_or_says_why_not() -> None:
    places: list[Any] = [*copies.TABLES.values(), *copies.FOLDERS.values()]
    personal = [p for p in places if not isinstance(p, Table) or p.personal]
    silent = [p for p in personal if not p.export and not p.excluded and "not personal" not in getattr(p, "fate", "")]
    assert not [p for p in silent if getattr(p, "fate", "").split(":")[0] not in SWEPT]


SWEPT = {"overwritten", "rewritten", "cut", "kept"}  # what has no content of its own besides the tables


def test_a_column_without_personal_data_says_why() -> None:
    assert not [t.name for t in copies.TABLES.values() if t.plain and not t.why]


def test_what_is_wiped_says_whose_it_is() -> None:
    assert not [t.name for t in copies.TABLES.values() if t.wiped and not t.of]
