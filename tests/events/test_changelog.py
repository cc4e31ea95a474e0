"""The change log: appended once, read in the order of commits."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction

from ceap.core import changelog
from ceap.core.changelog import NewEntry
from ceap.events import actions, queries
from ceap.events.models import Entry

pytestmark = pytest.mark.django_db


def append(*entries: NewEntry) -> list[int | None]:
    with connection.cursor() as cursor:
        return changelog.append(cursor, entries, connection.vendor)


def test_an_entry_says_where_it_is_and_a_repeated_key_says_none() -> None:
    first, twin, other = append(
        NewEntry("event", {"a": 1}, name="visit", customer=7, dedupe="k1"),
        NewEntry("event", {"a": 2}, name="visit", customer=7, dedupe="k1"),
        NewEntry("event", {"a": 3}, name="visit"),
    )
    assert first
    assert twin is None
    assert other
    assert other > first
    assert append(NewEntry("event", {"a": 9}, dedupe="k1")) == [None]
    assert [e.payload for e in Entry.objects.order_by("seq")] == [{"a": 1}, {"a": 3}]


def test_what_was_appended_is_read_back_whole() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    order = changelog.purchase("A1", 5, [{"quantity": Decimal("1.5"), "unit_price": "2"}], at=at, dedupe="o")
    append(order, NewEntry("event", {"x": "é\0y"}, name="n\U0001f600\0", at=at))
    one, two = queries.read("anyone")
    assert (one.kind, one.customer, one.dedupe) == ("purchase", 5, "o")
    assert one.payload["lines"] == [{"quantity": "1.5", "unit_price": "2"}]
    assert datetime.fromisoformat(one.payload["at"]) == at
    assert (two.at, two.name, two.payload) == (at, "n\U0001f600", {"x": "éy"})


def test_a_reader_goes_on_where_it_advanced_to() -> None:
    append(*(NewEntry("event", name=f"e{n}") for n in range(5)))
    first = queries.read("one", 2)
    assert [e.name for e in first] == ["e0", "e1"]
    actions.advance("one", first[-1].seq)
    assert [e.name for e in queries.read("one", 10)] == ["e2", "e3", "e4"]
    assert len(queries.read("two", 10)) == 5


def test_changed_customers_are_written_as_ranges() -> None:
    with connection.cursor() as cursor:
        changelog.customers_changed(cursor, [9, 1, 2, 3, 2, 7], connection.vendor)
    (entry,) = queries.read("r")
    assert (entry.kind, entry.payload) == ("customers", {"ids": [[1, 3], [7, 7], [9, 9]]})


def test_a_rolled_back_append_leaves_nothing() -> None:
    try:
        with transaction.atomic():
            append(NewEntry("event", name="lost"))
            raise RuntimeError
    except RuntimeError:
        pass
    append(NewEntry("event", name="kept"))
    assert [e.name for e in queries.read("r")] == ["kept"]
