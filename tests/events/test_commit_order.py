"""PostgreSQL commits out of the order of its sequence: no reader may skip an entry because of that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, connections

from ceap.core import changelog
from ceap.core.changelog import NewEntry
from ceap.events import actions, log, queries
from ceap.events.models import Entry, Position

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer; nothing can interleave"),
]


@pytest.fixture
def other() -> Iterator[object]:
    """A second connection to the same database, in a transaction of its own."""
    import psycopg

    settings = connection.get_connection_params()
    with psycopg.connect(
        host=settings.get("host"), port=settings.get("port"), user=settings.get("user"), dbname=settings["dbname"]
    ) as con:
        yield con


def drain(consumer: str) -> list[str]:
    """Read as a consumer does, one entry at a time."""
    found = []
    while entries := queries.read(consumer, 1):
        found.append(entries[0].name)
        actions.advance(consumer, entries[0].seq)
    return found


def interleaved(other: object, *, early_id: bool) -> list[str]:
    """An open transaction holds the lower seq while a later one commits; what a reader gets."""
    with other.cursor() as slow:  # type: ignore[attr-defined]
        if early_id:
            slow.execute("SELECT pg_current_xact_id()")  # it has its id before the fast one, and its seq after …
        else:
            changelog.append(slow, [NewEntry("event", name="slow")], "postgresql")
        with connection.cursor() as fast:
            changelog.append(fast, [NewEntry("event", name="fast")], "postgresql")
        seen = drain("reader")
        if early_id:
            changelog.append(slow, [NewEntry("event", name="slow")], "postgresql")
        with connection.cursor() as fast:
            changelog.append(fast, [NewEntry("event", name="later")], "postgresql")
        seen += drain("reader")
        other.commit()  # type: ignore[attr-defined]
    return seen + drain("reader")


@pytest.mark.parametrize("early_id", [False, True])
def test_an_entry_of_a_transaction_that_ends_late_is_not_skipped(other: object, early_id: bool) -> None:
    assert sorted(interleaved(other, early_id=early_id)) == ["fast", "later", "slow"]
    Position.objects.all().delete()
    Entry.objects.all().delete()


def test_without_the_horizon_it_would_be_skipped(other: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_SETTLED", "TRUE")
    monkeypatch.setattr(log, "HORIZON", "9223372036854775807")
    assert "slow" not in interleaved(other, early_id=False)


def test_in_the_order_of_the_sequence_it_would_be_skipped(other: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The horizon alone is not enough: of two open transactions the one with the higher id may hold the lower seq."""
    with other.cursor() as slow, connections["default"].cursor() as fast:  # type: ignore[attr-defined]
        fast.execute("BEGIN")
        fast.execute("SELECT pg_current_xact_id()")
        changelog.append(slow, [NewEntry("event", name="low seq, high id")], "postgresql")
        changelog.append(fast, [NewEntry("event", name="high seq, low id")], "postgresql")
        fast.execute("COMMIT")
        by_seq = Entry.objects.order_by("-seq").values_list("seq", flat=True)[0]
        assert drain("reader") == ["high seq, low id"]
        other.commit()  # type: ignore[attr-defined]
        assert drain("reader") == ["low seq, high id"]
        assert not Entry.objects.filter(seq__gt=by_seq).exists()  # what a position by seq alone would read next


def test_a_dump_restored_into_a_younger_cluster_is_read_on(other: object) -> None:
    with connection.cursor() as cursor:
        changelog.append(cursor, [NewEntry("event", name=f"e{n}") for n in range(3)], "postgresql")
        first = queries.read("reader", 1)
        actions.advance("reader", first[0].seq)
        cursor.execute("UPDATE events_entry SET tx = tx + 1000000000")
        cursor.execute("UPDATE events_position SET tx = tx + 1000000000")
        assert queries.read("reader") == []
        assert actions.settle_after_restore()
        changelog.append(cursor, [NewEntry("event", name="new")], "postgresql")
    assert drain("reader") == ["e1", "e2", "new"]
    assert not actions.settle_after_restore()
