"""Files of the event archive without an erased person: written anew under another checksum, in one transaction each."""

from __future__ import annotations

from functools import partial, reduce
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from ceap.core.copies import Person
from ceap.events import archive
from ceap.events.models import ArchiveFile

TEXTS = ("name", "dedupe", "payload", "key", "item", "campaign", "order_id", "item_name", "category", "outlet", "props")


def erase(person: Person) -> int:
    """Rewrite every file that holds the person; how many. Rows stay, their properties and the person's name go.

    Raises:
        ArchiveDamaged: a file is not what was written.
    """
    with archive.MOVING:
        return _rewritten(person)


def _rewritten(person: Person) -> int:
    _forget_replaced()
    rewritten = 0
    for file in ArchiveFile.objects.order_by("file"):
        parts = list(archive.read(file.file, file.sha256))
        left = [_without(part, person) for part in parts]
        person.beat("the event archive")
        if any(new is not old for new, old in zip(left, parts, strict=True)):
            replace(file, pa.concat_tables(left))
            rewritten += 1
    return rewritten


def replace(file: ArchiveFile, rows: pa.Table) -> None:
    """Put `rows` in the place of what a file holds: a new file, then the row that names it, then the old file goes."""
    name = archive.following(file.file)
    (archive.folder() / name).unlink(missing_ok=True)  # of a process that died before its transaction ended
    name, sha256 = archive.write(file.table, rows, name)
    old = file.file
    with transaction.atomic():
        ArchiveFile.objects.filter(pk=old).delete()
        file.original, file.file, file.sha256 = file.original or old, name, sha256
        file.save(force_insert=True)
        transaction.on_commit(partial((archive.folder() / old).unlink, missing_ok=True))


def _forget_replaced() -> None:
    """Files that were replaced by a process which died before it deleted them."""
    known = set(ArchiveFile.objects.values_list("file", flat=True))
    bases = {name.removesuffix(".parquet").partition(".r")[0] for name in known}
    for path in archive.folder().glob("*.parquet"):
        if path.name not in known and path.name.removesuffix(".parquet").partition(".r")[0] in bases:
            path.unlink(missing_ok=True)


def _without(rows: pa.Table, person: Person) -> pa.Table:
    """The rows without the person; the same table when they do not hold the person."""
    own = pc.fill_null(pc.is_in(rows["customer"], pa.array(person.customers, pa.int64())), False)
    texts = [name for name in TEXTS if name in rows.column_names]
    named = [_named(rows[name], person.traces.likes) for name in texts] if person.traces.likes else []
    touched = reduce(pc.or_, named, own)
    if not pc.any(touched).as_py():
        return rows
    places = pc.indices_nonzero(touched).to_pylist()
    changed = {name: rows[name].to_pylist() for name in texts}
    mine = own.to_pylist()
    for place in places:
        for name, values in changed.items():
            values[place] = _text(name, values[place], mine[place], person)
    new = rows
    for name, values in changed.items():
        kind = rows.schema.field(name)
        new = new.set_column(new.schema.get_field_index(name), kind, pa.array(values, kind.type))
    return rows if new.equals(rows) else new


def _named(column: Any, patterns: tuple[str, ...]) -> Any:
    """Which texts may name the person (LIKE patterns)."""
    found = [pc.match_like(column, pattern.replace("\\", "\\\\"), ignore_case=True) for pattern in patterns]
    return pc.fill_null(reduce(pc.or_, found), False)


def _text(column: str, text: str | None, own: bool, person: Person) -> str | None:
    if text is None or (column == "props" and own):
        return None
    if column not in ("payload", "props"):
        return person.traces.scrub(text)
    said = msgspec.json.decode(text)
    if own and isinstance(said, dict):
        said.pop("props", None)
    new = person.traces.scrub_json(said)
    return text if new == said and not own else msgspec.json.encode(new).decode()
