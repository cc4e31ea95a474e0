"""Writes about the change log and the archive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from ceap.accounts.queries import setting
from ceap.core import changelog
from ceap.events import archive, log
from ceap.events.contracts import BATCH_TABLES
from ceap.events.models import ArchiveFile, Entry, Position
from ceap.events.rules import content_keys
from ceap.kit.clock import now
from ceap.kit.problem import FieldError, Invalid

ENTRIES_A_FILE = 200_000
_REQUIRED = {"events": ("name", "at"), "purchases": ("at",)}


def advance(consumer: str, seq: int) -> None:
    """Say that `consumer` has dealt with every entry up to and including `seq` (the last one it was given)."""
    place = {"seq": seq, "tx": log.tx_of(seq), "at": now()}
    Position.objects.update_or_create(consumer=consumer, defaults=place)


def write_batch(table: str, data: pa.Table, *, label: str = "") -> ArchiveFile:
    """Keep bulk data: a checksummed Parquet file below home/archive and one "batch" entry, in the caller's transaction.

    Args:
        table: "events" or "purchases".
        data: any of the columns of `contracts.BATCH_TABLES[table]` (missing ones are null; types are cast; text "" is
            null; moments with a zone become UTC). `amount` of a purchase defaults to quantity × unit_price. `key`
            defaults to a hash of the row's content and its how-manieth occurrence in `data` (`queries.content_keys`,
            for files that come in parts): a row whose key is known already is never added again.
        label: the name of the entry, by which readers of the log can tell files apart.

    Raises:
        Invalid: names a column that is unknown, missing, or has a value that does not fit.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("write_batch() belongs in the transaction of what it is part of")
    rows = _fitted(table, data)
    name, sha256 = archive.write(table, rows)
    file = ArchiveFile.objects.create(file=name, sha256=sha256, table=table, rows=rows.num_rows, created_at=now())
    payload = {"file": name, "sha256": sha256, "rows": rows.num_rows, "table": table}
    with connection.cursor() as cursor:
        changelog.append(cursor, [changelog.NewEntry("batch", payload, label)], connection.vendor)
    return file


def archive_passed(beat: Callable[[], None] = lambda: None) -> int:
    """Move log entries that every consumer has passed, and that are older than the setting `log_days`, to the archive.

    Until then a repeated client event id is recognised at the door; afterwards only by the warehouse, by its key.

    Returns:
        How many entries were moved.
    """
    places = list(Position.objects.values_list("tx", "seq"))
    if not places:
        return 0
    before = now() - timedelta(days=int(str(setting("log_days"))))
    with archive.MOVING:
        return _moved(places, before, beat)


def _moved(places: list[tuple[int, int]], before: datetime, beat: Callable[[], None]) -> int:
    moved = 0
    while entries := log.passed(min(places), before, ENTRIES_A_FILE):
        columns = {name: [getattr(e, name) for e in entries] for name in archive.ENTRIES.names}
        columns["payload"] = [msgspec.json.encode(p).decode() for p in columns["payload"]]
        name, sha256 = archive.write("entries", pa.table(columns, schema=archive.ENTRIES))
        seqs = columns["seq"]
        with transaction.atomic():
            ArchiveFile.objects.create(
                file=name, sha256=sha256, table="entries", rows=len(seqs), first_seq=min(seqs), last_seq=max(seqs),
                created_at=now(),
            )  # fmt: skip
            for start in range(0, len(seqs), 10_000):
                Entry.objects.filter(seq__in=seqs[start : start + 10_000]).delete()
        moved += len(seqs)
        beat()
    return moved


def sweep_archive() -> list[str]:
    """Remove archive files whose transaction never committed; their names."""
    return archive.sweep()


def settle_after_restore() -> bool:
    """PostgreSQL: bring the log in order after a dump was restored into a cluster with lower transaction ids.

    Readers may be given some entries again. Returns whether there was anything to do.
    """
    if connection.vendor != "postgresql":
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT max(tx) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM events_entry")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(
            "UPDATE events_position AS p SET tx = 0, seq = least(p.seq, (SELECT min(e.seq) - 1 FROM events_entry e "
            "WHERE (e.tx, e.seq) > (p.tx, p.seq)))"
        )
        cursor.execute("UPDATE events_entry SET tx = 0")
    return True


def _fitted(table: str, data: pa.Table) -> pa.Table:
    """`data` with exactly the columns of `table`, each key once."""
    schema = BATCH_TABLES[table]
    wrong = [FieldError(n, "There is no such column.") for n in data.column_names if n not in schema.names]
    if wrong:
        raise Invalid(f"Unknown columns: {', '.join(e.field for e in wrong)}", errors=wrong)
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    for field in schema:
        if field.name in data.column_names:
            try:
                columns[field.name] = _cast(data[field.name], field.type)
            except pa.ArrowInvalid as error:
                message = f"A value does not fit {field.type}: {str(error).partition(chr(10))[0]}"
                raise Invalid(message, errors=[FieldError(field.name, message)]) from error
        else:
            columns[field.name] = pa.nulls(data.num_rows, field.type)
    if table == "purchases" and "amount" not in data.column_names:
        product = pc.multiply(columns["quantity"], columns["unit_price"])
        columns["amount"] = pc.round(product, 4).cast(schema.field("amount").type)
    for name in _REQUIRED[table]:
        if columns[name].null_count:
            raise Invalid(f"{name} is empty in {columns[name].null_count} rows", errors=[FieldError(name, "Is empty.")])
    rows = pa.table(columns)
    if columns["key"].null_count:
        keys = pc.coalesce(rows["key"], pa.chunked_array([content_keys(rows)]))
        rows = rows.set_column(rows.column_names.index("key"), "key", keys)
    if pc.count_distinct(rows["key"]).as_py() < rows.num_rows:
        firsts = {key: n for n, key in reversed(list(enumerate(rows["key"].to_pylist())))}
        rows = rows.take(pa.array(sorted(firsts.values())))
    return rows.select([n for n in schema.names if n != "seq"])


def _cast(values: pa.ChunkedArray, type: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_timestamp(values.type) and values.type.tz:
        values = values.cast(pa.timestamp("us", "UTC"))
    if pa.types.is_decimal(type):
        values = _exact(values, type.scale)
    values = values.cast(type)
    return pc.if_else(pc.equal(values, ""), None, values) if pa.types.is_string(type) else values


def _exact(values: pa.ChunkedArray, scale: int) -> pa.ChunkedArray:
    """Numbers as decimals of `scale` places: whole numbers and decimals exactly, others rounded to the nearest."""
    if pa.types.is_integer(values.type):
        return values.cast(pa.decimal128(19 + scale, scale))
    if pa.types.is_floating(values.type):
        return values.cast(pa.decimal128(38, scale))
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        values = pc.if_else(pc.equal(values, ""), None, values).cast(pa.decimal128(38, 12))
    return pc.round(values, scale)
