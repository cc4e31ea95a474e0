"""Files and signatures of customers: taken, taken away, and swept when nothing names them any more."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.core.changelog import customers_changed
from ceap.customers.actions import values
from ceap.customers.actions.identities import locked
from ceap.customers.contracts import Field, FieldType
from ceap.customers.models import Customer, CustomerFile
from ceap.customers.queries.files import field_with_files, files_folder, named, path_of
from ceap.customers.rules.files import MOST_BYTES, MOST_FILES, content_type, plain_name
from ceap.customers.rules.pictures import NoPicture, signed
from ceap.customers.rules.values import kept
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.kit.problem import NotFound, Problem, invalid

_CONTENTS = 7_230_021  # PostgreSQL: contents are written and deleted one at a time
UNCLAIMED = timedelta(hours=1)  # contents that a dying process left behind


class FileTooLarge(Problem):
    """The file is over the limit."""

    status = 413
    title = "This file is too large"


def add_file(actor: Actor, customer: int, key: str, name: str, blocks: Iterable[bytes]) -> Customer:
    """Keep a file in field `key` of a customer; a signature (a PNG picture) takes the place of the one before.

    Raises:
        NotFound: there is no such customer or field for the actor. Forbidden: the actor may not edit the customer.
        FileTooLarge: more than 10 MB.
        Invalid: a file of a kind that is not kept, a signature that is none, or the field is full.
    """
    field, name, data = field_with_files(actor, key), plain_name(name), _all(blocks)
    kind = _checked(field, name, data)
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        row = locked(actor, customer)
        _one_at_a_time()
        _write(sha256, data)
        made = CustomerFile.objects.create(
            id=uuid7(), customer=row, field=key, name=name, content_type=kind, size=len(data), sha256=sha256,
            created_by=actor.name[:120], created_at=now(),
        )  # fmt: skip
        value: Any = {"file": str(made.pk), "signed_at": kept(now())}
        if field.type is FieldType.FILE:
            value = [*(row.custom.get(key) or []), {"name": name, "file": str(made.pk)}]
            if len(value) > MOST_FILES:
                raise invalid("file", f"{field.label} holds {MOST_FILES} files at most; take one away first.")
        verb = "customers.sign" if field.type is FieldType.SIGNATURE else "customers.add_file"
        _save(actor, row, key, value, verb, {"sha256": sha256, "size": len(data)})
    return row


def remove_file(actor: Actor, customer: int, file: UUID) -> Customer:
    """Take a file or signature away from a customer.

    Raises:
        NotFound: there is none that the actor may see. Forbidden: the actor may not edit the customer.
    """
    with transaction.atomic():
        row = locked(actor, customer)
        found = CustomerFile.objects.filter(pk=file, customer=row).first()
        if found is None or str(file) not in named(row, found.field):
            raise NotFound("There is no such file.")
        field = field_with_files(actor, found.field)
        value = row.custom[field.key]
        left = [one for one in value if one.get("file") != str(file)] if isinstance(value, list) else None
        _save(actor, row, field.key, left or None, "customers.remove_file", {})
    return row


def require_own_files(row: Customer, given: dict[str, Any]) -> None:
    """Refuse values that name a kept file which is not one of this field of this customer.

    Raises:
        Invalid: naming the field.
    """
    for key, value in given.items():
        if isinstance(value, (list, dict)):
            names = named(Customer(custom={key: value}), key) - named(row, key)
            if any(_is_id(name) for name in names):
                raise invalid(key, "This names a file that is not there; upload it to the customer.")


def forget_unnamed(row: Customer, keys: Iterable[str]) -> None:
    """Give up the files that these fields of the customer no longer name; inside the transaction of the change."""
    gone = [
        file for file in CustomerFile.objects.filter(customer=row, field__in=keys)
        if str(file.pk) not in named(row, file.field)
    ]  # fmt: skip
    give_up(gone)


def give_up(files: Iterable[CustomerFile]) -> None:
    """Forget files, and delete what they hold once the transaction has ended and nothing else holds the same."""
    gone = list(files)
    if gone:
        CustomerFile.objects.filter(pk__in=[file.pk for file in gone]).delete()
        transaction.on_commit(partial(delete_unclaimed, {file.sha256 for file in gone}))


def delete_unclaimed(sums: Iterable[str]) -> int:
    """Delete the contents with these SHA-256 that no file claims; how many that were."""
    deleted = 0
    for sha256 in sums:
        with transaction.atomic():
            _one_at_a_time()
            path = path_of(sha256)
            if path.exists() and not CustomerFile.objects.filter(sha256=sha256).exists():
                path.unlink()
                deleted += 1
    return deleted


def sweep_files() -> int:
    """Forget files that no field names (an import replaced the value) and contents that no file claims."""
    for file in CustomerFile.objects.select_related("customer").iterator():
        if str(file.pk) not in named(file.customer, file.field):
            with transaction.atomic():
                row = Customer.objects.select_for_update().get(pk=file.customer_id)
                forget_unnamed(row, [file.field])
    before = (now() - UNCLAIMED).timestamp()
    left = [path for path in files_folder().glob("??/*") if path.stat().st_mtime < before]
    for part in (path for path in left if path.suffix):  # its writer died
        part.unlink(missing_ok=True)
    return delete_unclaimed(path.name for path in left if not path.suffix)


def _all(blocks: Iterable[bytes]) -> bytes:
    data = bytearray()
    for block in blocks:
        data += block
        if len(data) > MOST_BYTES:
            raise FileTooLarge(f"A file may have at most {MOST_BYTES // 1_000_000} MB.")
    return bytes(data)


def _checked(field: Field, name: str, data: bytes) -> str:
    """The media type of what is given for the field."""
    try:
        kind = content_type(name, data)
        if field.type is FieldType.SIGNATURE and not signed(data):
            raise NoPicture("is not a signature: nothing, or hardly anything, is drawn")
    except ValueError as error:
        raise invalid("file", f"“{name}” {error}.") from None
    return kind


def _one_at_a_time() -> None:
    """Hold back others that write or delete contents until the transaction ends (SQLite: writers are alone anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CONTENTS])


def _write(sha256: str, data: bytes) -> None:
    path = path_of(sha256)
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def _save(actor: Actor, row: Customer, key: str, value: Any, verb: str, more: dict[str, Any]) -> None:
    before, after = values.apply(row, {key: value})
    row.updated_at, row.updated_by_id, row.version = now(), actor.user_id, row.version + 1
    row.save()
    forget_unnamed(row, [key])
    audit(actor, verb, "customer", row.pk, str(row), before=before, after=after | more)
    with connection.cursor() as cursor:
        customers_changed(cursor, [row.pk], connection.vendor)


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
