"""The fields that customers have."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.customers import actions, queries, schemas
from ceap.customers.api.router import router
from ceap.customers.contracts import Field, FieldType
from ceap.customers.models import CustomField

SUGGESTING = {FieldType.TEXT, FieldType.DROPDOWN, FieldType.MULTIPLE}


def _field(field: Field, row: CustomField | None = None) -> dict[str, Any]:
    return {
        "id": row and row.pk, "key": field.key, "label": field.label, "type": field.type, "group": field.group,
        "options": list(field.options), "custom": field.custom, "editable": field.editable,
        "suggests": field.type in SUGGESTING, "retired_at": row and row.retired_at, "roles": list(field.roles),
    }  # fmt: skip


@router.get("/fields", response=list[schemas.FieldOut])
def fields(request: HttpRequest, retired: bool = False) -> Any:
    """Every field a customer has; with `retired` also the custom ones out of use."""
    who = actor(request)
    rows = {row.key: row for row in queries.all_fields(who)}
    live = [_field(f, rows.get(f.key) if f.custom else None) for f in queries.fields_for(who)]
    gone = [_field(queries.contract(row), row) for row in rows.values() if row.retired_at] if retired else []
    return [*live, *gone]


def _changed(row: CustomField) -> dict[str, Any]:
    return _field(queries.contract(row), row)


@router.post("/fields", response={201: schemas.FieldOut})
def add_field(request: HttpRequest, body: schemas.FieldIn) -> Any:
    """Add a custom field."""
    made = actions.add_field(actor(request), body.label, body.type, key=body.key, options=body.options)
    return Answer(201, _changed(made))


@router.put("/fields/order", response=list[schemas.FieldOut])
def order_fields(request: HttpRequest, body: schemas.FieldOrderIn) -> Any:
    """Put the custom fields in use in this order."""
    return [_changed(row) for row in actions.order_fields(actor(request), body.ids)]


@router.put("/fields/{key}/roles", response=schemas.FieldAccessOut)
def limit_field(request: HttpRequest, key: str, body: schemas.FieldAccessIn) -> Any:
    """Say which roles may see a field; none = everybody."""
    return {"key": key, "roles": actions.limit_field(actor(request), key, body.roles)}


@router.get("/fields/roles", response=list[schemas.RoleNameOut])
def roles(request: HttpRequest) -> Any:
    """The roles that a field can be limited to, by name."""
    return [{"key": key, "name": name} for key, name in queries.role_names(actor(request)).items()]


@router.get("/fields/{key}/uses", response=list[schemas.FieldUseOut])
def uses(request: HttpRequest, key: str) -> Any:
    """Where a field is used: rules of segments, templates."""
    return queries.uses(actor(request), key)


@router.patch("/fields/{field_id}", response=schemas.FieldOut)
def change_field(request: HttpRequest, field_id: UUID, body: schemas.FieldChange) -> Any:
    """Rename a custom field, change its options."""
    return _changed(actions.change_field(actor(request), field_id, label=body.label, options=body.options))


@router.post("/fields/{field_id}/retire", response=schemas.FieldOut)
def retire_field(request: HttpRequest, field_id: UUID) -> Any:
    """Take a custom field out of use; its values are kept."""
    return _changed(actions.retire_field(actor(request), field_id))


@router.post("/fields/{field_id}/restore", response=schemas.FieldOut)
def restore_field(request: HttpRequest, field_id: UUID) -> Any:
    """Take a retired field back into use."""
    return _changed(actions.restore_field(actor(request), field_id))
