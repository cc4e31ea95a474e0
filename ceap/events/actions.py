"""Writes about the change log and the archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import organisation, setting
from ceap.core import changelog
from ceap.events import archive, log
from ceap.events.contracts import BATCH_TABLES, NewRate
from ceap.events.models import ArchiveFile, Entry, Position, Rate
from ceap.events.rules import keys_of, rate_faults
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
            of an order's line defaults to what it is known by in `data` (`core.orders.line_keys`, which also serves
            files that come in parts): a line whose key is known takes the place of that one. Of other rows it is a
            hash of the content and the occurrence number (`queries.content_keys`): an event whose key is known
            is never added again.
        label: the name of the entry, by which readers of the log can tell files apart.

    Raises:
        Invalid: names a column that is unknown, missing, or has a value that does not fit.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("write_batch() belongs in the transaction of what it is part of")
    rows = fitted(table, data)
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


def set_rates(actor: Actor, given: Sequence[NewRate]) -> int:
    """Keep rates, in one transaction; how many changed. Amounts in the warehouse follow within seconds.

    Raises:
        Forbidden: without "settings_manage".
        Invalid: a rate is none ("[n].field"); nothing was changed.
    """
    actor.require("settings_manage", Level.ALL)
    own = organisation().currency
    faults = [(n, fault) for n, one in enumerate(given) for fault in rate_faults(one, own, now().date())]
    errors = [FieldError(f"[{n}].{fault.field}", fault.message) for n, fault in faults]
    if errors:
        raise Invalid(f"{errors[0].field}: {errors[0].message}", errors=errors[:100])
    since: dict[str, str | None] = {}
    changed = []
    with transaction.atomic():
        rows = Rate.objects.select_for_update().filter(into=own, currency__in={one.currency for one in given})
        known = {(row.currency, row.day): row.rate for row in rows}
        for one in {(one.currency, one.day): one for one in given}.values():
            if known.get((one.currency, one.day)) != one.rate:
                changed.append(one)
                since[one.currency] = min(since.get(one.currency) or "9999", one.day.isoformat())
        for one in changed:
            if one.rate is None:
                Rate.objects.filter(into=own, currency=one.currency, day=one.day).delete()
        Rate.objects.bulk_create(
            [Rate(currency=one.currency, into=own, day=one.day, rate=one.rate) for one in changed if one.rate],
            update_conflicts=True, unique_fields=["currency", "into", "day"], update_fields=["rate"],
        )  # fmt: skip
        if changed:
            with connection.cursor() as cursor:
                changelog.rates_changed(cursor, since, connection.vendor)
            audit(actor, "rates.change", "rates", own, own, after={"since": since, "changed": len(changed)})
    return len(changed)


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


def fitted(table: str, data: pa.Table) -> pa.Table:
    """`data` as `write_batch` would keep it: exactly the columns of `table`, each key once.

    Raises:
        Invalid: as `write_batch`.
    """
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
    if table == "purchases" and columns["amount"].null_count:
        product = pc.round(pc.multiply(columns["quantity"], columns["unit_price"]), 4)
        columns["amount"] = pc.coalesce(columns["amount"], product.cast(schema.field("amount").type))
    for name in _REQUIRED[table]:
        if columns[name].null_count:
            raise Invalid(f"{name} is empty in {columns[name].null_count} rows", errors=[FieldError(name, "Is empty.")])
    rows = pa.table(columns)
    if columns["key"].null_count:
        keys = pc.coalesce(rows["key"], pa.chunked_array([keys_of(table, rows)]))
        rows = rows.set_column(rows.column_names.index("key"), "key", keys)
    if pc.count_distinct(rows["key"]).as_py() < rows.num_rows:
        numbered = list(enumerate(rows["key"].to_pylist()))
        places = {key: n for n, key in (numbered if table == "purchases" else reversed(numbered))}
        rows = rows.take(pa.array(sorted(places.values())))
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
