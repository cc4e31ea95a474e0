"""Files of customers, for who may see the customer and the field."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.customers.contracts import Field, FieldType
from ceap.customers.models import Customer, CustomerFile
from ceap.customers.queries.customers import find
from ceap.customers.queries.fields import fields_for
from ceap.kit.home import Home
from ceap.kit.problem import Conflict, NotFound

KEPT = (FieldType.FILE, FieldType.SIGNATURE)


@dataclass(frozen=True)
class Opened:
    """A file that was checked against its checksum: `data` is all of it."""

    name: str
    content_type: str
    data: bytes


def files_folder() -> Path:
    """Where files of customers are, each at `path_of` its SHA-256."""
    return Home.load().path / "media" / "customers"


def path_of(sha256: str) -> Path:
    """Where contents with this SHA-256 are kept."""
    return files_folder() / sha256[:2] / sha256


def field_with_files(actor: Actor, key: str) -> Field:
    """The custom field of type file or signature that `actor` may see.

    Raises:
        NotFound: there is no such field for the actor.
    """
    found = next((f for f in fields_for(actor) if f.key == key and f.custom and f.type in KEPT), None)
    if found is None:
        raise NotFound("There is no such field for files or signatures.")
    return found


def named(row: Customer, key: str) -> set[str]:
    """The ids of files that the customer's value of a field names."""
    value = row.custom.get(key) or []
    return {str(one.get("file")) for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)}


def open_file(actor: Actor, customer: int, file: UUID) -> Opened:
    """A file that a field of the customer names.

    Raises:
        NotFound: there is none that `actor` may see.
        Conflict: it is damaged or lost; it is not given out.
    """
    actor.require("customers_view")
    row = find(actor, customer)
    kept = CustomerFile.objects.filter(pk=file, customer=row).first()
    if kept is None or str(kept.pk) not in named(row, kept.field):
        raise NotFound("There is no such file.")
    field_with_files(actor, kept.field)
    try:
        data = path_of(kept.sha256).read_bytes()
    except FileNotFoundError:
        raise Conflict("The contents of this file are lost; restore them from a backup.") from None
    if hashlib.sha256(data).hexdigest() != kept.sha256:
        raise Conflict("The contents of this file are damaged; restore them from a backup.")
    return Opened(kept.name, kept.content_type, data)
