"""Events and purchases that are past their age: out of the log, the files of the archive and the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models import QuerySet

from ceap.core.copies import NotYet
from ceap.core.retention import Order
from ceap.events import archive, queries
from ceap.events.contracts import WarehouseBusy, WarehouseNotReady
from ceap.events.models import ArchiveFile, Entry, Position
from ceap.events.rewriting import replace

DONE = ("event", "purchase")  # kinds of entries that say what a customer did
CHUNK = 10_000


def count(order: Order) -> int:
    """How many events and purchases happened before the month of `order.before`."""
    found = len(_entries(order))
    for file in _files(order):
        path = archive.folder() / file.file
        columns = [c for c in ("at", "customer", "kind") if c in pq.ParquetFile(path).schema_arrow.names]
        found += pc.sum(_old(pq.read_table(path, columns=columns), order)).as_py() or 0
    return found


def remove(order: Order) -> Iterator[int]:
    """Take them away, a file at a time; then the warehouse is made again without them.

    Raises:
        ArchiveDamaged: a file is not what was written. NotYet: the warehouse is in use.
    """
    removed = 0
    entries = _entries(order)
    for start in range(0, len(entries), CHUNK):
        gone, _ = Entry.objects.filter(seq__in=entries[start : start + CHUNK]).delete()
        removed += gone
        yield gone
    with archive.MOVING:
        for file in _files(order):
            parts = list(archive.read(file.file, file.sha256))
            left = [part.filter(pc.invert(_old(part, order))) for part in parts]
            gone = sum(part.num_rows for part in parts) - sum(part.num_rows for part in left)
            if gone:
                rows = pa.concat_tables(left)
                file.rows = rows.num_rows
                replace(file, rows)
            order.beat("the event archive")
            removed += gone
            yield gone
    try:
        if removed or _in_warehouse(order):
            queries.warehouse().renew(lambda: order.beat("the warehouse"))
    except (WarehouseBusy, WarehouseNotReady) as reason:
        raise NotYet(str(reason.detail)) from reason


def _in_warehouse(order: Order) -> bool:
    """Whether the warehouse has rows that are past their age: a process that died had only come as far as the files."""
    warehouse, before, found = queries.warehouse(), _before(order).replace(tzinfo=None), 0
    for name in ("events", "purchases"):
        rows = warehouse.table(name)
        rows = rows.filter(rows["at"] < ibis.literal(before, type="timestamp"))
        if order.held:
            rows = rows.filter(rows.customer.isnull() | rows.customer.notin(sorted(order.held)))
        found += warehouse.run(rows.count()).column(0)[0].as_py()
    return found > 0


def _before(order: Order) -> datetime:
    """The beginning of the month: a file is then written anew once a month, not every day."""
    return order.before.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _entries(order: Order) -> list[int]:
    """The entries of the log that are past their age and that every reader has read."""
    places = list(Position.objects.values_list("seq", flat=True))
    rows: QuerySet[Entry] = Entry.objects.filter(kind__in=DONE, at__lt=_before(order), seq__lte=min(places, default=0))
    return [seq for seq, customer in rows.values_list("seq", "customer") if customer not in order.held]


def _files(order: Order) -> list[ArchiveFile]:
    """The files whose oldest row is past its age."""
    before = _before(order).replace(tzinfo=None)
    return [file for file in ArchiveFile.objects.order_by("file") if (at := _oldest(file)) and at < before]


def _oldest(file: ArchiveFile) -> datetime | None:
    path = archive.folder() / file.file
    if not path.is_file():  # damage is for the health page to tell
        return None
    with pq.ParquetFile(path) as read:
        meta, at = read.metadata, read.schema_arrow.names.index("at")
        found = [meta.row_group(n).column(at).statistics for n in range(meta.num_row_groups)]
    moments = [one.min for one in found if one is not None and one.has_min_max]
    return min(moments, default=None)


def _old(rows: pa.Table, order: Order) -> pa.ChunkedArray:
    """Which rows go: true or false for each."""
    before = pa.scalar(_before(order).replace(tzinfo=None), rows.schema.field("at").type)
    old = pc.fill_null(pc.less(rows["at"], before), False)
    if "kind" in rows.column_names:
        old = pc.and_(old, pc.is_in(rows["kind"], pa.array(DONE)))
    held = pc.fill_null(pc.is_in(rows["customer"], pa.array(sorted(order.held), pa.int64())), False)
    return pc.and_(old, pc.invert(held))
