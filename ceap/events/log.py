"""Reading the change log in the order of commits, never past a transaction that is still open.

SQLite has one writer, so `seq` grows in the order of commits. On PostgreSQL a lower `seq` may be committed after a
higher one; there entries are read in the order (tx, seq), and only those whose transaction id lies below the oldest
one still running: nothing can appear before them any more. See docs/decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection

from ceap.events.contracts import Entry

_COLUMNS = "seq, {tx} AS tx, at, kind, name, customer, dedupe, payload"
_SETTLED = "(tx < {horizon} OR tx = pg_current_xact_id_if_assigned()::text::bigint)"
HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def after(tx: int, seq: int, limit: int, without: Sequence[str] = ()) -> list[Entry]:
    """At most `limit` settled entries after the position (tx, seq), in the order of commits, without some kinds."""
    kinds = f"AND kind NOT IN ({', '.join(['%s'] * len(without))}) " if without else ""
    if connection.vendor == "postgresql":
        sql = (
            f"SELECT {_COLUMNS.format(tx='tx')} FROM events_entry WHERE (tx, seq) > (%s, %s) "
            f"AND {_SETTLED.format(horizon=HORIZON)} {kinds}ORDER BY tx, seq LIMIT %s"
        )
        values = [tx, seq, *without, limit]
    else:
        sql = f"SELECT {_COLUMNS.format(tx='0')} FROM events_entry WHERE seq > %s {kinds}ORDER BY seq LIMIT %s"
        values = [seq, *without, limit]
    return _read(sql, values)


def at(tx: int, seq: int) -> Entry | None:
    """The entry at a position, if it is still in the log."""
    where, values = ("tx = %s AND seq = %s", [tx, seq]) if connection.vendor == "postgresql" else ("seq = %s", [seq])
    column = "tx" if connection.vendor == "postgresql" else "0"
    found = _read(f"SELECT {_COLUMNS.format(tx=column)} FROM events_entry WHERE {where}", values)
    return found[0] if found else None


def last() -> Entry | None:
    """The newest settled entry."""
    if connection.vendor == "postgresql":
        sql = f"WHERE {_SETTLED.format(horizon=HORIZON)} ORDER BY tx DESC, seq DESC LIMIT 1"
        found = _read(f"SELECT {_COLUMNS.format(tx='tx')} FROM events_entry {sql}", [])
    else:
        found = _read(f"SELECT {_COLUMNS.format(tx='0')} FROM events_entry ORDER BY seq DESC LIMIT 1", [])
    return found[0] if found else None


def tx_of(seq: int) -> int:
    """The transaction of entry `seq`; 0 on SQLite and for an entry that is not in the log."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT tx FROM events_entry WHERE seq = %s", [seq])
        row = cursor.fetchone()
    return row[0] if row else 0


def unsettled() -> int:
    """Committed entries that must wait for an older transaction to end (always 0 on SQLite)."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM events_entry WHERE NOT {_SETTLED.format(horizon=HORIZON)}")
        return int(cursor.fetchone()[0])


def passed(place: tuple[int, int], before: datetime, limit: int) -> list[Entry]:
    """The oldest entries that lie before a position and before the first entry accepted at a moment or later.

    They are a beginning of the log: what is read from the archive always comes before what is read from the log.
    """
    postgresql = connection.vendor == "postgresql"
    column, order = ("tx", "tx, seq") if postgresql else ("0", "seq")
    moment = before if postgresql else str(before.astimezone(UTC).replace(tzinfo=None))
    young = f"SELECT {_COLUMNS.format(tx=column)} FROM events_entry WHERE at >= %s ORDER BY {order} LIMIT 1"
    if found := _read(young, [moment]):
        place = min(place, (found[0].tx, found[0].seq))
    where, values = ("(tx, seq) < (%s, %s)", [*place]) if postgresql else ("seq < %s", [place[1]])
    return _read(
        f"SELECT {_COLUMNS.format(tx=column)} FROM events_entry WHERE {where} ORDER BY {order} LIMIT %s",
        [*values, limit],
    )


def behind(tx: int, seq: int) -> tuple[int, datetime | None]:
    """How many entries lie after a position, and when the oldest of them was accepted."""
    where, values = ("(tx, seq) > (%s, %s)", [tx, seq]) if connection.vendor == "postgresql" else ("seq > %s", [seq])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), min(at) FROM events_entry WHERE {where}", values)
        count, oldest = cursor.fetchone()
    return int(count), _moment(oldest) if oldest else None


def _read(sql: str, values: list[Any]) -> list[Entry]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            Entry(seq, tx, _moment(at), kind, name, customer, dedupe, msgspec.json.decode(payload))
            for seq, tx, at, kind, name, customer, dedupe, payload in cursor.fetchall()
        ]


def _moment(value: str | datetime) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
